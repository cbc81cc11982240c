import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { Generations } from "../../../src/arbiter/generations/generations.ts";
import type { GenerationsOptions } from "../../../src/arbiter/generations/generations.ts";
import { namesOf } from "../../../src/arbiter/generations/names.ts";
import type { CornConfig } from "../../../src/config/table/types.ts";
import { makeCertificates } from "../../support/certificates.ts";
import { FakeRuntime, systemError } from "../../support/fake/runtime.ts";
import { configOf } from "../site.ts";

const generations = suite("Generations");

/** Generations on a fake machine; `open` gives the sockets of the next one. */
function begin(options: Partial<GenerationsOptions> = {}) {
  const runtime = new FakeRuntime();
  runtime.files.texts.set("/srv/app.ts", "");
  const all = new Generations({
    runtime,
    passed: [],
    handed: [],
    shared: () => false,
    names: namesOf(runtime, "file:///corn/mod.ts"),
    log: { info() {}, warning() {}, error() {}, debug() {} },
    ...options,
  });
  let last = 0;
  return {
    all,
    runtime,
    open: async (config: CornConfig) => {
      const made = await configOf({ workers: 2, ...config });
      return (await all.open(++last, made)).sockets;
    },
  };
}

async function refusalOf(opened: Promise<unknown>): Promise<string> {
  return await opened.then(
    () => "nothing was refused",
    ({ message }: Error) => message,
  );
}

const here = "127.0.0.1:4000";
const there = "127.0.0.1:5000";

generations("queues that nobody listened on before are fresh", async () => {
  const { open } = begin();
  assert.equal(await open({ bind: here, queues: 2 }), {
    id: 1,
    queues: 2,
    fresh: true,
  });
  // Beside them, others.
  assert.equal(await open({ bind: there, queues: 2 }), {
    id: 2,
    queues: 2,
    fresh: true,
  });
});

generations("more queues are added to those that are open", async () => {
  const { open, runtime } = begin();
  await open({ bind: here, queues: 2 });
  const [listener] = runtime.listeners;
  const { queues } = listener!;
  const asked: number[] = [];
  Object.assign(listener!, {
    grow(count: number) {
      asked.push(count);
      Object.assign(listener!, { queues: [...queues, 90] });
      return Promise.resolve();
    },
  });
  const sockets = { id: 1, fresh: true };
  assert.equal(await open({ bind: here, queues: 3 }), {
    ...sockets,
    queues: 3,
  });
  // Connections wait in those that a smaller pool does not need.
  assert.is((await open({ bind: here, queues: 1 })).queues, 3);
  assert.equal(asked, [3]);
  assert.is(runtime.listeners.length, 1);
});

generations("queues that an arbiter handed over are not fresh", async () => {
  const { open } = begin({
    handed: [{
      asked: here,
      address: { kind: "tcp", host: "127.0.0.1", port: 4000 },
      descriptors: [20, 21],
      passed: false,
    }],
  });
  assert.equal(await open({ bind: here, queues: 2 }), {
    id: 1,
    queues: 2,
    fresh: false,
  });
});

generations(
  "a socket that a service manager passed is not fresh, stays, and is handed on",
  async () => {
    const { all, open, runtime } = begin({
      passed: [{ kind: "fd", descriptor: 3 }],
    });
    const { links, texts } = runtime.files;
    links.set("/proc/self/fd/3", "socket:[1]");
    texts.set(
      "/proc/net/tcp",
      "head\n   0: 0100007F:0FA0 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1 1\n",
    );
    const first = await open({ bind: here });
    assert.is(first.fresh, false);
    assert.equal(await open({ bind: there }), first);
    all.closeOthers(new Set());
    assert.equal(all.handover(), [{
      asked: "fd://3",
      address: { kind: "tcp", host: "127.0.0.1", port: 4000 },
      descriptors: [3],
      passed: true,
    }]);
  },
);

generations("a reload of the same addresses keeps their sockets", async () => {
  const { open } = begin();
  const first = await open({ bind: here, queues: 2 });
  assert.equal(await open({ bind: here, queues: 2 }), first);
});

generations(
  "an address that a generation serves is not fresh for one with another beside it",
  async () => {
    const { all, open } = begin();
    await open({ bind: here, queues: 2 });
    assert.equal(await open({ bind: [here, there], queues: 2 }), {
      id: 2,
      queues: 2,
      fresh: false,
    });
    // An address that was closed meanwhile begins anew.
    all.closeOthers(new Set());
    assert.equal(await open({ bind: there, queues: 2 }), {
      id: 3,
      queues: 2,
      fresh: true,
    });
  },
);

generations("a generation that is closed has no sockets left", async () => {
  const { all, open, runtime } = begin();
  await open({ bind: here });
  await open({ bind: there });
  all.closeOthers(new Set([2]));
  assert.equal(runtime.listeners.map((one) => one.open), [false, true]);
  assert.equal(all.addressesOf(1), []);
  assert.equal(all.addressesOf(2), [`http://${there}`]);
  assert.throws(() => all.get(1), /Cannot get generation 1: it is closed/);
});

generations(
  "unix sockets are the workers' unless another is named",
  async () => {
    const { open, runtime } = begin();
    const { texts } = runtime.files;
    texts.set("/etc/passwd", "shop:x:1001:1002::/:\nweb:x:33:33::/:\n");
    texts.set("/etc/group", "");
    const ownerOf = async (config: CornConfig) => {
      await open({ bind: `unix:/run/${runtime.listeners.length}`, ...config });
      return runtime.listeners.at(-1)?.options.unixOwner;
    };
    assert.is(await ownerOf({}), undefined);
    assert.equal(await ownerOf({ user: "shop" }), { uid: 1001, gid: 1002 });
    assert.equal(await ownerOf({ user: "shop", unixOwner: "web" }), {
      uid: 33,
      gid: -1,
    });
  },
);

generations(
  "what workers need is made before an address is opened",
  async () => {
    const said: string[] = [];
    const { open, runtime } = begin({
      log: {
        ...{ info() {}, warning() {}, error() {} },
        debug: (text) => void said.push(text),
      },
    });
    const { files, listeners } = runtime;
    files.texts.set("/etc/passwd", "shop:x:1001:1002::/:\n");
    files.texts.set("/etc/group", "");
    files.failures.set("makePrivate /c/1001", systemError("EROFS"));
    const config = {
      ...{ user: "shop", accessLogfile: "/log/access", bind: here },
      compileCache: "/c",
    };
    await open(config);
    assert.equal(files.owners.get("/log/access"), { uid: 1001, gid: 1002 });
    assert.equal(said, [
      'Workers keep no compiled code in "/c/1001": EROFS: it was to be so',
    ]);
    files.texts.delete("/log/access");
    files.failures.set("createFor /log/access", systemError("EACCES"));
    assert.is(
      await refusalOf(open({ ...config, bind: there })),
      'Cannot make log file "/log/access": permission denied; choose a folder that this user may write to',
    );
    assert.is(listeners.length, 1);
  },
);

generations("a pool that has too few descriptors is refused", async () => {
  const { open, runtime } = begin();
  const limit = (count: number) =>
    runtime.files.texts.set(
      "/proc/self/limits",
      `Max open files            ${count}                 4096      files\n`,
    );
  limit(55);
  const needs = "with 55 open files: corn needs 56;";
  assert.match(await refusalOf(open({ bind: here })), needs);
  assert.match(await refusalOf(open({ bind: here, workers: "1..2" })), needs);
  assert.equal(runtime.listeners, []);
  limit(56);
  assert.is(await refusalOf(open({ bind: here })), "nothing was refused");
});

generations("an address is said once, and again where it changes", async () => {
  const said: string[] = [];
  const { all, open } = begin({
    log: {
      ...{ debug() {}, warning() {}, error() {} },
      info: (text) => void said.push(text),
    },
  });
  await open({ bind: here });
  await open({ bind: [here, there] });
  for (const number of [1, 1, 2]) all.logAddresses(number);
  const how = "(2 accept queues, held by the arbiter)";
  assert.equal(said, [
    `Listening at http://${here} ${how}`,
    `Listening at http://${there} ${how}`,
  ]);
});

generations(
  "what counts its queues is open from the start to the end",
  async () => {
    const { all, open, runtime } = begin();
    const gauges: string[] = [];
    runtime.gauge = () => {
      const at = gauges.push("open") - 1;
      return { read: () => [0, 0], close: () => void (gauges[at] = "closed") };
    };
    await open({ bind: here, queues: 2 });
    assert.equal(gauges, ["open"]);
    all.countQueues();
    all.closeOthers(new Set([1]));
    assert.equal(gauges, ["open"]);
    all.closeOthers(new Set());
    assert.equal(gauges, ["closed"]);
  },
);

generations(
  "a generation whose workers bind for themselves has no queues",
  async () => {
    const { open, runtime } = begin();
    runtime.holdsListeners = false;
    assert.equal(await open({ bind: here }), { id: 1, queues: 0, fresh: true });
  },
);

generations("what waits is told of each address", async () => {
  const { all, open, runtime } = begin();
  await open({ bind: [here, "unix:/run/corn.sock"], queues: 2 });
  const none = [{ address: `http://${here}`, queues: [] }, {
    ...{ address: "unix:/run/corn.sock", queues: [] },
  }];
  assert.equal(all.listenersOf(1), none, "the system does not tell");
  assert.is(all.backlog(1), undefined);
  assert.is(all.countQueues(), undefined);
  runtime.waiting = [3, 4];
  assert.equal(all.listenersOf(1), [
    {
      address: `http://${here}`,
      queues: [{ queue: 1, waiting: 3 }, { queue: 2, waiting: 4 }],
    },
    none[1],
  ]);
  assert.is(all.backlog(1), 7);
  assert.equal(all.countQueues(), { 1: [3, 4] });
  assert.equal(all.queues(1).map(({ waiting }) => waiting), [3, 4]);
  // Of a generation that is closed there is nothing to tell.
  assert.equal([all.backlog(2), all.queues(2), all.listenersOf(2)], [
    undefined,
    [],
    [],
  ]);
  assert.equal(all.certificatesOf(1), []);
});

generations(
  "a generation with other addresses beside has queues of its own",
  async () => {
    const { open } = begin();
    const both = await open({ bind: [here, there], queues: 2 });
    const own = { id: 2, queues: 2, fresh: false };
    assert.equal(
      await open({ bind: [here, "127.0.0.1:6000"], queues: 2 }),
      own,
    );
    assert.equal(await open({ bind: [here, there], queues: 2 }), both);
  },
);

const tls = suite("Generations that speak TLS", "openssl");

/** Where these are spoken to, with a certificate. */
async function addresses(
  config: CornConfig,
  options: Partial<GenerationsOptions> = {},
): Promise<string[]> {
  const { all, open, runtime } = begin(options);
  const { cert, key } = makeCertificates().server;
  const { texts, links } = runtime.files;
  texts.set("/tls/a.pem", cert);
  texts.set("/tls/a.key", key);
  links.set("/proc/self/fd/3", "socket:[1]");
  texts.set(
    "/proc/net/tcp",
    "head\n   0: 0100007F:0FA0 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1 1\n",
  );
  await open({ certfile: "/tls/a.pem", keyfile: "/tls/a.key", ...config });
  assert.is(all.certificatesOf(1).length, 1);
  const found = all.addressesOf(1);
  assert.equal(all.listenersOf(1).map(({ address }) => address), found);
  all.closeOthers(new Set([1]));
  assert.is(runtime.clock.due().length, 1, "its certificates are looked at");
  all.closeOthers(new Set());
  assert.equal(runtime.clock.due(), [], "and let go with it");
  return found;
}

tls("each address is spoken to as its bind says", async () => {
  assert.equal(
    await addresses({ bind: [`http://${here}`, there, "unix:/run/a.sock"] }),
    [`http://${here}`, `https://${there}`, "unix:/run/a.sock"],
  );
});

tls("of a socket that was passed the bind of its port tells", async () => {
  const passed = [{ kind: "fd", descriptor: 3 }] as const;
  const spoken = (bind: string[]) => addresses({ bind }, { passed });
  const other = "127.0.0.1:6000";
  assert.equal(
    await spoken([`http://${there}`, `http://${here}`, other]),
    [`http://${here}`],
  );
  assert.equal(await spoken([`http://${there}`, other]), [`https://${here}`]);
  assert.equal(await spoken(["unix:/run/a.sock", `https://${here}`]), [
    `https://${here}`,
  ]);
});

generations.run();
tls.run();

import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { Generations } from "../../../src/arbiter/generations/generations.ts";
import type { GenerationsOptions } from "../../../src/arbiter/generations/generations.ts";
import { namesOf } from "../../../src/arbiter/generations/names.ts";
import type { CornConfig } from "../../../src/config/table/types.ts";
import { FakeRuntime } from "../../support/fake/runtime.ts";
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

generations.run();

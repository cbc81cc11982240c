import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { Listeners } from "../../../src/arbiter/sockets/listeners.ts";
import type { HandedAddress } from "../../../src/arbiter/sockets/handed-address.ts";
import { FakeRuntime, systemError } from "../../support/fake/runtime.ts";

const listeners = suite("Listeners");

const TCP = { kind: "tcp", host: "127.0.0.1", port: 80 } as const;
const UNIX = { kind: "unix", path: "/run/corn.sock" } as const;
const ONE = { held: true, queues: 1, reusePort: false };
const OPTIONS = { backlog: 99, unixMode: 0o600, unixOwner: undefined };

function begin(
  { handed = [], shared = false }: {
    handed?: readonly HandedAddress[];
    shared?: boolean;
  } = {},
) {
  const runtime = new FakeRuntime();
  const site = { runtime, shared };
  const all = new Listeners({ runtime, handed, shared: () => site.shared });
  return {
    site,
    runtime,
    all,
    /** Which of those that were ever opened are open. */
    open: () => runtime.listeners.map(({ open }) => open),
    /** Opens the unix socket, whose name stands there then. */
    async openUnix() {
      const open = await all.open(UNIX, ONE, OPTIONS);
      runtime.files.sockets.add(UNIX.path);
      return open;
    },
  };
}

/** Why it is refused. */
async function refusal(opened: Promise<unknown>): Promise<string> {
  return await opened.then(() => "nothing", ({ message }: Error) => message);
}

listeners(
  "an address is opened once, and stays while it is wanted",
  async () => {
    const { all, runtime, open } = begin();
    const one = await all.open(TCP, ONE, OPTIONS);
    assert.equal(runtime.listeners[0]?.options, { ...OPTIONS, ...ONE });
    assert.is(await all.open(TCP, ONE, OPTIONS), one);
    const other = await all.open({ ...TCP, port: 81 }, ONE, OPTIONS);
    assert.equal(all.list(), [one, other]);
    all.closeOthers([other]);
    assert.equal(open(), [false, true]);
    assert.equal(all.list(), [other]);
    assert.equal((await all.open(TCP, ONE, OPTIONS)).listener.address, TCP);
    assert.equal(open(), [false, true, true]);
  },
);

listeners("a group of queues grows, and nothing else does", async () => {
  const group = { held: true, queues: 2, reusePort: true };
  for (
    const [sharing, more, grown] of [
      [group, 3, [3]],
      [group, 2, []],
      [group, 1, []],
      [ONE, 3, []],
      [{ held: false, queues: 0, reusePort: true }, 3, []],
    ] as const
  ) {
    const { all } = begin();
    const { listener } = await all.open(TCP, sharing, OPTIONS);
    const asked: number[] = [];
    Object.assign(listener, { grow: (to: number) => void asked.push(to) });
    await all.open(TCP, { ...sharing, queues: more }, OPTIONS);
    assert.equal(asked, grown);
  }
});

listeners(
  "an address that cannot be had is named, with the reason",
  async () => {
    const { all, runtime } = begin();
    runtime.listenFailure = systemError("EADDRINUSE");
    assert.is(
      await refusal(all.open(TCP, ONE, OPTIONS)),
      'Cannot bind "127.0.0.1:80": address in use; stop it or choose another with --bind',
    );
    runtime.listenFailure = systemError("EROFS");
    runtime.files.texts.set("/run/other", "");
    assert.is(
      await refusal(all.open(UNIX, ONE, OPTIONS)),
      'Cannot bind "unix:/run/corn.sock": the file system is read-only',
    );
    assert.equal(all.list(), []);
  },
);

listeners("a name that a dead server left behind is removed", async () => {
  const { all, runtime } = begin();
  runtime.files.sockets.add(UNIX.path);
  await all.open(UNIX, ONE, OPTIONS);
  assert.equal([...runtime.files.sockets], []);
});

listeners("a name that a living server has is not touched", async () => {
  const { all, runtime } = begin();
  runtime.files.sockets.add(UNIX.path);
  runtime.answers = () => Promise.resolve(true);
  assert.is(
    await refusal(all.open(UNIX, ONE, OPTIONS)),
    'Cannot bind "unix:/run/corn.sock": another server answers there; stop it or choose another path',
  );
  assert.equal([...runtime.files.sockets], [UNIX.path]);
  assert.equal(runtime.listeners, []);
  // An abstract name stands in no folder.
  await all.open({ kind: "unix", path: "@corn" }, ONE, OPTIONS);
  assert.is(runtime.listeners.length, 1);
});

listeners("a name is the worker's to make where none is held", async () => {
  const own = { held: false, queues: 0, reusePort: true };
  const { all, runtime } = begin();
  const unix = await all.open(UNIX, own, OPTIONS);
  assert.equal(unix.listener.address, UNIX);
  assert.equal([unix.listener.queues, runtime.listeners], [[], []]);
  // Until a worker has made it, and again while none has.
  assert.is(await all.open(UNIX, own, OPTIONS), unix);
  runtime.files.sockets.add(UNIX.path);
  all.closeOthers([]);
  assert.equal([...runtime.files.sockets], [], "the arbiter removes it");
  await all.open(TCP, own, OPTIONS);
  assert.is(runtime.listeners.length, 1);
});

listeners(
  "a socket whose name was removed gets another at a reload",
  async () => {
    const { all, runtime, open, openUnix } = begin();
    const old = await openUnix();
    assert.is(await openUnix(), old);
    runtime.files.sockets.clear();
    const fresh = await openUnix();
    assert.is.not(fresh, old);
    assert.equal(all.list(), [fresh]);
    // Its workers still answer what they have accepted.
    all.closeOthers([old, fresh]);
    assert.equal(open(), [true, true]);
    all.closeOthers([fresh]);
    assert.equal(open(), [false, true]);
  },
);

listeners("where that reload fails the first one serves on", async () => {
  const { all, runtime, open, openUnix } = begin();
  const old = await openUnix();
  runtime.files.sockets.clear();
  await openUnix();
  all.closeOthers([old]);
  assert.equal(open(), [true, false]);
  assert.equal(all.list(), [old]);
  // From then on it is like any other, and is opened anew once it is closed.
  all.closeOthers([]);
  assert.equal(open(), [false, false]);
  all.closeOthers([old]);
  assert.equal(all.list(), []);
});

listeners("a name that is another arbiter's too is left alone", async () => {
  const { all, site, runtime, open, openUnix } = begin({ shared: true });
  const old = await openUnix();
  runtime.files.sockets.clear();
  assert.is(await all.open(UNIX, ONE, OPTIONS), old);
  await all.open(TCP, ONE, OPTIONS);
  all.closeOthers([]);
  assert.equal(open(), [true, false]);
  all.closeLeft();
  assert.equal(open(), [true, false]);
  site.shared = false;
  all.closeLeft();
  assert.equal(open(), [false, false]);
  // Another name of that path is not its to take.
  assert.is((await openUnix()).taken, false);
});

listeners("what was left is taken up again", async () => {
  const { all, open, openUnix, site } = begin({ shared: true });
  const { listener } = await openUnix();
  all.closeOthers([]);
  const again = await all.open(UNIX, ONE, OPTIONS);
  assert.is(again.listener, listener);
  assert.is(again.taken, true);
  site.shared = false;
  all.closeLeft();
  assert.equal(open(), [true], "it is wanted again");
});

listeners("what was handed over is served, or closed", async () => {
  const handed = [
    {
      asked: "127.0.0.1:80",
      ...{ address: TCP, descriptors: [4, 5], passed: false },
    },
    { asked: "127.0.0.1:81", address: TCP, descriptors: [6], passed: false },
    { asked: "127.0.0.1:82", address: TCP, descriptors: [], passed: false },
    { asked: "127.0.0.1:83", address: TCP, descriptors: [7], passed: false },
  ];
  const { all, open } = begin({ handed });
  const one = await all.open(TCP, ONE, OPTIONS);
  assert.equal(one.listener.queues, [4, 5]);
  assert.is(one.taken, true);
  assert.equal(one.sharing, { held: true, queues: 2, reusePort: true });
  const single = await all.open({ ...TCP, port: 81 }, ONE, OPTIONS);
  assert.equal(single.sharing, ONE);
  assert.is(await all.open(TCP, ONE, OPTIONS), one, "it is claimed once");
  const own = await all.open({ ...TCP, port: 82 }, ONE, OPTIONS);
  assert.equal(own.sharing, { held: false, queues: 0, reusePort: true });
  all.closeUnclaimed();
  assert.equal(open(), [true, true, true, false]);
  all.closeUnclaimed();
  assert.is(open().length, 4, "they are closed once");
});

listeners("a socket that corn was started with stays open", () => {
  const { all, runtime } = begin();
  const fd = { kind: "fd", descriptor: 3 } as const;
  runtime.files.links.set("/proc/self/fd/3", "socket:[1]");
  runtime.files.texts.set(
    "/proc/net/tcp",
    "head\n   0: 0100007F:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1 1\n",
  );
  const open = all.inherit(fd);
  assert.equal(open.listener.address, TCP);
  assert.equal([open.sharing, open.taken], [ONE, true]);
  assert.is(all.inherit(fd), open);
  all.closeOthers([]);
  assert.equal(all.list(), [open]);
});

listeners.run();

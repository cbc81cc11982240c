import { AdminDoor } from "../../src/launch/admin-door.ts";
import { openErrorLog } from "../../src/log/error/error-log.ts";
import type { Address } from "../../src/runtime/runtime.ts";
import * as assert from "../support/assert.ts";
import { FakeRuntime, settle, systemError } from "../support/fake/runtime.ts";
import { suite } from "../support/suite.ts";

const doors = suite("admin door");

const TCP: Address = { kind: "tcp", host: "127.0.0.1", port: 9000 };
const OTHER: Address = { kind: "tcp", host: "0.0.0.0", port: 9001 };
const UNIX: Address = { kind: "unix", path: "/run/admin.sock" };

function start() {
  const runtime = new FakeRuntime();
  const state = { predecessor: false };
  const door = new AdminDoor({
    runtime,
    log: openErrorLog(runtime, {
      errorLogfile: "-",
      logFormat: "text",
      logLevel: "info",
    }),
    source: {
      metrics: () => Promise.resolve(undefined),
      health: () => ({ pool: undefined, readyWorkers: 1 }),
    },
    status: () => undefined,
    hasPredecessor: () => state.predecessor,
    whole: () => Promise.resolve(),
  });
  return {
    ...{ runtime, door, state },
    configure: (admin?: Address) =>
      door.configure({ admin, adminStatus: false, unixMode: 0o660 }),
    /** Where it is open. */
    open: () => [...runtime.accepting.keys()],
  };
}

/** Why it is not opened. */
async function refusal(opening: Promise<void>): Promise<string> {
  return await opening.then(() => "", ({ message }) => message);
}

doors(
  "it is where the settings say now, and warns of who may read",
  async () => {
    const { door, runtime, configure, open } = start();
    await configure();
    assert.equal(open(), []);
    await configure(TCP);
    await configure({ ...TCP });
    assert.equal(open(), [TCP]);
    assert.not.match(runtime.stderr.text, "is not on the loopback");
    await configure(OTHER);
    assert.equal(open(), [OTHER]);
    assert.match(runtime.stderr.text, "0.0.0.0:9001 is not on the loopback");
    await configure();
    assert.equal(open(), []);
    await configure(TCP);
    await door.close();
    await configure(OTHER);
    assert.equal(open(), [], "none is opened after the end");
  },
);

doors("an address that cannot be had leaves what was there", async () => {
  const { runtime, configure, open } = start();
  await configure(TCP);
  const accept = runtime.acceptStreams;
  runtime.acceptStreams = () => Promise.reject(systemError("EADDRINUSE"));
  assert.match(
    await refusal(configure(OTHER)),
    /^Cannot open --admin 0\.0\.0\.0:9001: /,
  );
  runtime.acceptStreams = accept;
  assert.equal(open(), [TCP]);
});

doors(
  "a name that another server has is taken from a predecessor alone",
  async () => {
    const { runtime, configure, open, state } = start();
    runtime.files.sockets.add("/run/admin.sock");
    runtime.answers = () => Promise.resolve(true);
    assert.match(
      await refusal(configure(UNIX)),
      /^Cannot open --admin .*admin\.sock: another server answers there/,
    );
    state.predecessor = true;
    assert.is(await refusal(configure(UNIX)), "");
    assert.equal(open(), [UNIX]);
  },
);

doors("it waits for the predecessor to leave the address", async () => {
  const { runtime, configure, open, state } = start();
  state.predecessor = true;
  const accept = runtime.acceptStreams.bind(runtime);
  let held = true;
  runtime.acceptStreams = (...given) =>
    held ? Promise.reject(systemError("EADDRINUSE")) : accept(...given);
  const opening = configure(TCP);
  await settle();
  runtime.clock.pass(100);
  await settle();
  assert.equal(open(), []);
  held = false;
  runtime.clock.pass(100);
  await opening;
  assert.equal(open(), [TCP]);
});

doors("it is another arbiter's until that has left", async () => {
  const { door, configure, open } = start();
  await door.reopen();
  await configure(TCP);
  await door.yield();
  assert.equal(open(), []);
  await configure(OTHER);
  assert.equal(open(), [], "a reload changes what is opened later");
  await door.reopen();
  assert.equal(open(), [OTHER]);
});

doors.run();

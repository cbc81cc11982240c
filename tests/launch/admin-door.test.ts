import { AdminDoor } from "../../src/launch/admin-door.ts";
import { openErrorLog } from "../../src/log/error/error-log.ts";
import type { Address } from "../../src/runtime/runtime.ts";
import * as assert from "../support/assert.ts";
import { FakeRuntime, settle, systemError } from "../support/fake/runtime.ts";
import { FakeStream } from "../support/fake/stream.ts";
import { suite } from "../support/suite.ts";
import { until } from "../support/wait.ts";

const doors = suite("admin door");

const TCP: Address = { kind: "tcp", host: "127.0.0.1", port: 9000 };
const OTHER: Address = { kind: "tcp", host: "0.0.0.0", port: 9001 };
const UNIX: Address = { kind: "unix", path: "/run/admin.sock" };

function start() {
  const runtime = new FakeRuntime();
  const state = { predecessor: false, loaded: 0 };
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
    status() {
      state.loaded++;
      return Promise.resolve({
        method: "GET",
        path: "/v1/status",
        summary: "",
        answer: () => ({ json: {} }),
      });
    },
    hasPredecessor: () => state.predecessor,
    whole: () => Promise.resolve(),
  });
  return {
    ...{ runtime, door, state },
    configure: (admin?: Address, adminStatus = false) =>
      door.configure({ admin, adminStatus, unixMode: 0o660 }),
    /** Where it is open. */
    open: () => [...runtime.accepting.keys()],
    /** The first line of what a client is answered. */
    async ask(start: string): Promise<string> {
      const [accept] = [...runtime.accepting.values()];
      const stream = new FakeStream();
      accept?.accept(stream).onData(
        new TextEncoder().encode(`${start} HTTP/1.1\r\nHost: shop\r\n\r\n`),
      );
      await until("an answer", () => stream.text.includes("\r\n"));
      return stream.text.split("\r\n", 1)[0] as string;
    },
  };
}

/** Holds what opens an address back; the function given lets it go on. */
function hold(runtime: FakeRuntime): () => void {
  const accept = runtime.acceptStreams.bind(runtime);
  const { promise, resolve } = Promise.withResolvers<void>();
  runtime.acceptStreams = async (...given) => {
    runtime.acceptStreams = accept;
    await promise;
    return accept(...given);
  };
  return resolve;
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
    assert.equal(open(), [TCP]);
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
  let times = 0;
  runtime.acceptStreams = (...given) => {
    times++;
    return held ? Promise.reject(systemError("EADDRINUSE")) : accept(...given);
  };
  const opening = configure(TCP);
  for (let ms = 0; ms < 100; ms += 10) {
    await settle();
    runtime.clock.pass(10);
  }
  await settle();
  assert.equal([open(), times], [[], 2]);
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

doors("a name that was removed is made again at a reload", async () => {
  const { runtime, configure, open } = start();
  await configure(UNIX);
  let times = 0;
  const accept = runtime.acceptStreams.bind(runtime);
  runtime.acceptStreams = (...given) => {
    times++;
    return accept(...given);
  };
  await configure({ ...UNIX });
  assert.is(times, 0, "it stands");
  runtime.unnamed.add(UNIX);
  await configure({ ...UNIX });
  assert.equal([times, open()], [1, [UNIX]]);
});

doors("what is asked of it is done in turn", async () => {
  const { runtime, configure, open } = start();
  const release = hold(runtime);
  const done = [configure(TCP), configure(OTHER)];
  await settle();
  release();
  await Promise.all(done);
  assert.equal(open(), [OTHER]);
});

doors("who lets it go waits until it has left the address", async () => {
  for (const way of ["yield", "close"] as const) {
    const { runtime, door, configure, open } = start();
    const release = hold(runtime);
    void configure(TCP);
    await settle();
    let gone = false;
    const going = door[way]().then(() => gone = true);
    await settle();
    assert.not(gone, way);
    release();
    await going;
    assert.equal(open(), [], way);
  }
});

doors("an address that cannot be taken again is told of", async () => {
  const { runtime, door, configure } = start();
  await configure(TCP);
  await door.yield();
  runtime.acceptStreams = () => Promise.reject(systemError("EADDRINUSE"));
  await door.reopen();
  assert.match(
    runtime.stderr.text,
    "[ERROR] Cannot open --admin 127.0.0.1:9000: ",
  );
});

doors("what answers is loaded once corn serves", async () => {
  const { runtime, state, configure } = start();
  await configure(TCP);
  await until("it is loaded", () => state.loaded === 1);
  assert.match(runtime.stderr.text, "Metrics and health at http://127.0.0.1:");
});

doors(
  "it lets read, and the status only where the settings say so",
  async () => {
    const { configure, ask } = start();
    await configure(OTHER);
    assert.is(await ask("GET /health"), "HTTP/1.1 200 OK");
    assert.is(await ask("GET /v1/status"), "HTTP/1.1 404 Not Found");
    assert.is(await ask("POST /health"), "HTTP/1.1 405 Method Not Allowed");
    await configure(OTHER, true);
    assert.is(await ask("GET /v1/status"), "HTTP/1.1 200 OK");
  },
);

doors("a name of another site is served on no loopback", async () => {
  const { configure, ask } = start();
  await configure(TCP);
  assert.is(await ask("GET /health"), "HTTP/1.1 403 Forbidden");
});

doors.run();

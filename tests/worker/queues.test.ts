import type { BootListener, LogMessage } from "../../src/protocol/messages.ts";
import type { EngineOptions, Source } from "../../src/runtime/runtime.ts";
import { createHost } from "../../src/worker/observe/worker-host.ts";
import { Queues } from "../../src/worker/queues.ts";
import * as assert from "../support/assert.ts";
import {
  FakeEngine,
  FakeLink,
  FakeRuntime,
  settle,
} from "../support/fake/runtime.ts";
import { suite } from "../support/suite.ts";

const queueing = suite("queues of a worker");

const A = { kind: "tcp", host: "a", port: 1 } as const;
const B = { kind: "unix", path: "/b" } as const;
const LISTENERS: readonly BootListener[] = [
  { address: A, descriptors: [4, 5, 6], secure: true },
  { address: B, descriptors: [7] },
];

function start(
  listeners: readonly BootListener[] = LISTENERS,
  everyQueue = false,
) {
  const runtime = new FakeRuntime();
  const link = new FakeLink();
  const engine = new FakeEngine({} as EngineOptions);
  const queues = new Queues(listeners, {
    ...{ engine, everyQueue },
    host: createHost(runtime, link),
  });
  return {
    ...{ runtime, engine, queues },
    begin: (queue: number, servesDescriptors = true) =>
      queues.begin(queue, { servesDescriptors }),
    /** The sockets that it accepts from, by their descriptors or addresses. */
    opened: () =>
      engine.opened.map((source) =>
        source.kind === "descriptor" ? source.descriptor : source.address
      ),
    lines: () =>
      link.of<LogMessage>("log").map(({ level, text }) => `${level} ${text}`),
  };
}

/** Has the next sockets opened once the test says so. */
function hold(engine: FakeEngine): () => void {
  const { promise, resolve } = Promise.withResolvers<void>();
  const open = engine.open.bind(engine);
  engine.open = async (source: Source) => {
    await promise;
    return await open(source);
  };
  return resolve;
}

queueing(
  "begin() opens one queue of each address, and tells which",
  async () => {
    const { begin, opened, engine, lines } = start();
    assert.equal(await begin(1), [A, B]);
    assert.equal(opened(), [5, 7]);
    assert.equal(
      engine.opened.map((source) => "secure" in source),
      [true, false],
    );
    assert.equal(lines(), []);
  },
);

queueing("begin() opens every queue of a class that wants so", async () => {
  const { begin, opened, queues, engine } = start(LISTENERS, true);
  assert.equal(await begin(1), [A, B], "those of its own queue");
  assert.equal(opened(), [5, 7, 4, 6]);
  queues.release(1);
  assert.equal(engine.released, [], "it keeps them");
});

queueing("begin() binds addresses where nothing is inherited", async () => {
  const { begin, engine, lines } = start([
    { address: A, descriptors: [], secure: true },
    { address: B, descriptors: [] },
  ]);
  assert.equal(await begin(0), [A, B]);
  assert.equal(engine.opened, [
    { kind: "address", address: A, secure: true },
    { kind: "address", address: B },
  ]);
  assert.equal(lines(), []);
});

queueing("begin() warns where it cannot use what it inherits", async () => {
  const { begin, opened, lines } = start([
    { address: A, descriptors: [] },
    { address: B, descriptors: [7] },
  ]);
  assert.equal(await begin(0, false), [A, B]);
  assert.equal(opened(), [A, B]);
  assert.match(
    lines()[0] ?? "",
    /^warning Cannot accept from inherited sockets with node's own server/,
  );
});

queueing("takeOver() tries again what cannot be opened", async () => {
  const { begin, opened, queues, engine, runtime, lines } = start();
  await begin(1);
  engine.failing = 1;
  await queues.takeOver(0);
  assert.equal(lines(), [
    "debug Cannot accept from queue 1: EMFILE: too many open files",
  ]);
  runtime.clock.pass(249);
  await settle();
  assert.equal(opened(), [5, 7]);
  runtime.clock.pass(1);
  await settle();
  assert.equal(opened(), [5, 7, 4]);
  await queues.takeOver(0);
  assert.is(opened().length, 3, "none twice");
});

queueing("takeOver() forgets what was released meanwhile", async () => {
  const { begin, opened, queues, engine, runtime } = start();
  await begin(1);
  engine.failing = 1;
  await queues.takeOver(0);
  queues.release(0);
  runtime.clock.pass(1000);
  await settle();
  assert.equal(opened(), [5, 7]);
});

queueing(
  "release() leaves a socket that no other of its queues has",
  async () => {
    const { begin, opened, queues, engine } = start();
    await begin(1);
    await queues.takeOver(0);
    queues.release(0);
    assert.equal(engine.released, [4], "the one of /b serves queue 2 as well");
    await queues.takeOver(0);
    assert.equal(opened(), [5, 7, 4, 4]);
    queues.release(2);
    assert.equal(engine.released, [4], "it never had it");
  },
);

queueing("release() keeps what the engine cannot let go", async () => {
  const { begin, opened, queues, engine } = start();
  await begin(1);
  engine.releases = false;
  queues.release(1);
  assert.equal(engine.released, [5, 7]);
  await queues.takeOver(1);
  assert.equal(opened(), [5, 7], "it is open yet");
});

queueing(
  "halt() waits for what is being opened, and opens no more",
  async () => {
    const { begin, opened, queues, engine } = start();
    await begin(1);
    assert.is(queues.halt(), undefined);
    await queues.takeOver(0);
    assert.equal(opened(), [5, 7]);
    const late = start();
    const open = hold(late.engine);
    const begun = late.begin(1);
    const halted = late.queues.halt();
    assert.ok(halted);
    let over = false;
    void halted?.then(() => over = true);
    await settle();
    assert.not(over);
    open();
    await begun;
    await halted;
    assert.equal(late.opened(), [5, 7]);
    await settle();
    assert.is(late.queues.halt(), undefined);
    assert.is(engine.opened.length, 2);
  },
);

queueing("halt() waits for what cannot be opened as well", async () => {
  const { begin, queues, engine } = start();
  engine.failing = 1;
  const begun = begin(1).then(() => "opened", () => "failed");
  await queues.halt();
  assert.is(await begun, "failed");
});

queueing.run();

import { FlightRecorder } from "../../../src/exchange/flight-record.ts";
import type {
  RecycleMessage,
  RequestsMessage,
} from "../../../src/protocol/messages.ts";
import * as assert from "../../support/assert.ts";
import { settle } from "../../support/fake/runtime.ts";
import { suite } from "../../support/suite.ts";
import { beat, lines, READY, serve, start } from "./two-threads.ts";

const lookout = suite("lookout of threads");

/** A worker whose first thread is silent, and is asked where it stands. */
async function silent(blockStack: "auto" | "off") {
  const site = await serve({
    plan: { life: { blockStack, silenceMs: 0 } },
  });
  const { runtime, one, two, tell } = site;
  const recorder = new FlightRecorder(one.options.record);
  recorder.begin({ method: "GET", url: "/slow" });
  const asked: number[] = [];
  let answer: string | undefined;
  let isSilent = () => false;
  Object.assign(one, {
    look(_expression: string, ask: () => boolean) {
      asked.push(runtime.clock.passed());
      isSilent = ask;
      return Promise.resolve(answer);
    },
  });
  tell(one, beat(true, { requests: 1, open: 1 }));
  return {
    ...site,
    asked,
    isSilent: () => isSilent(),
    answerWith: (frames: readonly string[]) =>
      answer = JSON.stringify({ begun: 1, frames }),
    async pass(ms: number) {
      for (let passed = 0; passed < ms; passed += 250) {
        runtime.clock.pass(250);
        tell(two, beat(false));
        await settle();
      }
    },
  };
}

lookout(
  "a silent thread is asked where it stands, now and then until it says so",
  async () => {
    const { asked, pass, isSilent, answerWith, one, tell, link } = await silent(
      "auto",
    );
    await pass(750);
    assert.equal(asked, []);
    await pass(250);
    assert.equal(asked, [1000]);
    assert.ok(isSilent());
    await pass(3000);
    assert.equal(asked, [1000, 4000]);
    answerWith(["render (app.ts:3)"]);
    await pass(9000);
    assert.equal(asked, [1000, 4000, 7000], "it is known then");
    tell(one, beat(true, { blockedMs: 13_000 }));
    assert.not(isSilent(), "it has gone on");
    assert.match(lines(link).at(-1)?.text ?? "", /GET \/slow: render/);
    await pass(1000);
    assert.is(asked.length, 4, "another silence");
  },
);

lookout("what was found in one silence says nothing of the next", async () => {
  const { pass, answerWith, one, runtime, tell, link } = await silent("auto");
  answerWith(["render (app.ts:3)"]);
  await pass(2000);
  tell(one, beat(true, { blockedMs: 2000 }));
  assert.match(lines(link).at(-1)?.text ?? "", /GET \/slow: render/);
  answerWith([]);
  await pass(1500);
  tell(one, beat(true, { blockedMs: 1500 }));
  assert.match(lines(link).at(-1)?.text ?? "", /for 1\.5 s by GET \/slow$/);
  Object.assign(one, { look: undefined });
  // One look is not enough to say by what.
  runtime.clock.pass(500);
  tell(one, beat(true));
  runtime.clock.pass(1000);
  assert.is(lines(link).length, 2);
});

lookout(
  "a pause of the process is no time that a thread was blocked",
  async () => {
    const { runtime, one, tell, link } = await serve();
    tell(one, beat(false));
    runtime.clock.pass(900);
    runtime.clock.block(8000);
    runtime.clock.pass(200);
    tell(one, beat(false, { blockedMs: 8100 }));
    assert.equal(lines(link), []);
  },
);

lookout("no thread is stopped where that is not wanted", async () => {
  const { asked, pass } = await silent("off");
  await pass(5000);
  assert.equal(asked, []);
});

lookout("without a timeout a thread may be silent for ever", async () => {
  const { pass, link } = await silent("off");
  await pass(60_000);
  assert.equal(link.of("recycle"), []);
});

lookout("threads at rest are looked at as seldom as they beat", async () => {
  const { runtime, one, two, tell } = await serve();
  const sets = (busy: boolean) => {
    const before = runtime.clock.set;
    for (let ms = 0; ms < 10_000; ms += 250) {
      runtime.clock.pass(250);
      for (const thread of [one, two]) tell(thread, beat(busy));
    }
    return runtime.clock.set - before;
  };
  const resting = sets(false);
  assert.ok(resting < 40, `${resting} timers in ten seconds`);
  assert.ok(sets(true) >= 40);
});

lookout("a thread that is silent for too long is told of once", async () => {
  const { runtime, one, two, tell, link } = await serve();
  tell(one, beat(true, { open: 1 }));
  for (let ms = 0; ms < 20_000; ms += 250) {
    runtime.clock.pass(250);
    tell(two, beat(false));
  }
  assert.is(lines(link).length, 1);
  assert.is(link.of<RecycleMessage>("recycle").length, 1);
});

lookout("what waits in a silent thread is listed, with its time", async () => {
  const { runtime, one, two, tell, link, worker } = await serve();
  const recorder = new FlightRecorder(one.options.record);
  const seat = recorder.begin({ method: "GET", url: "/waits" });
  recorder.leave();
  recorder.defer(seat, 0);
  recorder.beat(300);
  recorder.begin({ method: "GET", url: "/hang" });
  runtime.clock.pass(300);
  tell(one, beat(true, { open: 2 }));
  runtime.clock.pass(1000);
  worker.receive({ type: "list", id: 3, query: false });
  tell(two, { type: "requests", id: 3, requests: [] });
  runtime.clock.pass(200);
  const [answer] = link.of<RequestsMessage>("requests");
  assert.equal(
    answer?.requests.map(({ path, ms, thread, running }) => ({
      ...{ path, ms, thread, running },
    })),
    [
      { path: "/waits", ms: 1500, thread: 1, running: undefined },
      { path: "/hang", ms: 1200, thread: 1, running: true },
    ],
  );
  assert.is(answer?.blocked?.[0]?.ms, 1200);
});

lookout("a worker that leaves names no thread that is late", async () => {
  const { runtime, one, tell, link, worker } = await start({
    plan: { life: { listenMs: 27_000, gracefulMs: 60_000 } },
  });
  tell(one, READY);
  worker.receive({ type: "drain" });
  runtime.clock.pass(27_000);
  assert.equal(lines(link), []);
});

lookout("none is late once the worker serves", async () => {
  const { runtime, link } = await serve({
    plan: { life: { listenMs: 27_000, silenceMs: 0 } },
  });
  runtime.clock.pass(27_000);
  assert.equal(lines(link), []);
});

lookout.run();

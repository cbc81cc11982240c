// runtimes: node24, node26
import process from "node:process";
import * as assert from "../support/assert.ts";
import { suite } from "../support/suite.ts";
import { workerRuntime } from "../../adapters/mod.ts";
import { seatName } from "../../src/base/frames.ts";
import {
  createMark,
  FlightRecorder,
  markText,
} from "../../src/exchange/flight-record.ts";
import { WATCH_BYTES, WATCH_TEXT_AT } from "../../src/exchange/watch-record.ts";
import { LOOK_EXPRESSION, readLook } from "../../src/protocol/look.ts";
import type { Look } from "../../src/protocol/look.ts";
import type { LoopWatch } from "../../src/runtime/serving.ts";
import { answerLooks } from "../../src/worker/observe/self-look.ts";

const suiteOfWatch = suite("loopWatch");

const text = JSON.stringify(Array(20_000).fill([1, "x"]));

/** A piece of each block; it goes on until it was seen. */
const BLOCKS: Readonly<Record<string, () => void>> = {
  loop() {
    const end = performance.now() + 20;
    while (performance.now() < end);
  },
  "names of its own"() {
    const [Symbol, globalThis] = [0, 400];
    const end = performance.now() + globalThis;
    while (performance.now() < end + Symbol);
  },
  regex: () => void /^(a|a)*$/.test(`${"a".repeat(16)}b`),
  JSON: () => JSON.parse(text),
  "Atomics.wait": () =>
    void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200),
};

const DEADLINE_MS = 30_000;

function report(watch: LoopWatch, block: () => void): Look | undefined {
  const end = performance.now() + DEADLINE_MS;
  while (performance.now() < end) {
    block();
    const seen = readLook(watch.take());
    if (seen?.by !== undefined) return seen;
  }
  return undefined;
}

suiteOfWatch("it tells the request and the frames of what blocks", async () => {
  const { loopWatch } = await workerRuntime();
  const recorder = new FlightRecorder();
  answerLooks({ globals: globalThis, recorder, folder: process.cwd() });
  const watch = loopWatch!.start({
    mark: markText(createMark(Math.random)),
    bytes: WATCH_BYTES,
    textAt: WATCH_TEXT_AT,
    silentMs: 50,
    expression: LOOK_EXPRESSION,
    folder: process.cwd(),
  });
  try {
    for (const [what, block] of Object.entries(BLOCKS)) {
      const seats = ["/innocent", "/report"].map((url) => {
        const request = { method: "GET", url };
        const seat = recorder.defer(recorder.begin(request), 0);
        recorder.leave();
        return seat;
      });
      const wait = Object.defineProperty(
        async (answer: Promise<Look | undefined>) => {
          const look = await answer;
          return look;
        },
        "name",
        { value: seatName(seats[1]!) },
      );
      watch.beat(true);
      const look = await wait((async () => {
        await Promise.resolve();
        return report(watch, block);
      })());
      watch.beat(false);
      assert.is(look?.by?.path, "/report", what);
      assert.match(
        look?.frames.join(" < ") ?? "",
        "report (tests/contract/loop-watch.test.ts:",
      );
      for (const seat of seats) recorder.end(seat);
    }
  } finally {
    watch.close();
  }
});

suiteOfWatch.run();

import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { Examination } from "../../../src/arbiter/workers/examination.ts";
import {
  createMark,
  FlightRecorder,
} from "../../../src/exchange/flight-record.ts";
import { FakeRuntime, settle } from "../../support/fake/runtime.ts";

const examination = suite("Examination");

/** A worker that is silent, whose record is not found the first times. */
function silent(misses: number) {
  const runtime = new FakeRuntime();
  const recorder = new FlightRecorder();
  recorder.begin({ method: "GET", url: "/report?x=1" });
  let searches = 0;
  const looks = new Examination({
    mark: createMark(Math.random),
    runtime: {
      clock: runtime.clock,
      converse: () => {
        throw new Error("There is no debugger");
      },
      findInMemory: () =>
        Promise.resolve(
          searches++ < misses ? undefined : { read: () => recorder.copy() },
        ),
    },
  });
  const pass = async (ms: number) => {
    await settle();
    runtime.clock.pass(ms);
    await settle();
  };
  /** What was seen when it beats again. */
  const sight = async () => {
    looks.heard();
    const past = looks.past();
    for (let waits = 0; waits < 3; waits++) await pass(300);
    return await past;
  };
  return { looks, recorder, pass, sight };
}

examination("two looks that meet one request name it", async () => {
  const { looks, pass, sight } = silent(0);
  looks.look(1, false);
  await pass(200);
  assert.is((await looks.past()).by, undefined);
  looks.look(1, true);
  await pass(60);
  assert.is((await sight()).by?.path, "/report");
});

examination("one look that found it is the last before the next", async () => {
  const { looks, pass, sight } = silent(0);
  looks.look(1, false);
  for (const ms of [60, 200, 60]) await pass(ms);
  assert.is((await sight()).by, undefined);
});

examination("one that is over between them is not named", async () => {
  const { looks, recorder, pass, sight } = silent(0);
  looks.look(1, false);
  await pass(200);
  recorder.leave();
  recorder.begin({ method: "GET", url: "/other" });
  looks.look(1, true);
  await pass(60);
  assert.is((await sight()).by, undefined);
});

examination(
  "a look that found nothing is made up for by the next",
  async () => {
    const { looks, pass, sight } = silent(1);
    looks.look(1, false);
    await pass(200);
    looks.look(1, true);
    await pass(200);
    await pass(60);
    assert.is((await sight()).by?.path, "/report");
  },
);

examination("but not where it goes on meanwhile", async () => {
  const { looks, recorder, pass, sight } = silent(1);
  looks.look(1, false);
  await pass(200);
  looks.look(1, true);
  await pass(100);
  recorder.leave();
  recorder.begin({ method: "GET", url: "/other" });
  await pass(100);
  await pass(60);
  assert.is((await sight()).by, undefined);
});

examination("one that began since the first look is named", async () => {
  const { looks, recorder, pass, sight } = silent(0);
  recorder.leave();
  looks.look(1, false);
  await pass(200);
  recorder.begin({ method: "GET", url: "/late" });
  looks.look(1, true);
  for (const ms of [60, 200, 60]) await pass(ms);
  assert.is((await sight()).by?.path, "/late");
});

examination.run();

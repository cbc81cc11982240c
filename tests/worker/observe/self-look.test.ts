import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { seatName } from "../../../src/base/frames.ts";
import { FlightRecorder } from "../../../src/exchange/flight-record.ts";
import { LOOK_EXPRESSION, readLook } from "../../../src/protocol/look.ts";
import {
  answerLooks,
  lookAtSelf,
} from "../../../src/worker/observe/self-look.ts";

const look = suite("self look");

const folder = "/srv";
const get = (url: string) => ({ method: "GET", url });

look("lookAtSelf() names the handler at work", () => {
  const recorder = new FlightRecorder();
  recorder.defer(recorder.begin(get("/waits")), 0);
  recorder.leave();
  assert.is(readLook(lookAtSelf({ recorder, folder }))?.by, undefined);
  recorder.begin(get("/report"));
  const { by, begun } = readLook(lookAtSelf({ recorder, folder })) ?? {};
  assert.is(by?.path, "/report");
  assert.is(begun, 2);
});

look("lookAtSelf() names what waits for the code at work", async () => {
  const recorder = new FlightRecorder();
  const seats = ["/a", "/b", "/c"].map((path) => {
    const seat = recorder.defer(recorder.begin(get(path)), 0);
    recorder.leave();
    return seat;
  });
  const waiter = (seat: number) =>
    Object.defineProperty(
      async (answer: Promise<string>) => {
        const text = await answer;
        return text;
      },
      "name",
      { value: seatName(seat) },
    );
  // More frames than V8 tells of unless it is asked to.
  const deep = async (more: number): Promise<string> => {
    await Promise.resolve();
    if (more === 0) return lookAtSelf({ recorder, folder });
    const text = await deep(more - 1);
    return text;
  };
  const limit = Error.stackTraceLimit;
  const [, text] = await Promise.all(
    seats.map((seat, index) =>
      waiter(seat)((async () => {
        await Promise.resolve();
        return index === 1 ? await deep(50) : "";
      })())
    ),
  );
  const { by } = readLook(text) ?? {};
  // JavaScriptCore's stacks do not tell.
  assert.is(by?.path, "Bun" in globalThis ? undefined : "/b");
  assert.is(Error.stackTraceLimit, limit, "as the app has it");
  recorder.end(seats[1]!);
  assert.is(recorder.waitingAt(seats[1]!), undefined, "it has ended");
});

look("readLook() gives lines that a terminal may be shown", () => {
  const [frame, path] = ["a\x1b[2J\tb\n", "/\u202e\x9b"];
  const by = { method: "GET", path, ms: 1 };
  const text = JSON.stringify({ begun: 1, by, frames: [frame] });
  assert.equal(readLook(text), {
    begun: 1,
    by: { method: "GET", path: "/??", ms: 1 },
    frames: ["a?[2J?b?"],
  });
});

look("LOOK_EXPRESSION asks, whatever the app made of stacks", () => {
  const globals = {};
  answerLooks({ globals, recorder: new FlightRecorder(), folder });
  const ask = new Function("globalThis", `return ${LOOK_EXPRESSION}`);
  assert.is(ask({}), undefined);
  const prepare = () => "no stack";
  const v8 = Error as unknown as { prepareStackTrace?: unknown };
  v8.prepareStackTrace = prepare;
  try {
    assert.equal(readLook(ask(globals))?.begun, 0);
    assert.is(v8.prepareStackTrace, prepare);
  } finally {
    delete v8.prepareStackTrace;
  }
});

look("readLook() takes nothing at its word", () => {
  for (
    const text of [
      undefined,
      7,
      "",
      "{",
      "null",
      "[]",
      '{"begun":"1","frames":[]}',
      '{"begun":1}',
      `{"begun":1,"frames":["${"x".repeat(20_000)}"]}`,
    ]
  ) assert.is(readLook(text), undefined);
  const odd = {
    begun: 1,
    by: { method: "GET\n", path: "/\u001b[31m", ms: "x" },
    frames: Array(100).fill("a\nb"),
  };
  const { by, frames } = readLook(JSON.stringify(odd)) ?? {};
  assert.equal([by?.method, by?.path], ["GET?", "/?[31m"]);
  assert.equal(frames?.length, 16);
  assert.is(frames?.[0], "a?b");
});

look.run();

import { FlightRecorder } from "../../../src/exchange/flight-record.ts";
import { LOOK, readLook } from "../../../src/protocol/look.ts";
import type { LogMessage } from "../../../src/protocol/messages.ts";
import type {
  LoopWatchOptions,
  ServingRuntime,
} from "../../../src/runtime/serving.ts";
import { LoopLook } from "../../../src/worker/observe/loop-look.ts";
import { createHost } from "../../../src/worker/observe/worker-host.ts";
import * as assert from "../../support/assert.ts";
import { FakeLink, FakeRuntime } from "../../support/fake/runtime.ts";
import { suite } from "../../support/suite.ts";
import { bootOf } from "../boot.ts";

const looks = suite("look at the event loop");

interface Given {
  readonly blockStack?: "off" | "auto" | "on";
  /** What the runtime has: a watch that is free or costs memory, a debugger. */
  readonly watch?: "free" | "dear" | "forbidden";
  readonly debugger?: string;
}

function start({ blockStack = "auto", watch, debugger: url }: Given = {}) {
  const runtime = new FakeRuntime();
  const link = new FakeLink();
  const globals = { ...runtime.globals } as Record<symbol, unknown>;
  const begun: LoopWatchOptions[] = [];
  const beats: boolean[] = [];
  const state = { seen: "render (app.ts:3)", closed: false };
  const loopWatch: ServingRuntime["loopWatch"] = watch && {
    free: watch === "free",
    start(options) {
      if (watch === "forbidden") throw new Error("not permitted");
      begun.push(options);
      return {
        beat: (busy) => void beats.push(busy),
        take: () => state.seen,
        close: () => void (state.closed = true),
      };
    },
  };
  Object.assign(runtime, {
    globals,
    ...loopWatch && { loopWatch },
    ...url !== undefined && { debuggerUrl: () => url },
  });
  const recorder = new FlightRecorder();
  const look = new LoopLook(createHost(runtime, link), recorder);
  const boot = bootOf({
    mark: "0102ff",
    plan: { life: { blockStack, lookMs: 700 } },
  });
  return {
    ...{ look, link, begun, beats, state, recorder },
    begin: () => look.begin(boot),
    answers: () => globals[Symbol.for(LOOK)] !== undefined,
    /** What a debugger is told. */
    ask: () => readLook((globals[Symbol.for(LOOK)] as () => string)()),
  };
}

looks("a runtime that cannot be looked at is left alone", () => {
  const { begin, look, link, answers } = start({ blockStack: "on" });
  begin();
  look.watch();
  assert.equal([answers(), link.sent], [false, []]);
  assert.is(look.beat({ busy: true, late: true }), undefined);
  look.close();
});

looks("nothing is made ready where it is off", () => {
  const { begin, look, begun, link, answers } = start({
    ...{ blockStack: "off", watch: "free", debugger: "ws://localhost" },
  });
  begin();
  look.watch();
  assert.equal([answers(), begun, link.sent], [false, [], []]);
});

looks("a debugger's place is told, and what it asks answered", () => {
  const { begin, link, ask, recorder } = start({
    debugger: "ws://localhost:1",
  });
  begin();
  recorder.begin({ method: "GET", url: "/report" });
  assert.is(ask()?.by?.path, "/report");
  assert.equal(link.sent, [{ type: "debugger", url: "ws://localhost:1" }]);
});

looks("a watch that is free begins at once", () => {
  const { begin, look, begun, beats, state, link } = start({ watch: "free" });
  begin();
  const [{ mark, silentMs, folder } = {} as LoopWatchOptions] = begun;
  assert.equal([mark, silentMs, folder], ["ff0201", 700, "/srv"]);
  assert.equal(link.sent, [], "that is no news");
  assert.is(look.beat({ busy: true, late: true }), "render (app.ts:3)");
  assert.is(look.beat({ busy: false, late: false }), undefined);
  assert.equal(beats, [true, false]);
  look.watch();
  assert.is(begun.length, 1, "once");
  look.close();
  assert.ok(state.closed);
});

looks("one that costs memory begins where it is asked for", () => {
  const asked = start({ watch: "dear", blockStack: "on" });
  asked.begin();
  assert.is(asked.begun.length, 1);
  const { begin, look, begun, link } = start({ watch: "dear" });
  look.watch();
  begin();
  assert.equal(begun, [], "nothing is blocked yet");
  look.watch();
  assert.is(begun.length, 1);
  assert.equal(link.sent, [{ type: "watching" }]);
});

looks("while it rests nothing is looked at", () => {
  const { begin, look, beats } = start({ watch: "free" });
  begin();
  look.resting = true;
  assert.is(look.beat({ busy: true, late: true }), undefined);
  assert.equal(beats, []);
});

looks("what may not be watched costs nothing but a line", () => {
  const { begin, look, link } = start({ watch: "forbidden", blockStack: "on" });
  begin();
  const [line] = link.of<LogMessage>("log");
  assert.equal([line?.level, line?.text], [
    "debug",
    "Cannot watch the event loop: not permitted",
  ]);
  assert.is(look.beat({ busy: true, late: true }), undefined);
});

looks.run();

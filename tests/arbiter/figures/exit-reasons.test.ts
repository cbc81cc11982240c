import { ExitReasons } from "../../../src/arbiter/figures/exit-reasons.ts";
import type {
  Action,
  Child,
  Exit,
  PoolEvent,
  PoolState,
} from "../../../src/arbiter/pool/state.ts";
import * as assert from "../../support/assert.ts";
import { suite } from "../../support/suite.ts";
import { childOf, drive } from "../pool/drive.ts";

const reasons = suite("ExitReasons");

/** What was decided about worker 1 in slot 1 or 3, and how it ends. */
function ending({ actions = [], child = {}, exit = { code: 0 }, pool = {} }: {
  readonly actions?: readonly Action[];
  readonly child?: Partial<Child>;
  readonly exit?: Exit;
  readonly pool?: Partial<PoolState>;
}) {
  const all = new ExitReasons();
  const one = childOf({ phase: "draining", ...child });
  const state = { ...drive().state, children: [one], ...pool };
  const step = (event: PoolEvent, given: readonly Action[] = []) =>
    all.note({ event, before: state, after: state, actions: given });
  for (const action of actions) step({ type: "tick" }, [action]);
  const end = () => step({ type: "exited", age: one.age, exit });
  return { all, end, step };
}

const DRAIN = { type: "drain", age: 1 } as Action;

function noted(note: object): Action {
  return { type: "note", note: { child: childOf(), ...note } } as Action;
}

const cases: readonly [string, Parameters<typeof ending>[0], string][] = [
  ["one that is told to go", { actions: [DRAIN] }, "reload"],
  [
    "one that quits",
    {
      actions: [{ type: "quit", age: 1 } as Action],
      pool: { stop: {} as never },
    },
    "stop",
  ],
  ["one above the size", { actions: [DRAIN], child: { slot: 3 } }, "scale"],
  [
    "one above the size of before",
    {
      ...{ actions: [DRAIN], child: { slot: 3 } },
      pool: { rollout: { wanted: 3 } as never },
    },
    "reload",
  ],
  ["one of a pause", { actions: [DRAIN], pool: { paused: true } }, "scale"],
  [
    "the first that is decided counts",
    {
      actions: [
        noted({ about: "recycle", kind: "max_requests" }),
        DRAIN,
      ],
    },
    "max_requests",
  ],
  [
    "silence counts before all",
    { actions: [DRAIN, noted({ about: "silent" })] },
    "silent",
  ],
  ["one that got ABRT", { child: { abortedAt: 5 } }, "silent"],
  [
    "one that did not boot in time",
    { actions: [DRAIN, noted({ about: "boot-timeout" })] },
    "boot",
  ],
  ["one that boots", { child: { phase: "booting", killed: true } }, "boot"],
  ["one killed by order", { child: { phase: "ready", killed: true } }, "order"],
  ["one that ends by itself", { child: { phase: "ready" } }, "crash"],
  ["what is only told", { actions: [noted({ about: "slow" })] }, "reload"],
  ["one that nobody told", {}, "reload"],
];
for (const [what, given, reason] of cases) {
  reasons(`${what}: ${reason}`, () => {
    const { end } = ending(given);
    assert.equal(end(), { slot: given.child?.slot ?? 1, reason });
  });
}

reasons("a signal of others is told from a crash", () => {
  for (const signal of ["SIGKILL", "SIGTERM", "SIGINT", "SIGHUP", "SIGSEGV"]) {
    const exit = { signal } as Exit;
    const reason = signal === "SIGSEGV" ? "crash" : "signal";
    assert.is(
      ending({ child: { phase: "ready" }, exit }).end()?.reason,
      reason,
    );
  }
});

reasons("what is known of one that has ended is forgotten", () => {
  const { end, step } = ending({
    actions: [noted({ about: "recycle", kind: "max_requests" })],
  });
  assert.is(end()?.reason, "max_requests");
  assert.is(end()?.reason, "reload");
  assert.is(step({ type: "exited", age: 9, exit: { code: 0 } }), undefined);
});

reasons.run();

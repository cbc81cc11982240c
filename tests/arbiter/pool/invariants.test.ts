import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { checkInvariants } from "../../../src/arbiter/pool/invariants.ts";
import { createPool } from "../../../src/arbiter/pool/pool.ts";
import type { Child } from "../../../src/arbiter/pool/state.ts";
import { CornError } from "../../../src/base/errors.ts";
import { childOf, LIMITS } from "./drive.ts";

const invariants = suite("invariants");

const sockets = { id: 1, queues: 2, fresh: true };

function check(...children: Partial<Child>[]): void {
  const pool = createPool({ wanted: 2, limits: LIMITS, sockets, surge: 1 });
  checkInvariants({
    ...pool,
    opened: { 1: [0, 1] },
    children: children.map((child, index) =>
      childOf({ age: index + 1, sockets, queues: [index % 2], ...child })
    ),
  });
}

function refuses(rule: string, ...children: Partial<Child>[]): void {
  assert.throws(
    () => check(...children),
    (error: unknown) =>
      error instanceof CornError && error.message === `Cannot go on: ${rule}`,
  );
}

function accepts(...children: Parameters<typeof check>): void {
  assert.not.throws(() => check(...children));
}

invariants("checkInvariants() accepts a pool in order", () => {
  accepts({ slot: 1 }, { slot: 2 });
  accepts();
});

invariants("checkInvariants() accepts a successor that boots", () => {
  accepts({ slot: 1 }, { slot: 2 }, { slot: 2, phase: "booting" });
});

invariants("checkInvariants() counts nobody who leaves", () => {
  accepts(
    { slot: 1 },
    { slot: 2 },
    { slot: 2, phase: "draining" },
    { slot: 2, phase: "ending" },
  );
});

invariants("checkInvariants() refuses more workers than size and surge", () => {
  refuses(
    "4 live children for a pool of 2",
    { slot: 1 },
    { slot: 1, phase: "booting" },
    { slot: 2 },
    { slot: 2, phase: "booting" },
  );
});

invariants("checkInvariants() refuses two that serve in one slot", () => {
  refuses("slot 2 has 2 ready and 0 booting children", { slot: 1 }, {
    slot: 2,
  }, { slot: 2 });
});

invariants("checkInvariants() refuses two that boot in one slot", () => {
  refuses(
    "slot 2 has 0 ready and 2 booting children",
    { slot: 2, phase: "booting" },
    { slot: 2, phase: "booting" },
  );
});

invariants("checkInvariants() refuses an age that does not rise", () => {
  refuses("age 1 comes after 1", { slot: 1 }, { slot: 2, age: 1 });
});

invariants("checkInvariants() refuses a worker that boots unwanted", () => {
  refuses("a worker of generation 2 boots", { slot: 1, queues: [0, 1] }, {
    slot: 2,
    phase: "booting",
    generation: 2,
  });
});

invariants("checkInvariants() refuses a queue that nobody accepts from", () => {
  refuses("nobody accepts from queue 1", { slot: 1 });
  refuses("nobody accepts from queue 1", { slot: 1 }, { slot: 2, late: true });
});

invariants("checkInvariants() asks for no acceptor where none is ready", () => {
  accepts({ slot: 1, phase: "booting", queues: [] }, { slot: 2, late: true });
});

invariants.run();

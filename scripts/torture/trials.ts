/** The ways to trouble a server, and what each of them excuses. */
import { killWorker, wasInHand } from "../../tests/support/process/in-hand.ts";
import type { Death } from "../../tests/support/process/in-hand.ts";
import { sleep, until } from "../../tests/support/wait.ts";
import { deploy } from "./deploy.ts";
import { breakReloads, dieOnceReady } from "./broken.ts";
import { WORKERS } from "./field.ts";
import type { Field } from "./field.ts";
import { freeze } from "./freeze.ts";
import { reloadManyTimes } from "./growth.ts";
import { leaveStreams } from "./leavers.ts";
import { reload } from "./trial.ts";
import { stuckReader } from "./stuck-reader.ts";
import type { Run, Trial } from "./trial.ts";
import { upgrade } from "./upgrade.ts";
import { websocket } from "./websocket.ts";

/** A worker of threads may take twenty seconds to boot on a busy machine. */
const REPLACEMENT_MS = 90_000;

/** Kills a worker each second. */
function kill(field: Field): Run {
  const deaths: Death[] = [];
  return {
    async event() {
      const next = sleep(1000);
      const workers = field.workers();
      const victim = workers[Math.floor(field.random() * workers.length)];
      if (victim !== undefined) deaths.push(await killWorker(victim));
      await next;
    },
    end() {
      const held = deaths.reduce((sum, { ports }) => sum + ports.size, 0);
      return Promise.resolve(`${held} connections in hand`);
    },
    excuses: (failure) => wasInHand(failure, deaths),
  };
}

/** Two more, three less, one more. */
function scale(field: Field): Run {
  const grow = async (count: number) => {
    const from = field.log().length;
    for (let step = 0; step < count; step++) field.signal("SIGTTIN");
    await field.waitForLog(new RegExp(`( ready in [^]*){${count}}`), from);
  };
  return {
    async event() {
      // Linux merges equal signals that wait: each is seen before the next.
      await grow(1);
      await grow(1);
      for (let count = 0; count < 3; count++) {
        await field.tell("SIGTTOU", /Pool size is now/);
      }
      await field.settle(WORKERS - 1);
      await grow(1);
      await field.settle();
    },
  };
}

function recycle(field: Field): Run {
  const LINE = /will be replaced after/g;
  let seen = 0;
  return {
    async event() {
      const all = () => field.log().match(LINE)?.length ?? 0;
      await until("a replacement", () => all() > seen, REPLACEMENT_MS);
      seen++;
    },
  };
}

type Variant = "one-queue" | "unix";

/** The trials, and the other ways each of them is run. */
const base: readonly (readonly [string, Trial, readonly Variant[]])[] = [
  ["reload", {
    about: "HUP after HUP",
    events: 50,
    requests: 100_000,
    quick: 5,
    begin: (field) => ({ event: () => reload(field) }),
  }, ["one-queue", "unix"]],
  ["recycle", {
    about: "--max-requests 200",
    args: ["--max-requests", "200", "--max-requests-jitter", "50"],
    events: 50,
    requests: 50_000,
    quick: 5,
    begin: recycle,
  }, ["one-queue", "unix"]],
  ["scale", {
    about: "TTIN twice, TTOU three times, TTIN",
    events: 20,
    quick: 3,
    begin: scale,
  }, ["one-queue", "unix"]],
  // Connections in hand are known by their ports, which unix sockets have not.
  ["kill", {
    about: "SIGKILL to a worker each second",
    events: 30,
    quick: 5,
    begin: kill,
  }, ["one-queue"]],
  ["broken", breakReloads, ["one-queue"]],
  ["dies", dieOnceReady, []],
  ["stuck-reader", stuckReader, []],
  ["slow-leavers", leaveStreams, []],
  ["many-reloads", reloadManyTimes, []],
  ["freeze", freeze, []],
  ["upgrade", upgrade, ["one-queue", "unix"]],
  ["deploy", deploy, ["unix"]],
  ["websocket", websocket, []],
];

/** How a trial differs where it is run in another way. */
const variants: Readonly<Record<Variant, (trial: Trial) => Trial>> = {
  "one-queue": (trial) => ({
    ...trial,
    about: "the same with one queue for all workers",
    args: [...trial.args ?? [], "--no-reuse-port"],
  }),
  unix: (trial) => ({
    ...trial,
    about: "the same over a unix socket",
    unix: true,
  }),
};

/** Every trial by its name. */
export const trials: Readonly<Record<string, Trial>> = Object.fromEntries(
  base.flatMap(([name, trial, ways]) => [
    [name, trial],
    ...ways.map((way) => [`${name}-${way}`, variants[way](trial)]),
  ]),
);

import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { describeNote } from "../../../src/arbiter/telling/notes.ts";
import type { ChildFacts } from "../../../src/arbiter/telling/child-facts.ts";
import type { Note } from "../../../src/arbiter/pool/state.ts";
import { childOf } from "../pool/drive.ts";

const report = suite("report");

const child = childOf({ age: 7, slot: 2 });
const killed = childOf({ age: 7, slot: 2, killed: true });
const WHO = "Worker 2 (pid 42)";

function asked(path: string, ms = 0) {
  return { method: "GET", path, ms };
}

function lineOf(note: Note, facts: Partial<ChildFacts> = {}): string {
  const line = describeNote(note, (age) => {
    assert.is(age, 7);
    return {
      pid: 42,
      flight: undefined,
      look: undefined,
      explained: false,
      ...facts,
    };
  });
  return line === undefined ? "" : `${line.level} ${line.text}`;
}

const failed = {
  about: "rollout-failed",
  generation: 2,
  kept: 1,
  replaced: 0,
  tookMs: 1234,
} as const;

const cases: readonly [Note, string, Partial<ChildFacts>?][] = [
  [
    { about: "blocks-often", times: 10, ms: 45_000 },
    "info Connections waited for a blocked worker 10 times in 45.0 s: where requests block the event loop, -k sync leaves the next one to an idle worker, see docs/worker-classes.md",
  ],
  [
    { about: "ready", child, tookMs: 123.4 },
    `info ${WHO} ready in 123 ms`,
  ],
  [
    { about: "ready", child, tookMs: 1000 },
    `info ${WHO} ready in 1.0 s`,
  ],
  [
    { about: "ready", child, tookMs: 2345 },
    "info Worker 2 ready in 2.3 s",
    { pid: undefined },
  ],
  [
    { about: "crash", child, exit: { code: 1 }, delayMs: 0 },
    `error ${WHO} exited with code 1`,
  ],
  [
    { about: "crash", child, exit: { signal: "SIGSEGV" }, delayMs: 512 },
    `error ${WHO} was killed by SIGSEGV; the next one starts in 0.5 s`,
  ],
  [
    { about: "crash", child, exit: { signal: "SIGKILL" }, delayMs: 0 },
    `error ${WHO} was killed by SIGKILL, by the kernel if memory ran out (see dmesg)`,
  ],
  [
    { about: "crash", child: killed, exit: { signal: "SIGKILL" }, delayMs: 0 },
    `error ${WHO} was killed by SIGKILL`,
  ],
  [
    { about: "boot-failed", child, exit: { code: 1 }, delayMs: 0 },
    `error ${WHO} exited with code 1 before it was ready`,
  ],
  [
    {
      about: "boot-failed",
      child,
      exit: { error: new Error("spawn bun ENOENT") },
      delayMs: 250,
    },
    "error Worker 2 cannot be started: spawn bun ENOENT; the next one starts in 0.3 s",
    { pid: undefined },
  ],
  [
    { about: "boot-failed", child, exit: { code: 4 }, delayMs: 0 },
    `debug ${WHO} could not boot`,
    { explained: true },
  ],
  [
    { about: "boot-failed", child, exit: { code: 4 }, delayMs: 2000 },
    `warning ${WHO} could not boot; the next one starts in 2.0 s`,
    { explained: true },
  ],
  [
    { about: "boot-failed", child, exit: { signal: "SIGSEGV" }, delayMs: 0 },
    `debug ${WHO} could not boot and was killed by SIGSEGV`,
    { explained: true },
  ],
  [
    { about: "boot-timeout", child },
    `error ${WHO} is not ready within the boot timeout: killing it`,
  ],
  [
    { about: "silent", child, ms: 30_000 },
    `critical ${WHO} silent for 30.0 s: its event loop is blocked, killing it`,
  ],
  [
    { about: "silent", child, ms: 30_000 },
    `critical ${WHO} silent for 30.0 s: its event loop is blocked, killing it; no request waited for its answer`,
    { flight: { begun: 1, atWork: undefined, waiting: [] } },
  ],
  [
    { about: "silent", child, ms: 30_000 },
    `critical ${WHO} silent for 30.0 s: its event loop is blocked by GET /spin for 30.0 s, killing it`,
    { flight: { begun: 1, atWork: asked("/spin", 7), waiting: [] } },
  ],
  [
    { about: "silent", child, ms: 30_000 },
    `critical ${WHO} silent for 30.0 s: its event loop is blocked by GET /spin for 30.0 s, killing it; also open: GET /a for 30.0 s`,
    {
      flight: { begun: 1, atWork: asked("/spin"), waiting: [asked("/a", -20)] },
    },
  ],
  [
    { about: "silent", child, ms: 30_000 },
    `critical ${WHO} silent for 30.0 s: its event loop is blocked, killing it; open: GET /slow for 31.5 s, GET /b for 30.1 s, GET /c for 30.0 s`,
    {
      flight: {
        begun: 1,
        atWork: undefined,
        waiting: [
          asked("/slow", 1500),
          asked("/b", 100),
          asked("/c"),
          asked("/d"),
        ],
      },
    },
  ],
  [
    { about: "silent", child, ms: 30_000 },
    `critical ${WHO} silent for 30.0 s: its event loop is blocked by GET /b for 30.1 s, killing it; also open: GET /slow for 31.5 s; it was in f (a.ts:1) < b.ts:2`,
    {
      flight: {
        begun: 1,
        atWork: undefined,
        waiting: [asked("/slow", 1500), asked("/b", 100)],
      },
      look: {
        by: asked("/b", 100),
        begun: 1,
        frames: ["f (a.ts:1)", "b.ts:2"],
      },
    },
  ],
  [
    { about: "silent", child, ms: 30_000 },
    `critical ${WHO} silent for 30.0 s: its event loop is blocked by GET /b for 30.1 s, killing it; it was in f (a.ts:1)`,
    { look: { by: asked("/b", 100), begun: 1, frames: ["f (a.ts:1)"] } },
  ],
  [
    { about: "silent", child, ms: 30_000 },
    `critical ${WHO} silent for 30.0 s: its event loop is blocked, killing it; its stack is not known on Bun`,
    { blind: "Bun" },
  ],
  [
    { about: "overdue", child },
    `warning ${WHO} still here after the graceful timeout: killing it`,
  ],
  [
    { about: "left", child, exit: { code: 0 }, tookMs: 12 },
    `info ${WHO} left in 12 ms`,
  ],
  // By the app's own handlers of SIGINT and SIGTERM.
  [
    { about: "left", child, exit: { code: 130 }, tookMs: 12 },
    `info ${WHO} left in 12 ms`,
  ],
  [
    { about: "left", child, exit: { code: 143 }, tookMs: 12 },
    `info ${WHO} left in 12 ms`,
  ],
  // A worker that boots has no handlers when its process group is told to go.
  ...["SIGQUIT", "SIGTERM", "SIGINT"].map((signal): [Note, string] => [
    { about: "left", child, exit: { signal }, tookMs: 12 },
    `info ${WHO} left in 12 ms`,
  ]),
  [
    { about: "left", child, exit: { signal: "SIGSEGV" }, tookMs: 12 },
    `warning ${WHO} was killed by SIGSEGV while leaving`,
  ],
  [
    { about: "left", child: killed, exit: { signal: "SIGKILL" }, tookMs: 1012 },
    `info ${WHO} left in 1.0 s`,
  ],
  [
    { about: "left", child, exit: { code: 1 }, tookMs: 12 },
    `warning ${WHO} exited with code 1 while leaving`,
  ],
  [
    {
      about: "recycle",
      kind: "max_requests",
      child,
      reason: "1000 requests",
      now: false,
    },
    `info ${WHO} will be replaced after 1000 requests`,
  ],
  [
    {
      about: "recycle",
      kind: "memory",
      child,
      reason: "300 MiB of memory, more than the hard limit of 200 MiB",
      now: true,
    },
    `warning ${WHO} is replaced at once: it takes 300 MiB of memory, more than the hard limit of 200 MiB`,
  ],
  [
    {
      about: "recycle",
      kind: "error",
      child,
      reason: "the end of its server",
      now: true,
    },
    `warning ${WHO} is replaced at once after the end of its server`,
  ],
  [
    { about: "late", child },
    `debug ${WHO} late: a sibling takes its queues`,
  ],
  [
    { about: "rollout", generation: 2, wanted: 1 },
    "info Reload begins: generation 2, 1 worker",
  ],
  [
    { about: "rollout", generation: 2, wanted: 4 },
    "info Reload begins: generation 2, 4 workers",
  ],
  [
    { about: "unclosed", child },
    `warning ${WHO} has not said within 2 s that it accepts no more`,
  ],
  [
    { about: "rolled-out", generation: 2, tookMs: 870 },
    "info Reload done in 870 ms: generation 2 serves",
  ],
  [
    { ...failed, cause: undefined },
    "error Reload failed: generation 1 serves on; generation 2 given up after 1.2 s",
  ],
  [
    { ...failed, cause: { child, exit: { code: 4 } } },
    `error Reload failed: generation 1 serves on; generation 2 given up after 1.2 s: ${WHO} exited with code 4`,
  ],
  [
    {
      ...failed,
      cause: {
        child: { ...killed, phase: "booting" },
        exit: { signal: "SIGKILL" },
      },
    },
    `error Reload failed: generation 1 serves on; generation 2 given up after 1.2 s: ${WHO} was not ready within the boot timeout`,
  ],
  [
    { ...failed, replaced: 1, cause: { child, exit: { code: 3 } } },
    `error Reload stopped: 1 worker of generation 2 and the others of generation 1 serve on; send HUP to try again; generation 2 given up after 1.2 s: ${WHO} exited with code 3`,
  ],
  [
    { about: "rollout-superseded", generation: 3, tookMs: 5000 },
    "info Reload asked for again: generation 3, of which no worker was ready after 5.0 s, makes way for another",
  ],
  [
    { about: "reload-queued" },
    "info Reload asked for during a reload: another follows",
  ],
  [
    { ...failed, cause: { child: killed, exit: { code: 3 } } },
    `error Reload failed: generation 1 serves on; generation 2 given up after 1.2 s: ${WHO} exited with code 3`,
  ],
  [
    {
      ...failed,
      cause: { child: { ...child, phase: "booting" }, exit: { code: 4 } },
    },
    `error Reload failed: generation 1 serves on; generation 2 given up after 1.2 s: ${WHO} exited with code 4`,
  ],
  [
    { ...failed, cause: { child, reason: "an error" } },
    `error Reload failed: generation 1 serves on; generation 2 given up after 1.2 s: ${WHO} had to be replaced: an error`,
  ],
  [
    { ...failed, cause: { child, why: "9 of 9 failed" } },
    `error Reload failed: generation 1 serves on; generation 2 given up after 1.2 s: ${WHO} was rolled back as a canary: 9 of 9 failed`,
  ],
  [
    { about: "recycle", kind: "order", child, reason: "an order", now: false },
    `info ${WHO} will be replaced by an order`,
  ],
  [
    { about: "recycle", kind: "order", child, reason: "an order", now: true },
    `info ${WHO} drains by an order`,
  ],
  [
    { about: "left", child: killed, exit: { abandoned: true }, tookMs: 12 },
    `warning ${WHO} cannot be killed and is waited for no longer while leaving`,
  ],
  [
    { about: "canary-passed", child, thin: false, why: "0 of 9 failed" },
    `info ${WHO} was a good canary: 0 of 9 failed; the others follow`,
  ],
  [
    {
      ...{ about: "canary-passed", child, thin: false, why: "0 of 9 failed" },
      slow: "90 ms",
    },
    `warning ${WHO} was a good canary: 0 of 9 failed; but it is slower: 90 ms; the others follow`,
  ],
  [
    { about: "canary-passed", child, thin: true, why: "too few requests" },
    `warning ${WHO} was a canary, and there were too few requests; the others follow`,
  ],
  [{ about: "resized", wanted: 3 }, "info Pool size is now 3"],
  [
    { about: "resized", wanted: 3, why: "workers are busy" },
    "info Pool size is now 3: workers are busy",
  ],
  [
    { about: "resized", wanted: 3, fixed: true },
    "info Pool size is now 3, whatever the load, until a reload",
  ],
  [
    { about: "size-held", wanted: 3, why: "there is no memory" },
    "warning Pool size stays 3: there is no memory",
  ],
  [{ about: "paused" }, "info All workers drain; HUP brings them back"],
];

for (const [note, line, facts] of cases) {
  report(`describeNote() says "${line.slice(0, 60)}"`, () => {
    assert.is(lineOf(note, facts), line);
  });
}

report.run();

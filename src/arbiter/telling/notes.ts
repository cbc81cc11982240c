/** What the log says of the pool's notes. */
import { countOf } from "../../base/count.ts";
import { exitText, isTidy } from "../../base/exit-text.ts";
import { blockedText } from "./blocked-text.ts";
import type { ChildFacts } from "./child-facts.ts";
import type { Child, Exit, Note } from "../pool/state.ts";
import { milliseconds, nameWorker, seconds } from "./wording.ts";
import type { Line } from "./wording.ts";

/** Signals that ask for the end, of the whole process group too: a worker that boots has no handlers yet. */
const STOPS: ReadonlySet<string | undefined> = new Set([
  "SIGINT",
  "SIGQUIT",
  "SIGTERM",
]);

/** Puts a note into words; undefined for what is not worth a line. */
export function describeNote(
  note: Note,
  factsOf: (age: number) => ChildFacts,
): Line | undefined {
  const worker = "child" in note
    ? nameWorker(note.child, factsOf(note.child.age))
    : "";
  switch (note.about) {
    case "ready":
      return {
        level: "info",
        text: `${worker} ready in ${milliseconds(note.tookMs)}`,
      };
    case "crash":
      return {
        level: "error",
        text: `${worker} ${endText(note)}${nextTry(note.delayMs)}`,
      };
    case "boot-failed":
      if (factsOf(note.child.age).explained) {
        return {
          level: note.delayMs > 0 ? "warning" : "debug",
          text: `${worker} could not boot${
            note.exit.signal === undefined ? "" : ` and ${endText(note)}`
          }${nextTry(note.delayMs)}`,
        };
      }
      return {
        level: "error",
        text: `${worker} ${endText(note)}${
          note.exit.error === undefined ? " before it was ready" : ""
        }${nextTry(note.delayMs)}`,
      };
    case "boot-timeout":
      return {
        level: "error",
        text: `${worker} is not ready within the boot timeout: killing it`,
      };
    case "silent":
      return {
        level: "critical",
        text:
          `${worker} silent for ${
            seconds(note.ms)
          }: its event loop is blocked` +
          blockedText(factsOf(note.child.age), note.ms),
      };
    // What was seen of it is known a little later, see `describeSlow` in blocked-text.ts.
    case "slow":
      return undefined;
    case "overdue":
      return {
        level: "warning",
        text: `${worker} still here after the graceful timeout: killing it`,
      };
    case "crowded":
      return {
        level: "warning",
        text: `${worker} is cut after a drain of ${
          seconds(note.ms)
        }: no more than ${note.most} may drain at a time, see --max-draining`,
      };
    case "left":
      if (
        isTidy(note.exit.code) || STOPS.has(note.exit.signal) ||
        (note.child.killed && !note.exit.abandoned)
      ) {
        return {
          level: "info",
          text: `${worker} left in ${milliseconds(note.tookMs)}`,
        };
      }
      return {
        level: "warning",
        text: `${worker} ${endText(note)} while leaving`,
      };
    case "recycle":
      if (note.kind === "order") {
        const what = note.now ? "drains" : "will be replaced";
        return { level: "info", text: `${worker} ${what} by an order` };
      }
      if (note.now) {
        return {
          level: "warning",
          text: note.kind === "memory"
            ? `${worker} is replaced at once: it takes ${note.reason}`
            : `${worker} is replaced at once after ${note.reason}`,
        };
      }
      return {
        level: "info",
        text: `${worker} will be replaced after ${note.reason}`,
      };
    case "late":
      return {
        level: "debug",
        text: `${worker} late: a sibling takes its queues`,
      };
    case "blocks-often":
      return {
        level: "info",
        text: `Connections waited for a blocked worker ${note.times} times in ${
          seconds(note.ms)
        }: where requests block the event loop, -k sync leaves the next one to an idle worker, see docs/worker-classes.md`,
      };
    case "rollout":
      return {
        level: "info",
        text: `Reload begins: generation ${note.generation}, ${
          countOf(note.wanted, "worker")
        }`,
      };
    case "unclosed":
      return {
        level: "warning",
        text: `${worker} has not said within 2 s that it accepts no more`,
      };
    case "rolled-out":
      return {
        level: "info",
        text: `Reload done in ${
          milliseconds(note.tookMs)
        }: generation ${note.generation} serves`,
      };
    case "rollout-failed":
      return {
        level: "error",
        text:
          (note.replaced === 0
            ? `Reload failed: generation ${note.kept} serves on`
            : `Reload stopped: ${
              countOf(note.replaced, "worker")
            } of generation ${note.generation} and the others of generation ${note.kept} serve on; send HUP to try again`) +
          givenUp(note, factsOf),
      };
    case "rollout-superseded":
      return {
        level: "info",
        text:
          `Reload asked for again: generation ${note.generation}, of which no worker was ready after ${
            milliseconds(note.tookMs)
          }, makes way for another`,
      };
    case "reload-queued":
      return {
        level: "info",
        text: "Reload asked for during a reload: another follows",
      };
    case "canary":
      return {
        level: "info",
        text: `${worker} is the canary: judged for ${
          seconds(note.forMs)
        } before others follow`,
      };
    case "canary-passed":
      return canaryPassed(note, worker);
    case "resized":
      return { level: "info", text: resizedText(note) };
    case "size-held":
      return {
        level: "warning",
        text: `Pool size stays ${note.wanted}: ${note.why}`,
      };
    case "paused":
      return { level: "info", text: "All workers drain; HUP brings them back" };
  }
}

/** Which generation was given up, when and why. */
function givenUp(
  { generation, tookMs, cause }: Note & { about: "rollout-failed" },
  factsOf: (age: number) => ChildFacts,
): string {
  const after = `; generation ${generation} given up after ${
    milliseconds(tookMs)
  }`;
  if (cause === undefined) return after;
  const { child } = cause;
  const worker = nameWorker(child, factsOf(child.age));
  if ("reason" in cause) {
    return `${after}: ${worker} had to be replaced: ${cause.reason}`;
  }
  if ("why" in cause) {
    return `${after}: ${worker} was rolled back as a canary: ${cause.why}`;
  }
  const why = child.phase === "booting" && child.killed
    ? "was not ready within the boot timeout"
    : endText(cause);
  return `${after}: ${worker} ${why}`;
}

/** Why the size is another one. */
function resizedText({ wanted, why, fixed }: Note & { about: "resized" }) {
  const text = `Pool size is now ${wanted}`;
  if (why !== undefined) return `${text}: ${why}`;
  return fixed ? `${text}, whatever the load, until a reload` : text;
}

function endText({ child, exit }: { child: Child; exit: Exit }): string {
  const { signal, error } = exit;
  if (error !== undefined) return `cannot be started: ${error.message}`;
  if (exit.abandoned) return "cannot be killed and is waited for no longer";
  if (signal === "SIGKILL" && !child.killed) {
    return "was killed by SIGKILL, by the kernel if memory ran out (see dmesg)";
  }
  return exitText(exit);
}

function nextTry(delayMs: number): string {
  return delayMs > 0 ? `; the next one starts in ${seconds(delayMs)}` : "";
}

function canaryPassed(
  { thin, why, slow }: Note & { about: "canary-passed" },
  worker: string,
): Line {
  const judged = thin
    ? `${worker} was a canary, and there were ${why}`
    : `${worker} was a good canary: ${why}`;
  const slower = slow === undefined ? "" : `; but it is slower: ${slow}`;
  return {
    level: thin || slow !== undefined ? "warning" : "info",
    text: `${judged}${slower}; the others follow`,
  };
}

/** The tables of `docs/hooks.md`. */
import {
  ARBITER_HOOKS,
  type HookName,
  WORKER_HOOKS,
} from "../src/hooks/names.ts";
import { code, table } from "./markdown.ts";

/** What the page says of a hook. */
interface HookText {
  /** What it is called with. */
  readonly given: string;
  readonly when: string;
  /** What waits for its promise. */
  readonly waits: string;
  /** What follows when it throws, beside the line in the log. */
  readonly thrown: string;
}

const NOTHING = "nothing";

/** What the page says of each. */
export const hookTexts: Readonly<Record<HookName, HookText>> = {
  onStarting: {
    given: "server",
    when:
      "at the start, when the pid file is written; no address is open. Signals wait: TERM until the hook has ended, INT, QUIT and a second TERM not at all, the others until workers are started",
    waits: "the start",
    thrown: "corn does not start; exit code 1",
  },
  nworkersChanged: {
    given: "server, now, before",
    when:
      "the number of workers that corn keeps is another one: at the start (`before` is undefined), by TTIN and TTOU, by a reload, and by the load where `workers` is a range",
    waits: NOTHING,
    thrown: NOTHING,
  },
  preFork: {
    given: "server, worker",
    when: "before a worker is started",
    waits: "the start of this worker",
    thrown: "the worker starts with nothing added",
  },
  workerReady: {
    given: "server, worker",
    when: "a worker is ready: its app is loaded and it accepts",
    waits: NOTHING,
    thrown: NOTHING,
  },
  whenReady: {
    given: "server",
    when: "once, after the first workerReady",
    waits: NOTHING,
    thrown: NOTHING,
  },
  onReload: {
    given: "server",
    when:
      "a reload has read the new config and opened its addresses; it is the new file's hook",
    waits: "the start of the new workers",
    thrown: "nothing, the reload goes on",
  },
  reloadFailed: {
    given: "server, error",
    when:
      "a reload was refused for its config, or given up for its app; the hook of the config that serves on",
    waits: NOTHING,
    thrown: NOTHING,
  },
  childExit: {
    given: "server, worker, exit",
    when:
      "a worker has ended, however it did; `exit` has its `code` or `signal`",
    waits: NOTHING,
    thrown: NOTHING,
  },
  preExec: {
    given: "server",
    when: "USR2, before the new arbiter is started",
    waits: "the upgrade",
    thrown: "the upgrade is refused, this arbiter serves on",
  },
  onExit: {
    given: "server",
    when:
      "all workers are gone, and all other hooks have ended; also after a start that failed behind onStarting",
    waits: "the end; a second TERM ends it",
    thrown: NOTHING,
  },
  postFork: {
    given: "worker",
    when: "first of all in a worker, which is `--user` already",
    waits: "the load of the app",
    thrown: NOTHING,
  },
  postWorkerInit: {
    given: "worker",
    when: "the app is loaded and its onStart is over",
    waits: "readiness",
    thrown: NOTHING,
  },
  preRequest: {
    given: "worker, request",
    when: "before the app is called",
    waits: "the request",
    thrown: "the request is answered with 500, the app is not called",
  },
  postRequest: {
    given: "worker, request, outcome",
    when:
      "the app has answered or failed; for a Node listener, when its response has closed",
    waits: "a drain, as for `waitUntil`",
    thrown: NOTHING,
  },
  workerInt: {
    given: "worker",
    when: "QUIT, or INT to the arbiter",
    waits: "the exit, for 1.5 s at most; after INT for `--graceful-timeout`",
    thrown: NOTHING,
  },
  workerAbort: {
    given: "worker",
    when:
      "ABRT, which a worker gets that was silent for `--timeout`; an event loop that is still blocked calls nothing",
    waits: "the exit (code 1), for 0.7 s at most",
    thrown: NOTHING,
  },
  workerExit: {
    given: "worker",
    when: "before a worker exits by its own decision",
    waits: "the exit, within what is left of the graceful timeout",
    thrown: NOTHING,
  },
};

/** The table of the arbiter's hooks, or of the workers'. */
export function hooksTable(place: "arbiter" | "worker"): string {
  const names = place === "arbiter" ? ARBITER_HOOKS : WORKER_HOOKS;
  return table(
    ["Hook", "Called", "What waits for it", "What follows if it throws"],
    names.map((name) => {
      const { given, when, waits, thrown } = hookTexts[name];
      return [code(`${name}(${given})`), when, waits, thrown];
    }),
  );
}

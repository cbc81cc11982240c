/** What Gunicorn's signals do to corn, for `docs/from-gunicorn.md`. */

/** A signal, and how far corn does the same. */
export interface SignalAnswer {
  /** The name without SIG. */
  readonly signal: string;
  /** What corn does; one line without a period. */
  readonly corn: string;
  /** Where that is not what Gunicorn does. */
  readonly difference: string;
}

/** To Gunicorn's arbiter. */
export const arbiterSignals: readonly SignalAnswer[] = [
  {
    signal: "TERM",
    corn: "graceful stop",
    difference:
      "`--drain-delay` may come first, still accepting; idle connections keep their keep-alive time; INT, QUIT or another TERM ends everything at once",
  },
  {
    signal: "INT",
    corn: "quick stop",
    difference: "open requests are cut, as in Gunicorn",
  },
  {
    signal: "QUIT",
    corn: "quick stop",
    difference: "open requests are cut, as in Gunicorn",
  },
  {
    signal: "HUP",
    corn: "reload of config and code",
    difference:
      "old workers drain only when new ones are ready; a config or an app that is broken changes nothing",
  },
  {
    signal: "TTIN",
    corn: "one worker more",
    difference: "forgotten at the next HUP, as in Gunicorn",
  },
  {
    signal: "TTOU",
    corn: "one worker less, never below one",
    difference: "forgotten at the next HUP, as in Gunicorn",
  },
  {
    signal: "USR1",
    corn: "reopens the log file",
    difference: "workers have none open: their lines go through the arbiter",
  },
  {
    signal: "USR2",
    corn: "upgrade: a second arbiter on the same sockets",
    difference:
      "the new one reports ready or is given up; TERM to the old one meanwhile waits for that",
  },
  {
    signal: "WINCH",
    corn: "drains all workers and keeps the address; HUP brings them back",
    difference: "everywhere but on a terminal, not for a daemon only",
  },
  {
    signal: "CHLD",
    corn: "a worker that ended is seen and replaced",
    difference: "with backoff where it keeps dying",
  },
];

/** To one of Gunicorn's workers. */
export const workerSignals: readonly SignalAnswer[] = [
  {
    signal: "TERM",
    corn: "the worker asks to be replaced",
    difference: "it drains once its replacement is ready",
  },
  {
    signal: "QUIT",
    corn: "ends at once",
    difference:
      "after workerInt and workerExit, which have a second and a half; the arbiter replaces it as one that died",
  },
  {
    signal: "INT",
    corn: "ignored",
    difference:
      "a terminal sends it to arbiter and workers; the arbiter decides",
  },
  {
    signal: "ABRT",
    corn:
      "ends the process, as the system does it, or after workerAbort where there is one",
    difference: "a blocked event loop calls no hook and is killed",
  },
  {
    signal: "USR1",
    corn: "ignored",
    difference:
      "the arbiter has the log file; on Deno it opens the inspector, which is closed again at once",
  },
  { signal: "WINCH", corn: "ignored", difference: "as in Gunicorn" },
  {
    signal: "HUP",
    corn: "ignored",
    difference: "a worker of Gunicorn's dies of it",
  },
  {
    signal: "USR2",
    corn: "ignored",
    difference: "a worker of Gunicorn's dies of it",
  },
];

/** What a signal does, to the arbiter and to a worker. */
export interface SignalMeaning {
  /** The signal's name without SIG. */
  readonly signal: string;
  /** What the arbiter does. */
  readonly arbiter: string;
  /** What a worker does. */
  readonly worker: string;
}

/** The signals corn knows, for the docs. */
export const signals: readonly SignalMeaning[] = [
  {
    signal: "TERM",
    arbiter: "graceful stop: fail readiness, drain, exit 0",
    worker: "be replaced: drain once the replacement is ready, then exit",
  },
  {
    signal: "INT",
    arbiter: "quick stop: cut what is open, then let the app end",
    worker: "ignored",
  },
  {
    signal: "QUIT",
    arbiter: "quick stop, of which the app is not told",
    worker: "quit now",
  },
  {
    signal: "HUP",
    arbiter:
      "reload config and code; new workers are ready before old ones drain",
    worker: "ignored",
  },
  { signal: "TTIN", arbiter: "one worker more", worker: "ignored" },
  { signal: "TTOU", arbiter: "one worker less", worker: "ignored" },
  {
    signal: "USR1",
    arbiter: "reopen the log files",
    worker: "reopen the access log",
  },
  {
    signal: "USR2",
    arbiter:
      "upgrade: start a new arbiter on the same sockets; then TERM leaves all to it",
    worker: "ignored",
  },
  {
    signal: "WINCH",
    arbiter:
      "drain all workers, keep the address; HUP brings them back; ignored when run on a terminal",
    worker: "ignored",
  },
  { signal: "CHLD", arbiter: "reap workers that ended", worker: "ignored" },
];

/** The words that are commands, and what stands before one. */

/** A command. */
export interface CommandWord {
  /** What follows it. */
  readonly takes: string;
  readonly summary: string;
}

/** By their words, in the order they are shown. */
export const COMMANDS: Readonly<Record<string, CommandWord>> = {
  ls: { takes: "", summary: "List the corns of this user" },
  status: { takes: "[W]", summary: "Show the pool, or one worker" },
  top: { takes: "", summary: "Show the pool as it changes" },
  dashboard: {
    takes: "[--port N] [--no-open]",
    summary: "Show the pool in a browser",
  },
  reload: {
    takes: "[--canary SECONDS]",
    summary: "Load config and code anew",
  },
  stop: { takes: "[--quick]", summary: "Stop" },
  scale: { takes: "N|+N|-N|auto", summary: "Change the number of workers" },
  restart: {
    takes: "W|all",
    summary: "Replace workers, each by one that is ready before",
  },
  drain: {
    takes: "W",
    summary: "Let a worker end; another takes its slot at once",
  },
  kill: { takes: "W", summary: "Kill a worker; another takes its slot" },
  reopen: { takes: "", summary: "Open log files anew" },
  upgrade: { takes: "", summary: "Start a new arbiter beside this one" },
  stack: { takes: "W", summary: "Tell where a worker is blocked" },
  profile: {
    takes: "W [--seconds N] [--thread N] [-o FILE]",
    summary: "Write down what a worker uses the processor for (.cpuprofile)",
  },
  heap: {
    takes: "W [--thread N] [--drain] [-o FILE]",
    summary: "Write down what a worker has in memory (.heapsnapshot)",
  },
  metrics: {
    takes: "",
    summary: "Print the metrics, as Prometheus reads them",
  },
  requests: {
    takes: "[--query]",
    summary: "List the requests that are open, oldest first",
  },
  config: { takes: "", summary: "Show the settings in force" },
  logs: {
    takes: "[W] [-f] [--level L]",
    summary: "Show the last lines of the log, and those that come",
  },
  events: { takes: "[-f]", summary: "Show what has happened to workers" },
};

/** Commands that need no corn that runs. */
export const OTHER_COMMANDS: Readonly<Record<string, CommandWord>> = {
  make: { takes: "KIND", summary: "Write files that fit the config" },
  completion: {
    takes: "bash|zsh|fish",
    summary: "Complete words in a shell",
  },
  help: { takes: "[COMMAND]", summary: "Tell what there is, or of a command" },
};

/** Flags before a command whose value stands behind them. */
export const VALUED: ReadonlySet<string> = new Set([
  "-s",
  "--socket",
  "-p",
  "--pidfile",
  "--pid",
  "--timeout",
  "--level",
  "--canary",
  "--seconds",
  "--thread",
  "--port",
  "-o",
  "--output",
]);

/** Those that stand alone. */
export const ALONE: ReadonlySet<string> = new Set([
  "--json",
  "--no-wait",
  "--no-open",
  "-f",
  "--follow",
  "--quick",
  "--query",
  "--drain",
]);

/** True where a command line gives an order to a running corn: its first word is a command. */
export function isCommand(args: readonly string[]): boolean {
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] as string;
    if (VALUED.has(arg)) at++;
    else if (!ALONE.has(arg) && !VALUED.has(arg.split("=", 1)[0] ?? "")) {
      return Object.hasOwn(COMMANDS, arg);
    }
  }
  return false;
}

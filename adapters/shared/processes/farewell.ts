/** What the app wants done at the end of its process: its handlers of signals and of `beforeExit`. */
import { EventEmitter } from "node:events";
import process from "node:process";
import type { Closeable, Farewell } from "../../../src/runtime/runtime.ts";
import { letClockGo } from "../machine/machine.ts";
import { isOwn, listensForCorn } from "../machine/process-events.ts";
import { holdLink } from "./parent.ts";
import { setInterval } from "../originals/originals.ts";

/** What a process is told to end by. */
const SIGNALS = { SIGTERM: 15, SIGINT: 2 } as const;

type SignalToEnd = keyof typeof SIGNALS;
type Run = (...args: unknown[]) => unknown;

/** What an emitter does with one event, by its name. */
const BY_NAME = [
  "on",
  "once",
  "addListener",
  "prependListener",
  "prependOnceListener",
  "off",
  "removeListener",
  "listeners",
  "rawListeners",
  "listenerCount",
] as const;

/** The listeners of others, in the process's place. */
const kept = new EventEmitter();

function isKept(name: unknown): name is SignalToEnd {
  return typeof name === "string" && Object.hasOwn(SIGNALS, name) &&
    !listensForCorn();
}

/** Takes over what others listen to, such as a module that was preloaded; corn's own come by another way, and later. */
function keepSignals(): void {
  const host = process as unknown as Record<string, Run>;
  for (const name of Object.keys(SIGNALS) as SignalToEnd[]) {
    for (const run of process.rawListeners(name) as Run[]) {
      process.off(name, run);
      kept.on(name, run);
    }
  }
  const keeper = kept as unknown as Record<string, Run>;
  for (const method of BY_NAME) {
    const plain = host[method] as Run;
    host[method] = function (this: unknown, name: unknown, ...rest: unknown[]) {
      if (!isKept(name)) return plain.call(this, name, ...rest);
      const result = keeper[method]?.(name, ...rest);
      return result === kept ? process : result;
    };
  }
  const plain = host.removeAllListeners as Run;
  const removeAll = (name: string | symbol) => {
    if (isKept(name)) return void kept.removeAllListeners(name);
    const all = process.rawListeners(name) as Run[];
    if (!all.some((run) => isOwn(name, run))) {
      return void plain.call(process, name);
    }
    for (const run of all) if (!isOwn(name, run)) process.off(name, run);
  };
  host.removeAllListeners = (name?: unknown) => {
    const names = name === undefined
      ? [...Object.keys(SIGNALS), ...process.eventNames()]
      : [name as string | symbol];
    for (const one of names) removeAll(one);
    return process;
  };
  keepDenoSignals();
}

/** Deno has a way of its own. */
function keepDenoSignals(): void {
  const { Deno } = globalThis as unknown as {
    Deno?: Record<"addSignalListener" | "removeSignalListener", Run>;
  };
  if (Deno === undefined) return;
  const { addSignalListener, removeSignalListener } = Deno;
  Deno.addSignalListener = (name, run) =>
    isKept(name)
      ? void kept.on(name, run as Run)
      : addSignalListener(name, run);
  Deno.removeSignalListener = (name, run) =>
    isKept(name)
      ? void kept.off(name, run as Run)
      : removeSignalListener(name, run);
}

/** Calls all, and gives what they returned; what they throw comes as a rejected promise. */
function callAll(
  emitter: Pick<EventEmitter, "rawListeners">,
  event: string,
  args: readonly unknown[],
): unknown[] {
  return (emitter.rawListeners(event) as Run[]).map((run) => {
    try {
      return run.apply(process, [...args]);
    } catch (error) {
      return Promise.reject(error);
    }
  });
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then ===
    "function";
}

/** Waits for all of them. @throws the first that any of them failed with */
async function settle(results: readonly unknown[]): Promise<void> {
  const settled = await Promise.allSettled(results);
  const failed = settled.find(({ status }) => status === "rejected");
  if (failed !== undefined) throw (failed as PromiseRejectedResult).reason;
}

/**
 * Lets the loop end, which "beforeExit" tells, and goes on then. Others that
 * listen to it are told of the end of the process alone.
 */
function onIdle(hold: (on: boolean) => void, run: () => void): Closeable {
  const others = process.rawListeners("beforeExit") as Run[];
  for (const other of others) process.off("beforeExit", other);
  const close = () => {
    process.off("beforeExit", ended);
    for (const other of others.splice(0)) process.on("beforeExit", other);
    hold(true);
  };
  const ended = () => {
    close();
    run();
  };
  process.on("beforeExit", ended);
  hold(false);
  return { close };
}

export function keepFarewell(): Farewell {
  keepSignals();
  letClockGo();
  // In place of what corn's timers and channel held it by.
  const keeper = setInterval(() => {}, 2 ** 31 - 1);
  const hold = (on: boolean) => {
    holdLink(on);
    if (on) keeper.ref();
    else keeper.unref();
  };
  const count = (name: string) => kept.listenerCount(name);
  return {
    get handlesSignals() {
      return count("SIGTERM") + count("SIGINT") > 0;
    },
    get handlesExit() {
      return process.listenerCount("beforeExit") > 0;
    },
    async callSignalHandlers(signal = "SIGTERM") {
      const other = signal === "SIGTERM" ? "SIGINT" : "SIGTERM";
      const name = count(signal) > 0 ? signal : other;
      const results = callAll(kept, name, [name, SIGNALS[name]]);
      await settle(results);
      return results.every(isPromise);
    },
    async callExitHandlers() {
      const results = callAll(process, "beforeExit", [process.exitCode ?? 0]);
      process.removeAllListeners("beforeExit");
      await settle(results);
    },
    onIdle: (run) => onIdle(hold, run),
  };
}

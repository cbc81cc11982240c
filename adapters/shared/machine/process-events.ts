/** What happens to this process: signals, errors that nothing caught, its end by others. */
import { readFileSync } from "node:fs";
import process from "node:process";
import type { Closeable, Signals } from "../../../src/runtime/runtime.ts";
import { exit } from "../originals/originals.ts";
import { allowExit, refusesExit } from "./without-exit.ts";

/** As they are before the listeners of others are kept apart, see farewell.ts. */
const plain = { on: process.on, off: process.off };
let calls = 0;

type Listener = (error: unknown) => void;

/** What corn itself listens to, by the name of the event. */
const own = new Map<string | symbol, Set<unknown>>();

/** True for a listener of corn's own, which an app does not mean that removes all. */
export function isOwn(name: string | symbol, run: unknown): boolean {
  return own.get(name)?.has(run) === true;
}

/** True while corn listens for itself, which on Deno goes by `Deno.addSignalListener` (2.9.5, DENO-SIGNAL-BY-LISTENER). */
export function listensForCorn(): boolean {
  return calls > 0;
}

function callPlain(method: "on" | "off", name: string, run: Listener) {
  calls++;
  try {
    plain[method].call(process, name, run);
  } finally {
    calls--;
  }
}

/** Listens for corn itself, until closed. */
function listen(name: string, run: Listener): Closeable {
  callPlain("on", name, run);
  const kept = own.get(name) ?? new Set();
  own.set(name, kept.add(run));
  return {
    close() {
      callPlain("off", name, run);
      kept.delete(run);
    },
  };
}

export const signals: Signals = {
  on: listen,
  send(pid, signal) {
    try {
      return process.kill(pid, signal);
    } catch (error) {
      if ((error as { code?: string }).code === "ESRCH") return false;
      throw error;
    }
  },
  exists(pid) {
    try {
      process.kill(pid, 0);
    } catch (error) {
      if ((error as { code?: string }).code !== "EPERM") return false;
    }
    return !isZombie(pid);
  },
};

/** True for a process that has ended and was not reaped: it can be signalled all the same, see kill(2). */
function isZombie(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name in parentheses may hold anything, see proc_pid_stat(5).
    return stat.charAt(stat.lastIndexOf(")") + 2) === "Z";
  } catch {
    return false; // No /proc, or none that may be read.
  }
}

/** True once corn itself ends this process. */
let ending = false;

/** Ends this process. */
export function exitByCorn(code: number): never {
  ending = true;
  // On Deno `process.exit` as it was before leads to the call that is refused.
  allowExit();
  return exit(code);
}

/** See `Runtime.onOtherEnd`. */
export function onOtherEnd(run: (code: number) => void): void {
  process.on("exit", (code) => {
    // On Deno an exit that is refused gets as far as this.
    if (ending || refusesExit()) return;
    process.exitCode = code || 1;
    run(code);
  });
}

/** Reports errors that nothing caught. */
export function onUncaught(run: (error: unknown) => void): void {
  const name = "unhandledRejection";
  listen("uncaughtException", run);
  listen(name, (error: unknown) => {
    // An app that listens sees to it itself, as the runtimes have it; one that
    // listens for the other event may be in any state all the same.
    if (process.listeners(name).every((one) => isOwn(name, one))) run(error);
  });
}

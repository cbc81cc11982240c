/** The arbiter that takes over in an upgrade; its log goes where its predecessor's goes. */
import process from "node:process";
import { alive, childrenOf, signalIfAlive } from "../machine/proc.ts";
import type { Server } from "./server.ts";
import { PATIENCE_MS, until } from "../wait.ts";

export interface Heir {
  readonly pid: number;
  /** Pids of its workers. */
  workers(): number[];
  signal(name: NodeJS.Signals): void;
  /** Ends it and waits until it and its workers are gone. */
  stop(): Promise<void>;
}

/** An upgrade takes the time of a start. */
const UPGRADE_MS = PATIENCE_MS;

/** Waits until what was written to the log since an offset matches, also when its first writer is gone. */
export function untilLogged(
  { log }: Pick<Server, "log">,
  pattern: RegExp,
  from = 0,
): Promise<RegExpExecArray> {
  return until(
    `${pattern} in the log`,
    () => pattern.exec(log().slice(from)),
    UPGRADE_MS,
  );
}

/** Sends USR2 to an arbiter and waits until the one that takes over is ready. */
export async function upgrade(
  server: Pick<Server, "log">,
  pid: number,
): Promise<Heir> {
  const from = server.log().length;
  process.kill(pid, "SIGUSR2");
  const [, text] = await untilLogged(
    server,
    /Upgrade: pid (\d+) is ready/,
    from,
  );
  return heirOf(Number(text));
}

/** Ends the arbiter that was before and waits until its heir has its place. */
export async function promote(
  server: Pick<Server, "log">,
  pid: number,
  signal: NodeJS.Signals = "SIGTERM",
): Promise<void> {
  const from = server.log().length;
  process.kill(pid, signal);
  await untilLogged(server, new RegExp(`Promoted: pid ${pid} is gone`), from);
}

/** An arbiter that takes over, by its pid. */
export function heirOf(pid: number): Heir {
  const workers = () => childrenOf(pid);
  const signal = (name: NodeJS.Signals) => void process.kill(pid, name);
  return {
    pid,
    workers,
    signal,
    async stop() {
      const all = [pid, ...workers()];
      signalIfAlive(pid, "SIGTERM");
      await until("the heir to end", () => !all.some(alive));
    },
  };
}

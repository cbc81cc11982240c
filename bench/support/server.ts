/** A server under test: fresh processes, seen until their first answer, and none left after. */
import { spawn } from "node:child_process";
import { connect } from "node:net";
import { connect as connectTls } from "node:tls";
import process from "node:process";
import { cleanEnvironment, root } from "../../scripts/tools.ts";
import type { Command } from "./commands.ts";
import { cpuMs, groupMembers, runMs } from "./proc.ts";

export interface Server extends AsyncDisposable {
  readonly url: string;
  /** From the spawn to the end of the first answer. */
  readonly firstAnswerMs: number;
  /** Every process of it; the arbiter is the first. */
  pids(): number[];
  /** Milliseconds of processor time that all of them have used. */
  cpuMs(): number;
  /** The same to the nanosecond. */
  runMs(): number;
}

export interface ServerOptions {
  readonly port: number;
  readonly commands: readonly Command[];
  readonly env?: Readonly<Record<string, string>>;
  /** The processors to run on, as taskset(1) takes them. */
  readonly processors?: string | undefined;
  /** True where it speaks TLS, whatever its certificate. */
  readonly secure?: boolean;
}

const START_MS = 180_000;
/** Workers that boot one after the other on a busy machine. */
const SETTLE_MS = 180_000;
const POLL_MS = 2;
/** Idle is at most so much processor time of a few processes, or for each of many, which beat once a second … */
const QUIET_CPU_MS = 10;
const QUIET_CPU_EACH_MS = 2;
/** … in so much time. */
const QUIET_MS = 500;
const groups = new Set<number>();

/** Starts a server and waits for its first answer. @throws when there is none in three minutes. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const began = performance.now();
  const own: number[] = [];
  const errors: string[] = [];
  let ended = false;
  for (const command of options.commands) {
    const [program, ...args] = pinned(command, options.processors);
    const child = spawn(program, args, {
      // Deno finds its config from here.
      cwd: root,
      env: { ...cleanEnvironment(), NODE_ENV: "production", ...options.env },
      stdio: ["ignore", "ignore", "pipe"],
      detached: true,
    });
    child.stderr.on("data", (chunk) => errors.push(String(chunk)));
    child.on("error", (error) => errors.push(String(error)));
    child.on("exit", () => ended = true);
    if (child.pid !== undefined) {
      own.push(child.pid);
      groups.add(child.pid);
    }
  }
  const { port, secure = false } = options;
  while (!await answers(port, secure)) {
    if (ended || performance.now() - began > START_MS) {
      await end(own);
      throw new Error(
        `Cannot start "${options.commands[0]?.join(" ")}": ${
          ended ? "it exited" : "no answer in three minutes"
        }\n${errors.join("")}`,
      );
    }
    await sleep(POLL_MS);
  }
  const firstAnswerMs = performance.now() - began;
  const pids = () => own.flatMap(groupMembers);
  return {
    url: `${secure ? "https" : "http"}://127.0.0.1:${port}/`,
    firstAnswerMs,
    pids,
    cpuMs: () => pids().reduce((total, pid) => total + cpuMs(pid), 0),
    runMs: () => pids().reduce((total, pid) => total + runMs(pid), 0),
    [Symbol.asyncDispose]: () => end(own),
  };
}

/** A command that runs on some processors only. */
export function pinned(
  command: Command,
  processors: string | undefined,
): Command {
  return processors === undefined
    ? command
    : ["taskset", "--cpu-list", processors, ...command];
}

/**
 * Waits until a server's boot is over: until it has used next to no processor
 * for a while. A worker that is late would leave all connections to another.
 */
export async function settle(server: Server): Promise<void> {
  const until = performance.now() + SETTLE_MS;
  let before = NaN;
  const quiet = () =>
    Math.max(QUIET_CPU_MS, server.pids().length * QUIET_CPU_EACH_MS);
  while (!(server.cpuMs() - before <= quiet())) {
    if (performance.now() > until) {
      throw new Error(
        `Cannot wait for "${server.url}": not idle in three minutes`,
      );
    }
    before = server.cpuMs();
    await sleep(QUIET_MS);
  }
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function answers(port: number, secure: boolean): Promise<boolean> {
  return new Promise((resolve) => {
    let text = "";
    const host = "127.0.0.1";
    const socket = secure
      ? connectTls({ port, host, rejectUnauthorized: false })
      : connect(port, host);
    socket.setTimeout(1000, () => socket.destroy());
    socket.on("error", () => {}); // Refused, until somebody listens.
    socket.on("data", (chunk) => text += chunk);
    socket.on("close", () => resolve(/^HTTP\/1\.1 200/.test(text)));
    socket.write(
      "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    );
  });
}

/** Kills process groups and waits until they are gone. */
async function end(own: readonly number[]): Promise<void> {
  for (const group of own) {
    killGroup(group);
    groups.delete(group);
  }
  const until = performance.now() + 30_000;
  while (own.some((group) => groupMembers(group).length > 0)) {
    if (performance.now() > until) {
      throw new Error(`Cannot end process groups ${own.join(", ")}`);
    }
    await sleep(10);
  }
}

function killGroup(group: number): void {
  try {
    process.kill(-group, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

process.on("exit", () => {
  for (const group of groups) killGroup(group);
});
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => process.exit(1));
}

/** What the scripts share: where things are, and how a command is run. */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** The repository's folder. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The path of a program that npm installed. */
export function bin(name: string): string {
  return join(root, "node_modules", ".bin", name);
}

/** Set in the environment of a run of tests that has built `dist/`. */
export const BUILT_VARIABLE = "TEST_BUILT";

/** A command to run. */
export interface Command {
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Milliseconds after which it is killed with its process group. */
  readonly deadlineMs: number;
}

/** How a command ended. */
export interface Outcome {
  /** Undefined when it was killed or could not be started. */
  readonly code: number | undefined;
  /** The signal that ended it. */
  readonly signal: string | undefined;
  /** What it wrote to both streams, in order. */
  readonly output: string;
  /** True when the deadline ended it. */
  readonly late: boolean;
  /** True when processes that it started outlived it by a second (they are killed). */
  readonly leftovers: boolean;
}

/** Names the processes of one run in their environment, so that those which left its group are found too. */
const MARK = "SCRIPTS_RUN";
const groups = new Set<number>();

/** Runs a command in its own process group and leaves nothing of it behind. */
export async function run(
  program: string,
  command: Command,
): Promise<Outcome> {
  const mark = randomUUID();
  const child = spawn(program, command.args, {
    cwd: command.cwd ?? root,
    env: { ...(command.env ?? cleanEnvironment()), [MARK]: mark },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const group = child.pid;
  if (group !== undefined) groups.add(group);
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));

  let late = false;
  const timer = setTimeout(() => {
    late = true;
    killGroup(group);
  }, command.deadlineMs);
  const closed = new Promise<void>((resolve) => child.on("close", resolve));
  const [code, signal] = await new Promise<
    readonly [code?: number | null, signal?: string | null]
  >((resolve) => {
    child.on("error", (error) => {
      chunks.push(Buffer.from(`${error}\n`));
      resolve([]);
    });
    child.on("exit", (...end) => resolve(end));
  });
  clearTimeout(timer);

  // A process that was told to end may need a moment.
  const until = Date.now() + 1000;
  let leftovers = marked(mark);
  while (leftovers.length > 0 && Date.now() < until) {
    await sleep(20);
    leftovers = marked(mark);
  }
  for (const pid of leftovers) {
    const command = readProc(`/proc/${pid}/cmdline`).replaceAll("\0", " ");
    chunks.push(Buffer.from(`Left behind: ${pid} ${command}\n`));
    kill(pid);
  }
  // A process that escaped and holds the pipes would hold "close" back.
  const enough = setTimeout(() => {
    child.stdout.destroy();
    child.stderr.destroy();
  }, 1000);
  await closed;
  clearTimeout(enough);
  if (group !== undefined) groups.delete(group);
  return {
    code: code ?? undefined,
    signal: signal ?? undefined,
    output: Buffer.concat(chunks).toString(),
    late,
    leftovers: leftovers.length > 0,
  };
}

/** Kills what is still running; call it when the script itself is interrupted. */
export function killAll(): void {
  for (const group of groups) killGroup(group);
}

function killGroup(group: number | undefined): void {
  if (group !== undefined) kill(-group);
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** The living processes of a run; none where there is no `/proc`. */
function marked(mark: string): number[] {
  if (!existsSync("/proc")) return [];
  // A glob takes three times as long.
  return readdirSync("/proc").filter((name) =>
    /^\d+$/.test(name) &&
    readProc(`/proc/${name}/environ`).includes(`${MARK}=${mark}`)
  ).map(Number);
}

/** The text of a file that may be gone by now or be another user's. */
function readProc(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** Resolves after `ms` milliseconds. */
function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** This environment without what would change corn's or npm's behaviour, and with `folders` first on the path. */
export function cleanEnvironment(...folders: string[]): NodeJS.ProcessEnv {
  const unwanted =
    /^(CORN_.*|PORT|WEB_CONCURRENCY|FORCE_COLOR|INIT_CWD|npm_(lifecycle|package)_.*|npm_command|npm_execpath|npm_node_execpath|npm_config_(user_agent|local_prefix|prefix|global_prefix))$/;
  const kept = Object.entries(process.env).filter(([name]) =>
    !unwanted.test(name)
  );
  const path = [
    ...folders,
    join(root, "node_modules", ".bin"),
    process.env.PATH,
  ];
  return { ...Object.fromEntries(kept), PATH: path.join(":"), NO_COLOR: "1" };
}

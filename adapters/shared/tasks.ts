/** What the client of task pools needs of the machine, on all three runtimes. */
import { existsSync, readFileSync } from "node:fs";
import { connect as connectTo } from "node:net";
import { join, resolve } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import type { TaskMachine } from "../../src/runtime/task-machine.ts";
import { clock } from "./machine/machine.ts";
import { listenTo, streamOf } from "./sockets/streams.ts";
import { clearTimeout, setTimeout } from "./originals/originals.ts";

/** Config files, as corn looks for them. */
const CONFIG_FILES = ["ts", "js", "mjs", "json"].map((end) =>
  `corn.config.${end}`
);

export const taskMachine: TaskMachine = {
  clock: {
    monotonic: () => clock.monotonic(),
    after(ms, run) {
      const timer = setTimeout(run, ms);
      timer.unref?.();
      return { close: () => clearTimeout(timer) };
    },
  },
  env: (name) => process.env[name],
  connect(path, events) {
    const socket = connectTo({ path, allowHalfOpen: true });
    let connected = false;
    let code = "ECLOSED";
    socket.on("connect", () => connected = true);
    socket.on("error", (error: NodeJS.ErrnoException) => {
      code = error.code ?? error.message;
    });
    listenTo(socket, {
      ...events,
      onClose: () =>
        connected ? events.onClose() : events.onFail(reasonOf(code, path)),
    });
    return Object.assign(streamOf(socket), {
      hold: (on: boolean) => void (on ? socket.ref() : socket.unref()),
    });
  },
  async findModule(pool) {
    const file = CONFIG_FILES.map((name) => join(process.cwd(), name))
      .find((path) => existsSync(path));
    const where = `Cannot call tasks of "${pool}": corn does not run here`;
    if (file === undefined) {
      throw new RangeError(`${where}, and ${process.cwd()} has no corn.config`);
    }
    const path = await moduleIn(file, pool);
    if (path === undefined) {
      throw new RangeError(`${where}, and ${file} has no such pool`);
    }
    const url = URL.canParse(path)
      ? path
      : pathToFileURL(resolve(file, "..", path)).href;
    return await import(url);
  },
};

/**
 * A queue that is full: Bun says ECONNREFUSED for EAGAIN (1.4.5,
 * BUN-UNIX-AGAIN), as it does where nothing listens.
 */
function reasonOf(code: string, path: string): string {
  if (code !== "ECONNREFUSED" || ownName() !== "bun") return code;
  return isListening(path) ? "EAGAIN" : code;
}

/** Names at which something listened lately, and when that was seen: the table has a row for each connection, and many may be refused at once. */
const seenListening = new Map<string, number>();
const SEEN_MS = 100;

/** As far as /proc tells. */
function isListening(path: string): boolean {
  const now = clock.monotonic();
  if (now - (seenListening.get(path) ?? -Infinity) < SEEN_MS) return true;
  const found = isInTable(path);
  if (found) seenListening.set(path, now);
  else seenListening.delete(path);
  return found;
}

function isInTable(path: string): boolean {
  try {
    return readFileSync("/proc/net/unix", "utf8").split("\n")
      // The flag of a socket that listens.
      .some((row) => row.endsWith(` ${path}`) && row.includes(" 00010000 "));
  } catch {
    return false;
  }
}

/** The module of a pool in a config file, as it is written there. */
async function moduleIn(
  file: string,
  pool: string,
): Promise<string | undefined> {
  const found = file.endsWith(".json")
    ? JSON.parse(readFileSync(file, "utf8"))
    : (await import(pathToFileURL(file).href)).default;
  const context = { runtime: ownName(), env: process.env };
  const config = typeof found === "function" ? await found(context) : found;
  const { tasks = {} } = config as { readonly tasks?: object };
  const given = Object.hasOwn(tasks, pool)
    ? tasks[pool as keyof typeof tasks] as string | { readonly module: string }
    : undefined;
  return typeof given === "string" ? given : given?.module;
}

function ownName(): "node" | "bun" | "deno" {
  const { bun, deno } = process.versions;
  if (bun !== undefined) return "bun";
  return deno === undefined ? "node" : "deno";
}

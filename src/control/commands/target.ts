/** Which of the running corns a command is for. */
import { messageOf } from "../../base/errors.ts";
import { findAll, findByPid } from "../client/find.ts";
import type { Found } from "../client/find.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { Order } from "./options.ts";

/** How commands end. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  none: 3,
  several: 4,
  timeout: 5,
} as const;

/** Why a command ends without what it was for. */
export class CommandError extends Error {
  readonly exitCode: number;
  /** For programs. */
  readonly code: string;

  constructor(exitCode: number, code: string, message: string) {
    super(message);
    this.exitCode = exitCode;
    this.code = code;
  }
}

/** @throws CommandError where there is none, or are several */
export async function findTarget(
  runtime: Runtime,
  { socket, pidfile, pid }: Order,
): Promise<string> {
  if (socket !== undefined) return socket;
  if (pidfile !== undefined) {
    return byPid(readPidfile(pidfile, runtime), runtime).path;
  }
  if (pid !== undefined) return byPid(pid, runtime).path;
  const { CORN_CONTROL = "" } = runtime.self.env();
  if (CORN_CONTROL.startsWith("/")) return CORN_CONTROL;
  const all = await findAll(runtime);
  const [only] = all;
  if (only === undefined) {
    throw new CommandError(
      EXIT.none,
      "none",
      "No corn of this user runs; another user's, or one in a container, is asked at its control socket: -s PATH",
    );
  }
  if (all.length > 1) {
    throw new CommandError(
      EXIT.several,
      "several",
      `Several corns run, choose one with --pid: ${
        all.map(({ pid }) => pid).join(", ")
      } (corn ls shows them)`,
    );
  }
  return only.path;
}

function byPid(pid: number, runtime: Runtime): Found {
  const found = findByPid(pid, runtime);
  if (found !== undefined && runtime.signals.exists(pid)) return found;
  throw new CommandError(
    EXIT.none,
    "none",
    runtime.signals.exists(pid)
      ? `Process ${pid} has no control socket at the usual places; where it is another user's, or in a container, it is found by -s PATH; where its name was removed, HUP makes it again`
      : `There is no process ${pid}`,
  );
}

function readPidfile(path: string, { files }: Runtime): number {
  let text: string | undefined;
  try {
    text = files.readText(path);
  } catch (error) {
    throw new CommandError(
      EXIT.failed,
      "pidfile",
      `Cannot read "${path}": ${messageOf(error)}`,
    );
  }
  if (text === undefined) {
    throw new CommandError(EXIT.none, "none", `There is no pid file "${path}"`);
  }
  const pid = Number(text.trim());
  if (Number.isSafeInteger(pid) && pid > 0) return pid;
  throw new CommandError(
    EXIT.failed,
    "pidfile",
    `Cannot read "${path}": it holds no process id`,
  );
}

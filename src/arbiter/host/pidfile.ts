/** The pid file: `PID\n`, there as long as the arbiter is. */
import { PidfileError, reasonOf } from "../../base/errors.ts";
import type { Closeable, Files, Runtime } from "../../runtime/runtime.ts";

/** This process's pid file; closing removes it, unless another process has taken it over. */
export interface Pidfile extends Closeable {
  /** Puts it in the place of another. @throws PidfileError */
  rename(to: string): void;
}

/** Writes the file. @throws PidfileError */
export function writePidfile(path: string, runtime: Runtime): Pidfile {
  const { files, self, signals } = runtime;
  const held = readPid(path, runtime);
  if (held !== undefined && held !== self.pid && signals.exists(held)) {
    throw new PidfileError(
      `Cannot write pid file "${path}": corn or another program runs as pid ${held}; stop it, or remove the file if it is not corn's`,
    );
  }
  try {
    files.replaceText(path, `${self.pid}\n`);
  } catch (cause) {
    throw new PidfileError(
      `Cannot write pid file "${path}": ${reasonOf(cause)}`,
      { cause },
    );
  }
  let place = path;
  return {
    rename(to) {
      try {
        files.rename(place, to);
      } catch (cause) {
        throw new PidfileError(
          `Cannot rename pid file "${place}" to "${to}": ${reasonOf(cause)}`,
          { cause },
        );
      }
      place = to;
    },
    close() {
      if (isOwn(place, runtime)) removeIfPossible(place, files);
    },
  };
}

/** False where the file is another's, or cannot be read any more. */
function isOwn(path: string, runtime: Runtime): boolean {
  try {
    return readPid(path, runtime) === runtime.self.pid;
  } catch {
    return false;
  }
}

/** False where it stays: a pid file of a process that is gone does no harm. */
function removeIfPossible(path: string, files: Files): boolean {
  try {
    files.remove(path);
    return true;
  } catch {
    return false;
  }
}

function readPid(path: string, { files }: Runtime): number | undefined {
  let text: string | undefined;
  try {
    text = files.readText(path);
  } catch (cause) {
    throw new PidfileError(
      `Cannot read pid file "${path}": ${reasonOf(cause)}`,
      {
        cause,
      },
    );
  }
  const pid = Number(text?.trim());
  return Number.isInteger(pid) && pid > 0 ? pid : undefined;
}

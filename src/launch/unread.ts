/** What Gunicorn would read, and corn does not. */
import { resolvePath } from "../base/path.ts";
import {
  settingNames,
  settingOf,
  variableOf,
} from "../config/table/settings.ts";
import type { Config } from "../config/table/types.ts";
import type { Files, Runtime } from "../runtime/runtime.ts";

/** Lines for people who come from Gunicorn: a variable or a file of its that is there, and corn's that is not. */
export function describeUnread(
  { file, folder }: Pick<Config, "file" | "folder">,
  { self, files }: Pick<Runtime, "self" | "files">,
): string[] {
  const env = self.env();
  const counterparts = new Set(["CORN_CMD_ARGS", ...ownVariables()]);
  const lines = Object.keys(env)
    .map((variable) => [variable, variable.replace("GUNICORN", "CORN")])
    // Where both are given, both servers are in use.
    .filter(([theirs = "", ours = ""]) =>
      theirs.startsWith("GUNICORN_") && env[theirs] && !env[ours] &&
      counterparts.has(ours) && !isItsOwn(theirs, env[theirs])
    )
    .map(([theirs, ours]) =>
      `${theirs} from the environment ignored: corn reads ${ours}`
    );
  const name = "gunicorn.conf.py";
  // Beside a config file of corn's it is what that was made from.
  if (file === undefined && stands(resolvePath(folder, name), files)) {
    lines.push(
      `${name} ignored: corn reads corn.config.ts, docs/from-gunicorn.md has the name of each setting`,
    );
  }
  return lines;
}

function ownVariables(): string[] {
  return settingNames
    .filter((name) => settingOf(name).inEnvironment !== false)
    .map(variableOf);
}

/** What Gunicorn tells its successor at an upgrade: the pid of the arbiter. */
function isItsOwn(variable: string, value: string): boolean {
  return variable === "GUNICORN_PID" && /^\d+$/.test(value);
}

function stands(path: string, files: Files): boolean {
  try {
    return files.kind(path) === "file";
  } catch {
    return false; // It may not be looked at.
  }
}

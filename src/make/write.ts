/** Puts made files where they were asked for. */
import { codeOf, ConfigError, messageOf, UsageError } from "../base/errors.ts";
import { resolvePath } from "../base/path.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { MadeFile } from "./file.ts";

export interface Target {
  /** The folder for them; undefined for standard output. */
  readonly folder: string | undefined;
  /** True to write over what is there. */
  readonly force: boolean;
  /** Takes what is printed. */
  readonly answer: {
    /** True where it is JSON, which has room for several files. */
    readonly json: boolean;
    tell(text: string, value: unknown): void;
  };
}

/**
 * Writes all files or none where one is there. @throws UsageError where
 * standard output cannot take them, ConfigError where the folder cannot
 */
export function writeMade(
  made: readonly MadeFile[],
  { folder, force, answer }: Target,
  { files, self }: Pick<Runtime, "files" | "self">,
): void {
  if (folder === undefined) {
    const [one, ...more] = made;
    if (more.length > 0 && !answer.json) {
      throw new UsageError(
        `Cannot write ${
          made.map(({ name }) => name).join(" and ")
        } to standard output: give a folder, -o DIR`,
      );
    }
    return answer.tell(one?.text ?? "", {
      files: made.map(({ name, text }) => ({ name, text })),
    });
  }
  const home = resolvePath(self.cwd(), folder);
  try {
    if (files.kind(home) !== "folder") {
      throw new ConfigError(
        `Cannot write to "${folder}": there is no such folder`,
      );
    }
    const paths = made.map(({ name }) => resolvePath(home, name));
    const there = paths.filter((path) => files.kind(path) !== undefined);
    if (there.length > 0 && !force) {
      throw new ConfigError(
        `Cannot write ${there.map((path) => `"${path}"`).join(" and ")}: ${
          there.length > 1 ? "they are" : "it is"
        } there already, --force writes over ${
          there.length > 1 ? "them" : "it"
        }`,
      );
    }
    for (const [index, { text }] of made.entries()) {
      files.replaceText(paths[index]!, text);
      self.stderr.write(`corn: ${paths[index]} is written\n`);
    }
    answer.tell("", {
      files: made.map(({ name }, at) => ({ name, path: paths[at] })),
    });
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    const reason = codeOf(cause) === "EACCES"
      ? "permission denied"
      : messageOf(cause);
    throw new ConfigError(`Cannot write to "${folder}": ${reason}`, { cause });
  }
}

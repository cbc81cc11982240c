/** logrotate, and the log that it rotates. */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findProgram } from "../machine/program.ts";
import type { Lab } from "../promise.ts";

/** Undefined where it is not installed. */
export const LOGROTATE: string | undefined = findProgram("logrotate");

/** A log in a folder of its own. */
export interface RotatedLog {
  readonly folder: string;
  readonly path: string;
  /** Rotates it now. */
  rotate(...directives: readonly string[]): void;
}

/** Makes the folder of a log that is rotated. */
export function rotatedLog(lab: Lab, name: string): RotatedLog {
  const [folder, state, config] = ["logs", "state", "logrotate.conf"].map(
    (made) => join(lab.folder, made),
  ) as [string, string, string];
  for (const made of [folder, state, config]) lab.forgive(made);
  mkdirSync(folder);
  const path = join(folder, name);
  return {
    folder,
    path,
    rotate(...directives) {
      writeFileSync(
        config,
        `${path} {\n  rotate 20\n  nocompress\n  ${
          directives.join("\n  ")
        }\n}\n`,
        { mode: 0o600 },
      );
      execFileSync(LOGROTATE as string, ["--force", "--state", state, config]);
    },
  };
}

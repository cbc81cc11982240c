/** Starting corn as another user. */
import { spawnSync } from "node:child_process";
import process from "node:process";
import { cleanEnvironment } from "../../../scripts/tools.ts";
import { commandFor, runtimeName } from "../process/command.ts";

/** The user "nobody" of most systems. */
export const NOBODY = 65534;

/** What starts a command as nobody, with these groups besides. */
export function asNobody(...groups: number[]): string[] {
  const also = groups.length === 0
    ? "--clear-groups"
    : `--groups=${groups.join(",")}`;
  return ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, also];
}

/** The environment of who has no home. */
export const nobodysEnvironment: Readonly<Record<string, string>> = {
  HOME: "/nonexistent",
  DENO_DIR: "/nonexistent",
  TMPDIR: "/tmp",
};

/** True where corn can be started as nobody from here. */
export function canBeNobody(): boolean {
  const [program, ...args] = [
    ...asNobody(),
    ...commandFor(runtimeName, "mod.ts"),
    "--version",
  ] as string[] as [string, ...string[]];
  const env = { ...cleanEnvironment(), ...nobodysEnvironment };
  return process.getuid?.() === 0 &&
    spawnSync(program, args, { env }).status === 0;
}

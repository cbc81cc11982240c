/** Becoming another user, by `node:process`. */
import process from "node:process";
import type { Identity } from "../../../src/runtime/runtime.ts";

/** The groups of this process; Deno has no call for it (2.9.5, DENO-NO-SETGROUPS). */
type SetGroups = (groups: readonly number[]) => void;

/** Takes on an identity, for good. @throws the system's error */
export function become(
  { uid, gid, groups }: Identity,
  setGroups: SetGroups = (groups) => process.setgroups?.([...groups]),
): void {
  // In this order: a process that is no longer root may change nothing.
  setGroups(groups);
  process.setgid?.(gid);
  if (uid !== undefined) process.setuid?.(uid);
}

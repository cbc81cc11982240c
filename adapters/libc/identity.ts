/** Becoming another user where descriptors are worked on through /proc. */
import process from "node:process";
import type { Identity } from "../../src/runtime/runtime.ts";
import { become as becomeByProcess } from "../shared/machine/identity.ts";
import type { Libc } from "./libc.ts";

/** See prctl(2). */
const PR_SET_DUMPABLE = 4;

/** Takes on an identity, for good. @throws the system's error */
export function become(libc: Libc | undefined, identity: Identity): void {
  becomeByProcess(identity, (groups) => setGroups(libc, groups));
  // The kernel gives /proc/self to root when a process becomes another user:
  // the swap of adopt.ts reads it.
  if (process.platform === "linux") {
    libc?.call("prctl", PR_SET_DUMPABLE, 1, 0, 0, 0);
  }
}

function setGroups(libc: Libc | undefined, groups: readonly number[]): void {
  if (process.setgroups !== undefined) {
    return process.setgroups([...groups]);
  }
  if (libc === undefined) {
    throw new Error("the groups of root cannot be left without FFI");
  }
  const list = new Uint8Array(new Uint32Array(groups).buffer);
  libc.call("setgroups", groups.length, list);
}

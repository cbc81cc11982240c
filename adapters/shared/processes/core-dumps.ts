/** Core dumps, turned off by a program of util-linux: Node has no setrlimit(2). */
import process from "node:process";

/**
 * Too little for a file, of which the kernel writes a page at least; and the one
 * limit that it heeds where `core_pattern` is a pipe (do_coredump() in
 * fs/coredump.c): 0 would not keep such a program from being given the memory.
 */
export const NO_CORE = 1;

/** See `Runtime.forbidCoreDumps`. */
export function forbidCoreDumps(): boolean {
  if (process.platform !== "linux") return false;
  const { spawnSync } = process.getBuiltinModule("node:child_process");
  const { status } = spawnSync(
    "prlimit",
    // The colon leaves the hard limit as it is.
    ["--pid", String(process.pid), `--core=${NO_CORE}:`],
    { stdio: "ignore", timeout: 5000 },
  );
  return status === 0;
}

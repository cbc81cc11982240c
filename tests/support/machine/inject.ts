/** Faults of the system, made by strace(1). */
import { spawn, spawnSync } from "node:child_process";
import { findProgram } from "./program.ts";
import { until } from "../wait.ts";

/** Lets these calls of a process fail, `kill:error=EPERM`, until the function that it gives is called; undefined where strace is missing or may not. */
export async function inject(
  pid: number,
  ...faults: readonly string[]
): Promise<(() => Promise<void>) | undefined> {
  const strace = findProgram("strace");
  if (strace === undefined) return undefined;
  if (spawnSync(strace, ["-o", "/dev/null", "true"]).status !== 0) {
    return undefined;
  }
  const calls = faults.map((fault) => fault.split(":")[0]).join(",");
  const child = spawn(strace, [
    ...["-f", "-o", "/dev/null", "-p", String(pid), "-e", `trace=${calls}`],
    ...faults.flatMap((fault) => ["-e", `inject=${fault}`]),
  ], { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text) => said += text);
  const ended = new Promise<void>((resolve) => child.on("exit", resolve));
  await until("strace to attach", () => / attached/.test(said));
  return async () => {
    // After SIGTERM it waits for tracees that may be stopped.
    child.kill("SIGKILL");
    await ended;
  };
}

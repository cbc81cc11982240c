/** What a program of the system prints. */
import type { Runtime } from "../../runtime/runtime.ts";

/** A name service that does not answer counts as one that does not know. */
const LONGEST_MS = 10_000;

/** Asks a program; undefined where it is not there, fails or takes too long. */
export type AskProgram = (
  executable: string,
  args: readonly string[],
) => Promise<string | undefined>;

/** Asks by starting it. */
export function askBy(
  runtime: Pick<Runtime, "spawn" | "self" | "clock">,
): AskProgram {
  return (executable, args) =>
    new Promise((resolve) => {
      let printed = "";
      const child = runtime.spawn({
        executable,
        args,
        env: runtime.self.env(),
        cwd: "/",
        descriptors: [],
        onMessage() {},
        onOutput(stream, text) {
          if (stream === "stdout") printed += text;
        },
        onExit({ code }) {
          deadline.close();
          resolve(code === 0 ? printed : undefined);
        },
      });
      const deadline = runtime.clock.after(LONGEST_MS, () => {
        try {
          child.kill("SIGKILL");
        } catch {
          // It has ended, or waits for the kernel.
        }
        resolve(undefined);
      });
    });
}

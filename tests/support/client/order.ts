/** Commands that ask a running corn. */
import { runOrder } from "../../../src/control/commands/run.ts";
import { runtime } from "../engine/engine.ts";

export interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** Runs a command in this process, which is what the command's own process does. */
export async function order(
  args: readonly string[],
  env: Record<string, string> = {},
  onOutput: (text: string) => void = () => {},
): Promise<Ended> {
  let output = "";
  let errors = "";
  const sink = (take: (text: string) => void) => ({
    terminal: false,
    gone: false,
    whenGone: () => ({ close() {} }),
    write(text: string) {
      take(text);
      return true;
    },
    abandon: () => 0,
  });
  const self = Object.create(runtime.self, {
    stdout: {
      value: sink((text) => {
        output += text;
        onOutput(text);
      }),
    },
    stderr: { value: sink((text) => errors += text) },
    env: { value: () => env },
  });
  const code = await runOrder({ ...runtime, self }, args);
  return { code, output, errors };
}

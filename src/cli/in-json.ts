/** Commands that answer at once: in words, or with --json in JSON and nothing else. */
import { jsonText } from "../base/json-text.ts";
import { ConfigError, CornError, UsageError } from "../base/errors.ts";
import type { Runtime } from "../runtime/runtime.ts";

/** Prints an answer as a text, or as this value. */
export interface Answer {
  readonly json: boolean;
  tell(text: string, value: unknown): void;
}

/** Runs a command without the flag; what it throws is told in JSON too, and thrown on. */
export async function inJson<Result>(
  words: readonly string[],
  { stdout }: Pick<Runtime["self"], "stdout">,
  run: (words: readonly string[], answer: Answer) => Result | Promise<Result>,
): Promise<Result> {
  const json = words.includes("--json");
  const print = (value: unknown) => void stdout.write(`${jsonText(value)}\n`);
  try {
    return await run(words.filter((word) => word !== "--json"), {
      json,
      tell: (text, value) => json ? print(value) : void stdout.write(text),
    });
  } catch (error) {
    if (json && error instanceof CornError) {
      print({ error: { code: kindOf(error), message: error.message } });
    }
    throw error;
  }
}

function kindOf(error: CornError): string {
  return error instanceof UsageError
    ? "usage"
    : error instanceof ConfigError
    ? "config"
    : "failed";
}

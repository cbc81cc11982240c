/** `corn help`: what there is, or what one command is for. */
import { UsageError } from "../base/errors.ts";
import { didYouMean } from "../base/nearest.ts";
import { VERSION } from "../base/version.ts";
import { COMMANDS, OTHER_COMMANDS } from "../control/commands/words.ts";
import type { Program } from "../launch/sources.ts";
import { usage } from "./usage.ts";

/** @throws UsageError for a word that is no command */
export async function runHelp(
  words: readonly string[],
  program: Program,
): Promise<number> {
  const { runtime } = program;
  const [word = "help", ...more] = words;
  if (more.length > 0) {
    throw new UsageError(
      `Cannot use argument "${more[0]}": corn help takes one command`,
    );
  }
  if (Object.hasOwn(COMMANDS, word)) {
    const { runOrder } = await import("../control/commands/run.ts");
    return await runOrder(runtime, [word, "--help"]);
  }
  switch (word) {
    case "make":
      return await (await import("./make.ts")).runMake(["--help"], program);
    case "completion":
      return await (await import("./completion.ts")).runCompletion(
        ["--help"],
        runtime,
      );
    case "help":
      runtime.self.stdout.write(usage(VERSION));
      return 0;
  }
  const all = [...Object.keys(COMMANDS), ...Object.keys(OTHER_COMMANDS)];
  throw new UsageError(
    `Cannot help with "${word}": no such command${
      didYouMean(word, all)
    }; corn help shows all`,
  );
}

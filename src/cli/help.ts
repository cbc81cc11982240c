/** `corn help`: what there is, or what one command is for. */
import { UsageError } from "../base/errors.ts";
import { didYouMean } from "../base/nearest.ts";
import { VERSION } from "../base/version.ts";
import { COMMANDS, OTHER_COMMANDS } from "../control/commands/words.ts";
import type { Program } from "../launch/sources.ts";
import { inJson } from "./in-json.ts";
import type { Answer } from "./in-json.ts";
import { usage } from "./usage.ts";

/** @throws UsageError for a word that is no command */
export async function runHelp(
  words: readonly string[],
  program: Program,
): Promise<number> {
  const help = words.filter((word) => word !== "--json").length === 1
    ? await helpOf(words, program)
    : undefined;
  if (help !== undefined) return help;
  return await inJson(words, program.runtime.self, tellAll);
}

/** Has a command tell of itself; undefined for a word that is none. */
async function helpOf(
  words: readonly string[],
  program: Program,
): Promise<number | undefined> {
  const { runtime } = program;
  const word = words.find((one) => one !== "--json") ?? "";
  const asked = words.map((one) => one === word ? "--help" : one);
  if (Object.hasOwn(COMMANDS, word)) {
    const { runOrder } = await import("../control/commands/run.ts");
    return await runOrder(runtime, [word, ...asked]);
  }
  switch (word) {
    case "make":
      return await (await import("./make.ts")).runMake(asked, program);
    case "completion":
      return await (await import("./completion.ts")).runCompletion(
        asked,
        runtime,
      );
  }
  return undefined;
}

/** @throws UsageError */
function tellAll(
  [word = "help", ...more]: readonly string[],
  { tell }: Answer,
): number {
  if (more.length > 0) {
    throw new UsageError(
      `Cannot use argument "${more[0]}": corn help takes one command`,
    );
  }
  const commands = { ...COMMANDS, ...OTHER_COMMANDS };
  if (word !== "help" && word !== "--help" && word !== "-h") {
    throw new UsageError(
      `Cannot help with "${word}": no such command${
        didYouMean(word, Object.keys(commands))
      }; corn help shows all`,
    );
  }
  tell(usage(VERSION), { version: VERSION, commands });
  return 0;
}

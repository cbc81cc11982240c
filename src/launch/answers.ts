/** What to write in place of a word that corn does not know. */
import {
  wordForCommand,
  wordForFlag,
  wordForName,
  wordForVariable,
} from "../config/gunicorn/elsewhere.ts";
import { answerFlag, answerName } from "../config/gunicorn/lookup.ts";
import {
  type MissingAppError,
  SecondArgumentError,
  UnknownFlagError,
  UnknownSettingError,
  UnknownVariableError,
  UsageError,
} from "../base/errors.ts";
import type { CornError } from "../base/errors.ts";
import { nearest } from "../base/nearest.ts";
import { COMMANDS, OTHER_COMMANDS } from "../control/commands/words.ts";

/** An error that a word from elsewhere may be the reason of. */
export type Answerable =
  | UnknownFlagError
  | UnknownSettingError
  | UnknownVariableError
  | MissingAppError
  | SecondArgumentError;

/** The error with the right word, or as it is where nothing is known of the wrong one. */
export function answer(error: Answerable): CornError {
  if (error instanceof SecondArgumentError) {
    const { first, second } = error.given;
    const word = wordForCommand(first, second) ?? nearCommand(first);
    return word === undefined
      ? error
      : new UsageError(`Cannot use argument "${first}": ${word}`);
  }
  const word = wordFor(error);
  return word === undefined ? error : error.answered(word);
}

function wordFor(
  error: Exclude<Answerable, SecondArgumentError>,
): string | undefined {
  if (error instanceof UnknownFlagError) {
    return wordForFlag(error.flag) ?? answerFlag(error.flag);
  }
  if (error instanceof UnknownSettingError) {
    return wordForName(error.setting) ?? answerName(error.setting);
  }
  if (error instanceof UnknownVariableError) {
    const name = error.variable.slice("CORN_".length).toLowerCase();
    return wordForVariable(error.variable) ?? answerName(name);
  }
  return wordForCommand(error.path) ?? nearCommand(error.path);
}

/** A misspelt command is taken for an app that is not there. */
function nearCommand(path: string): string | undefined {
  const near = nearest(path, [
    ...Object.keys(COMMANDS),
    ...Object.keys(OTHER_COMMANDS),
  ]);
  return near === undefined || /[./]/.test(path)
    ? undefined
    : `did you mean the command corn ${near}?`;
}

/** Puts the right word into what is refused; what knows that is loaded only where a word is unknown. */
import {
  CornError,
  MissingAppError,
  SecondArgumentError,
  together,
  UnknownFlagError,
  UnknownSettingError,
  UnknownVariableError,
} from "../base/errors.ts";

const ANSWERABLE = [
  UnknownFlagError,
  UnknownSettingError,
  UnknownVariableError,
  MissingAppError,
  SecondArgumentError,
] as const;

type Answerable = InstanceType<(typeof ANSWERABLE)[number]>;

/** The error with an answer, or as it is where it needs none. */
export async function explain(error: unknown): Promise<unknown> {
  if (error instanceof CornError && error.parts.length > 0) {
    const parts = [];
    for (const part of error.parts) parts.push(await explain(part));
    return together(parts as CornError[]);
  }
  if (!isAnswerable(error)) return error;
  try {
    const { answer } = await import("./answers.ts");
    return answer(error);
  } catch {
    // A deploy has taken corn's own files away: what is refused is said all the same.
    return error;
  }
}

function isAnswerable(error: unknown): error is Answerable {
  return ANSWERABLE.some((Kind) => error instanceof Kind);
}

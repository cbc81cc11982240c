/** Values of the access log's settings. */
import {
  FormatError,
  readAccessFormat,
} from "../../log/access/access-format.ts";
import { readSkip, SkipError } from "../../log/access/access-skip.ts";
import { Refusal } from "../../base/refusal.ts";

/** Reads a format. @throws Refusal */
export function parseAccessFormat(value: unknown): string {
  return explained(value, readAccessFormat);
}

/** Reads rules of what is left out: one text or many. @throws Refusal */
export function parseSkipRules(value: unknown): readonly string[] {
  return (Array.isArray(value) ? value : [value]).map((rule) =>
    explained(rule, readSkip)
  );
}

/** Gives the text back where it can be read. */
function explained(text: unknown, read: (text: string) => unknown): string {
  if (typeof text !== "string") throw new Refusal("give a string");
  try {
    read(text);
    return text;
  } catch (error) {
    if (error instanceof FormatError || error instanceof SkipError) {
      throw new Refusal(error.message);
    }
    throw error;
  }
}

/** A count, or a range that one is chosen from: `4`, `2..8`, `2..auto`. */
import { Refusal } from "../../base/refusal.ts";
import { parseCount } from "./scalars.ts";
import type { Setting } from "./setting.ts";
import type { CountRange } from "./type-map.ts";

/** An end is a count or `auto`; the last one may be left out for `auto`. */
const RANGE = /^\s*(\d+|auto)\s*\.\.\s*(\d+|auto|)\s*$/;

/** Reads a count, one of the setting's words, or a range. */
export function parseRange(
  value: unknown,
  setting: Setting,
): number | CountRange {
  const [, first, last] = typeof value === "string"
    ? RANGE.exec(value) ?? []
    : [];
  if (first === undefined) return parseOne(value, setting);
  // As a count's word is, too.
  const min = parseOne(first, setting) as CountRange["min"];
  const max = last ? parseOne(last, setting) as typeof min : "auto";
  if (typeof min === "number" && typeof max === "number" && min > max) {
    throw new Refusal(`give at most ${max} as its first number`);
  }
  return { min, max };
}

function parseOne(value: unknown, setting: Setting): number {
  try {
    return parseCount(value, setting);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new Refusal(`${error.message}, or a range such as "2..8"`);
  }
}

export function formatRange(value: number | CountRange): string {
  return typeof value === "object"
    ? `${value.min}..${value.max}`
    : String(value);
}

import { didYouMean } from "../../base/nearest.ts";
import { Refusal } from "../../base/refusal.ts";
import type { Setting } from "./setting.ts";

/** The greatest integer that kernels and runtimes take for a count. */
const MAX_COUNT = 2 ** 31 - 1;

/** No worker needs less memory, in bytes: the unit of a lower limit was left out. */
export const LEAST_MEMORY = 2 ** 20;

/** Timers take at most 2^31-1 milliseconds; beyond that they fire at once. */
const MAX_SECONDS = Math.floor((2 ** 31 - 1) / 1000);

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1e3,
  m: 6e4,
  h: 3.6e6,
};

/** Reads a boolean: true, false, or the words that people write for them. */
export function parseBoolean(value: unknown): boolean {
  if (typeof value === "boolean") return value;
  const text = typeof value === "string" ? value.toLowerCase() : "";
  if (["true", "1", "yes", "on"].includes(text)) return true;
  if (["false", "0", "no", "off"].includes(text)) return false;
  throw new Refusal("give true or false");
}

/** Reads a whole number between `min` and `max`, or one of the setting's words; 0 may stand for `max`. */
export function parseCount(value: unknown, setting: Setting): number {
  const { min = 0, max = MAX_COUNT, words = [], zeroIsMax } = setting;
  // A word stands in for the number; types.ts gives the setting a type that says so.
  if (words.includes(value as string)) return value as unknown as number;
  const count = toNumber(value, /^[+-]?\d+(\.\d+)?$/);
  const or = words.map((word) => ` or "${word}"`).join("");
  if (count === 0 && zeroIsMax) return max;
  if (count > max) throw new Refusal(`give a number of at most ${max}${or}`);
  if (count >= min && Number.isInteger(count)) return count;
  const kind = count >= min ? "whole number" : "number";
  throw new Refusal(`give a ${kind} of at least ${min}${or}`);
}

/** Reads seconds: a number, or text such as `1.5`, `1.5s`, `200ms`, `2m`, `1h`. Exact to the millisecond. */
export function parseDuration(value: unknown, setting: Setting): number {
  const [, digits, unit = "s"] = typeof value === "string"
    ? /^(\d+(?:\.\d+)?|\.\d+)\s*(ms|s|m|h)?$/.exec(value.trim()) ?? []
    : [undefined, typeof value === "number" ? value : undefined];
  const ms = Number(digits ?? NaN) * UNITS[unit]!;
  if (!(ms >= 0)) {
    throw new Refusal(
      'give seconds, or a duration such as "1.5s", "200ms" or "2m"',
    );
  }
  if (ms > MAX_SECONDS * 1000) {
    throw new Refusal(`give at most ${MAX_SECONDS} seconds`);
  }
  if (ms === 0 && setting.positive) {
    throw new Refusal("give more than 0 seconds");
  }
  // Rounding it to 0 would turn the setting off.
  if (ms > 0 && ms < 1) throw new Refusal("give at least one millisecond");
  return Math.round(ms) / 1000;
}

/** Reads permission bits: a number as it is, text (`660`, `0660`, `0o660`) as octal. */
export function parseOctal(value: unknown): number {
  const bits = typeof value === "string"
    ? /^(0o)?[0-7]+$/.test(value) ? parseInt(value.replace("0o", ""), 8) : NaN
    : value;
  if (
    typeof bits === "number" && Number.isInteger(bits) && bits >= 0 &&
    bits <= 0o777
  ) {
    return bits;
  }
  throw new Refusal(
    'give octal permission bits from 0 to 0o777, such as 0o660 or "0660"',
  );
}

/** Writes permission bits as they are written in code. */
export function formatOctal(bits: number): string {
  return `0o${bits.toString(8).padStart(3, "0")}`;
}

/** Reads one of the setting's choices. */
export function parseChoice(value: unknown, setting: Setting): string {
  const { choices = [], numbers = [], elsewhere = {} } = setting;
  const given = typeof value === "number" ? String(value) : value as string;
  if (choices.includes(given)) return given;
  const meaning = /^\d$/.test(given) ? numbers[Number(given)] : undefined;
  if (meaning !== undefined) return meaning;
  const word = String(value).toLowerCase();
  const meant = Object.hasOwn(elsewhere, word)
    ? `, did you mean ${elsewhere[word]}?`
    : didYouMean(word, choices);
  throw new Refusal(`give ${orList(choices)}${meant}`);
}

/** Reads text that is not empty and that the system takes for a path. */
export function parsePath(value: unknown, setting: Setting): string {
  if (typeof value === "string" && value !== "" && !value.includes("\0")) {
    return matched(value, setting);
  }
  throw new Refusal("give a path");
}

/** The path of a URL as URL parsers leave it, of segments that mean themselves, without a slash at its end. */
export const URL_PATH: RegExp =
  /^(?:\/(?!\.{1,2}(?:\/|$))[\w\-.~!$&'()*+,;=:@]+)*$/;

/** Reads the path that an app is served below, without its last slash; empty for none. */
export function parseUrlPath(value: unknown): string {
  const path = typeof value === "string" ? value.replace(/\/$/, "") : undefined;
  if (path !== undefined && URL_PATH.test(path)) return path;
  throw new Refusal('give a path that begins with "/", such as "/shop"');
}

/** Reads any text, or one of the setting's pattern. */
export function parseString(value: unknown, setting: Setting): string {
  if (typeof value !== "string") throw new Refusal("give a string");
  return matched(value, setting);
}

function matched(text: string, { pattern, give = "" }: Setting): string {
  if (pattern?.test(text) !== false) return text;
  throw new Refusal(`give ${give.replaceAll("$", () => text)}`);
}

/** Joins words for a sentence: `a, b or c`. */
export function orList(words: readonly string[]): string {
  return words.join(", ").replace(/, ([^,]*)$/, " or $1");
}

function toNumber(value: unknown, shape: RegExp): number {
  if (typeof value === "string" && shape.test(value.trim())) {
    return Number(value);
  }
  return typeof value === "number" ? value : NaN;
}

const SIZES: Readonly<Record<string, number>> = {
  "": 1,
  k: 2 ** 10,
  m: 2 ** 20,
  g: 2 ** 30,
};

/** Reads bytes, 0 or at least `min`: a number, or text such as `512m`, `64k`, `1.5g`; `512MB` and `512MiB` mean the same. */
export function parseSize(value: unknown, { min = 0 }: Setting): number {
  const text = typeof value === "number" ? String(value) : value;
  const [, digits, unit = ""] = typeof text === "string"
    ? /^(\d+(?:\.\d+)?)\s*([kmg]?)i?b?$/i.exec(text.trim()) ?? []
    : [];
  const bytes = Number(digits ?? NaN) * SIZES[unit.toLowerCase()]!;
  if (bytes > 0 && bytes < min) {
    throw new Refusal(
      `give 0 or at least ${formatSize(min)}; without a unit it is bytes`,
    );
  }
  if (bytes >= 0 && bytes <= Number.MAX_SAFE_INTEGER) return Math.round(bytes);
  throw new Refusal('give bytes, or a size such as "64k", "512m" or "1.5g"');
}

/** Writes bytes in the largest unit that leaves no fraction. */
export function formatSize(bytes: number): string {
  for (const unit of ["g", "m", "k"]) {
    const size = SIZES[unit]!;
    if (bytes > 0 && bytes % size === 0) return `${bytes / size}${unit}`;
  }
  return String(bytes);
}

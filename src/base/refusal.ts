import { shorten } from "./shorten.ts";

/**
 * Why a value cannot be used: the half of a message behind the colon. Code
 * that knows the setting and the origin puts the first half before it.
 */
export class Refusal extends Error {
  override name = "Refusal";
  /** The part of the value that is wrong, where it is not all of it. */
  readonly part: string | undefined;

  constructor(reason: string, part?: string) {
    super(reason);
    this.part = part;
  }
}

/** The most characters of a value that a message quotes. */
const MOST_QUOTED = 100;

/** Quotes a value for a message: numbers as they are, all else as JSON, cut where it is long. */
export function quote(value: unknown): string {
  if (typeof value === "string" && /^-?\d+(\.\d+)?$/.test(value)) return value;
  if (typeof value === "function") return "of type function";
  const quoted = typeof value === "string" || typeof value === "object"
    ? toJson(value)
    : String(value);
  return shorten(quoted, MOST_QUOTED);
}

function toJson(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    // Circular, or with a bigint in it.
    return Object.prototype.toString.call(value);
  }
}

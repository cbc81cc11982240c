/** What a field of a message may be. */

/** An object from the other side: any field may be anything. */
export type Fields = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}

export function isText(value: unknown): value is string {
  return typeof value === "string";
}

export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Milliseconds, whole or not. */
export function isTime(value: unknown): value is number {
  return Number.isFinite(value) && (value as number) >= 0;
}

export function isListOf<Item>(
  value: unknown,
  isItem: (one: unknown) => one is Item,
): value is readonly Item[] {
  return Array.isArray(value) && value.every(isItem);
}

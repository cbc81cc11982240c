/** What a client asks of a file by header fields: RFC 9110 sections 12.5.3, 13 and 14. */

/** A header of the request, by its name in lower case; null where there is none. */
export type Header = (name: string) => string | null;

/** What is compared with them. */
export interface Validators {
  readonly etag: string;
  /** In whole seconds, as `Last-Modified` has it. */
  readonly modifiedMs: number;
}

/** Content codings of copies, the best first, and the ending of each. */
export const CODINGS: readonly (readonly [coding: string, ending: string])[] = [
  ["br", ".br"],
  ["zstd", ".zst"],
  ["gzip", ".gz"],
];

/** The codings that a client takes, the one it likes best first; of equals the smallest goes first. */
export function acceptedCodings(field: string | null): readonly string[] {
  if (field === null) return [];
  const weights = new Map<string, number>();
  for (const part of field.toLowerCase().split(",")) {
    const [name = "", ...parameters] = part.split(";").map((one) => one.trim());
    const weight = parameters.find((one) => one.startsWith("q="))?.slice(2);
    weights.set(name, weight === undefined ? 1 : Number(weight) || 0);
  }
  const weightOf = (coding: string) =>
    weights.get(coding) ?? weights.get(`x-${coding}`) ?? weights.get("*") ?? 0;
  return CODINGS.map(([coding]) => coding)
    .filter((coding) => weightOf(coding) > 0)
    .sort((a, b) => weightOf(b) - weightOf(a));
}

/** The status in place of the file: 304 where the client has it, 412 where it is not the one it means; undefined where it is to be sent. */
export function conditionOf(
  header: Header,
  { etag, modifiedMs }: Validators,
): 304 | 412 | undefined {
  const match = header("if-match");
  if (match !== null) {
    if (!lists(match, etag, true)) return 412;
  } else {
    if (modifiedMs > dateOf(header("if-unmodified-since"))) return 412;
  }
  const none = header("if-none-match");
  if (none !== null) return lists(none, etag, false) ? 304 : undefined;
  const since = dateOf(header("if-modified-since"));
  return modifiedMs <= since ? 304 : undefined;
}

function lists(field: string, etag: string, strong: boolean): boolean {
  return field.split(",").map((one) => one.trim()).some((one) =>
    one === "*" || one === etag || (!strong && one === `W/${etag}`)
  );
}

/** NaN where there is none, which is neither before nor after another. */
function dateOf(text: string | null): number {
  return text === null ? NaN : Date.parse(text);
}

/** The part of a file: its first byte, and the one after its last. */
export type Range = readonly [from: number, to: number];

/**
 * The part that a client asks for; undefined for the whole file, which is the
 * answer to several parts too, and "none" where there is no such part.
 */
export function rangeOf(
  header: Header,
  size: number,
  { etag, modifiedMs }: Validators,
): Range | "none" | undefined {
  const field = header("range");
  if (field === null) return undefined;
  const only = header("if-range")?.trim();
  if (
    only !== undefined && only !== etag && dateOf(only) !== modifiedMs
  ) return undefined;
  const [, first = "", last = ""] =
    /^bytes[ \t]*=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(field) ?? [];
  if (first === "") {
    if (last === "") return undefined;
    const length = Math.min(Number(last), size);
    return length === 0 ? "none" : [size - length, size];
  }
  const from = Number(first);
  if (last !== "" && Number(last) < from) return undefined;
  if (from >= size) return "none";
  return [from, last === "" ? size : Math.min(Number(last) + 1, size)];
}

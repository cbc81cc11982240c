import { UsageError } from "../../base/errors.ts";
import { type Bind, readAddress } from "./address.ts";
import type { Address } from "../../runtime/runtime.ts";
import { networkProblem } from "../../base/addresses/networks.ts";
import { Refusal } from "../../base/refusal.ts";
import { parseDuration, parsePath } from "./scalars.ts";
import type { Setting } from "./setting.ts";
import { splitWords } from "../../base/split.ts";

/** Reads addresses: one text or many, each of which may be a list with commas. */
export function parseAddresses(value: unknown): readonly Bind[] {
  const texts = (Array.isArray(value) ? value : [value]).flatMap((text) => {
    if (typeof text !== "string") {
      throw new Refusal("give addresses as strings");
    }
    return text.split(",").map((part) => part.trim()).filter((part) =>
      part !== ""
    );
  });
  if (texts.length === 0) throw new Refusal("give at least one address");
  return texts.map(readAddress);
}

/** Reads one address that corn opens for itself, whose port must be given. */
export function parseOwnAddress(value: unknown): Address {
  const text = typeof value === "string" ? value.trim() : "";
  const address = text === "" ? undefined : readAddress(text);
  const plain = address?.kind !== "tcp" || address.scheme === undefined;
  const named = address?.kind === "unix" || /:\d+$/.test(text);
  if (address === undefined || address.kind === "fd" || !named || !plain) {
    throw new Refusal("give HOST:PORT or unix:PATH");
  }
  return address;
}

/** Reads a set of peers, see `src/base/addresses/networks.ts`: one text or many, each of which may be a list with commas. */
export function parseNetworks(value: unknown): readonly string[] {
  const members = (Array.isArray(value) ? value : [value]).flatMap((text) => {
    if (typeof text !== "string") throw new Refusal("give strings");
    return text.split(",").map((part) => part.trim()).filter((part) =>
      part !== ""
    );
  });
  for (const member of members) {
    const problem = networkProblem(member);
    if (problem !== undefined) throw new Refusal(problem, member);
  }
  return members;
}

/** So many durations are enough for a histogram. */
const MOST_DURATIONS = 100;

/** Reads durations, each longer than the one before it: one or many; a text may be a list with commas. */
export function parseDurations(
  value: unknown,
  setting: Setting,
): readonly number[] {
  const texts = (Array.isArray(value) ? value : [value]).flatMap((one) =>
    typeof one === "string" ? one.split(",") : [one]
  );
  const durations = texts.map((text) => {
    const seconds = parseDuration(text, setting);
    if (seconds > 0) return seconds;
    throw new Refusal("give more than 0 seconds");
  });
  const wrong = durations.findIndex((one, index) =>
    one <= (durations[index - 1] ?? 0)
  );
  if (wrong !== -1) {
    throw new Refusal(
      "give each longer than the one before it",
      String(texts[wrong]),
    );
  }
  if (durations.length > MOST_DURATIONS) {
    throw new Refusal(`give at most ${MOST_DURATIONS}`);
  }
  return durations;
}

/** Reads ports: one or many; a text may be a list with commas. */
export function parsePorts(value: unknown): readonly number[] {
  const ports = (Array.isArray(value) ? value : [value]).flatMap((one) =>
    typeof one === "string" ? one.split(",").map((part) => part.trim()) : [one]
  );
  return ports.map((one) => {
    const port = /^\d+$/.test(String(one)) ? Number(one) : NaN;
    if (port >= 1 && port <= 65535) return port;
    throw new Refusal("give ports, from 1 to 65535", String(one));
  });
}

/** Reads some of the setting's choices: one text or many, each of which may be a list with commas. */
export function parseChoices(
  value: unknown,
  setting: Setting,
): readonly string[] {
  const { choices = [] } = setting;
  const words = (Array.isArray(value) ? value : [value]).flatMap((text) =>
    typeof text === "string"
      ? text.split(",").map((part) => part.trim().toLowerCase())
        .filter((part) => part !== "")
      : [text]
  );
  const wrong = words.find((word) => !choices.includes(word));
  if (wrong === undefined) return [...new Set(words as string[])];
  throw new Refusal(`give some of ${choices.join(", ")}`, wrong);
}

/** Reads paths: one text or many. */
export function parsePaths(
  value: unknown,
  setting: Setting,
): readonly string[] {
  return (Array.isArray(value) ? value : [value]).map((path) =>
    parsePath(path, setting)
  );
}

/** Reads words of a command line: a list as it is, one text as a shell splits it. */
export function parseWords(value: unknown): readonly string[] {
  if (typeof value === "string") return split(value);
  if (!Array.isArray(value)) throw new Refusal("give a string or a list");
  for (const word of value) {
    if (typeof word !== "string") {
      throw new Refusal("give words as strings", String(word));
    }
    if (word.includes("\0")) throw new Refusal("NUL may stand nowhere", word);
  }
  return value;
}

function split(text: string): readonly string[] {
  try {
    return parseWords(splitWords(text));
  } catch (error) {
    if (error instanceof UsageError) throw new Refusal("a quote has no end");
    throw error;
  }
}

/** Writes words so that `splitWords` reads them again. */
export function joinWords(words: readonly string[]): string {
  return words.map((word) =>
    /^[\w\-=.,:/@+%*]+$/.test(word)
      ? word
      : `'${word.replaceAll("'", String.raw`'\''`)}'`
  ).join(" ");
}

/**
 * Reads environment variables: `NAME=VALUE` once or many times, or an
 * object. The last one of a name counts. A refusal shows the wrong one only,
 * since the others may be secret.
 */
export function parsePairs(value: unknown): Readonly<Record<string, string>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([name, text]) => {
        if (!["string", "number", "boolean"].includes(typeof text)) {
          throw new Refusal("give it a string", name);
        }
        return checkPair(name, String(text));
      }),
    );
  }
  return Object.fromEntries(
    (Array.isArray(value) ? value : [value]).map((pair) => {
      const [, name, text] = /^([^=]+)=(.*)$/s.exec(String(pair)) ?? [];
      if (typeof pair === "string" && name !== undefined) {
        return checkPair(name, text as string);
      }
      throw new Refusal("give NAME=VALUE", String(pair));
    }),
  );
}

function checkPair(name: string, text: string): [string, string] {
  if (name === "" || /[=\0]/.test(name) || text.includes("\0")) {
    throw new Refusal(
      'a name may not be empty or hold "=", and NUL may stand nowhere',
      name,
    );
  }
  if (name.startsWith("CORN_")) {
    throw new Refusal("names that begin with CORN_ are corn's own", name);
  }
  return [name, text];
}

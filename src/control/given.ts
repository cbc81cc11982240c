/** What a client gave with a request to corn: read, or refused with 400. */
import { workers } from "../config/table/settings/workers.ts";
import { parseValue, problemOf } from "../config/table/values.ts";
import type { ReloadOptions } from "../hooks/types.ts";
import { Refused } from "./door/route.ts";
import type { Asked } from "./door/route.ts";
import type { Subject } from "./subject.ts";

/** As the setting workers has it. */
const { max: MOST_WORKERS } = workers.workers;

/** What is asked for, by names with commas between them; all that is kept unless it is said. */
export function kindsOf(
  query: URLSearchParams,
  known: readonly string[],
): readonly string[] {
  const kinds = (query.get("event") ?? "log,note").split(",");
  if (kinds.every((kind) => known.includes(kind))) return kinds;
  throw bad(`"event" is of ${known.join(", ")}`);
}

/** True for 1, false for 0. */
export function flagOf(query: URLSearchParams, name: string): boolean {
  return numberOf(query, name, 1) === 1;
}

/** A number of the query; 0 where it is left out. @throws Refused 400 where it is none, or above `most` */
export function numberOf(
  query: URLSearchParams,
  name: string,
  most: number = Number.MAX_SAFE_INTEGER,
): number {
  return count(query.get(name) ?? "0", name, most);
}

/** A number from 0 on in digits. @throws Refused 400 */
export function count(
  text: string,
  name: string,
  most: number = Number.MAX_SAFE_INTEGER,
): number {
  const number = Number(text);
  if (!/^\d{1,16}$/.test(text) || number > most) {
    throw bad(`"${name}" is a number of at most ${most}`);
  }
  return number;
}

/** The slot of a path. @throws Refused 404 where no worker can have it */
export function slotOf({ slot = "" }: Asked["params"]): number {
  if (!/^[1-9]\d{0,8}$/.test(slot)) {
    throw new Refused(404, "no-worker", "Workers have numbers from 1 on");
  }
  return Number(slot);
}

/** The number of a thread, which may be left out. @throws Refused 400 */
export function threadOf(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (Number.isSafeInteger(value) && (value as number) >= 1) {
    return value as number;
  }
  throw bad('"thread" is a number from 1 on');
}

/** How to reload. @throws Refused 400 */
export function reloadOf(body: unknown): ReloadOptions {
  const { canary: value } = fieldsOf(body, ["canary"]);
  if (value === undefined) return {};
  const given = { value, origin: "the order" };
  const problem = problemOf("canary", given);
  if (problem !== undefined) throw bad(problem.message);
  return { canary: parseValue("canary", given) };
}

/** How many workers are wanted. @throws Refused 400, or 409 where the load cannot decide */
export function sizeOf(body: unknown, subject: Subject): number | "auto" {
  const { to, by } = fieldsOf(body, ["to", "by"]);
  if (to === "auto" && by === undefined) {
    if (!subject.facts().ranged) {
      throw new Refused(
        409,
        "fixed",
        "The setting workers is a number: give a range for the load to decide",
      );
    }
    return to;
  }
  const size = by === undefined
    ? to
    : to === undefined && Number.isSafeInteger(by)
    ? subject.facts().wanted + (by as number)
    : undefined;
  if (!Number.isSafeInteger(size)) {
    throw bad('give "to", a number of workers or "auto", or "by", a number');
  }
  if ((size as number) > MOST_WORKERS) {
    throw bad(`A pool has at most ${MOST_WORKERS} workers`);
  }
  if ((size as number) < 1) throw bad("A pool has at least 1 worker");
  return size as number;
}

/** The fields of a body, which may be left out. @throws Refused 400 where it has others */
export function fieldsOf(
  body: unknown = {},
  names: readonly string[],
): Record<string, unknown> {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw bad("The body is no object");
  }
  for (const name of Object.keys(body)) {
    if (!names.includes(name)) {
      throw bad("The body has a field that is unknown");
    }
  }
  return body as Record<string, unknown>;
}

/** Says that what was given is wrong. */
export function bad(message: string): Refused {
  return new Refused(400, "bad-request", message);
}

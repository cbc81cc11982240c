/** When certificates expire, and what the log says of that. */
import { LATE_DAYS } from "../../base/late-days.ts";
import type { ServedCertificate } from "./material.ts";

const DAY_MS = 86_400_000;

/** A line for the log. */
export interface Notice {
  readonly level: "warning" | "error";
  readonly text: string;
}

/** What can be told of a certificate's dates or chain; undefined where all is well. */
export function noticeOf(
  { name, file, from, until, doubt }: ServedCertificate,
  now: Date,
): Notice | undefined {
  const who = `Certificate of ${name}`;
  if (now >= until) {
    const text = `${who} has ended on ${day(until)}: clients refuse it`;
    return { level: "error", text: `${text}, renew ${file}` };
  }
  if (now < from) {
    const text = `${who} begins on ${day(from)}: clients refuse it until then`;
    return { level: "error", text };
  }
  if (doubt !== undefined) {
    const text = `${who} may be refused by clients: ${doubt}`;
    return { level: "warning", text };
  }
  const left = Math.ceil((until.getTime() - now.getTime()) / DAY_MS);
  if (left > LATE_DAYS) return undefined;
  const days = left === 1 ? "within a day" : `in ${left} days`;
  return {
    level: "warning",
    text: `${who} ends on ${day(until)}, ${days}: renew ${file}`,
  };
}

/** Why one should not take the place of another that is served; undefined where it may. */
export function setback(
  next: ServedCertificate,
  served: ServedCertificate | undefined,
  now: Date,
): string | undefined {
  const worse = reason(next, now);
  if (worse === undefined || served === undefined) return undefined;
  // What is no better itself is no reason to keep it.
  return reason(served, now) === undefined ? worse : undefined;
}

function reason(
  { name, file, from, until, doubt }: ServedCertificate,
  now: Date,
): string | undefined {
  if (now >= until) return `that of ${name} in ${file} ended on ${day(until)}`;
  if (now < from) return `that of ${name} in ${file} begins on ${day(from)}`;
  return doubt;
}

/** The date alone: `2027-02-26`. */
export function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}

/** Says each notice at once and then once a day. */
export class Reminders {
  /** When a text was said last. */
  #said = new Map<string, number>();

  /** What is to be said now. */
  due(certificates: readonly ServedCertificate[], now: Date): Notice[] {
    const said = new Map<string, number>();
    const due = certificates.flatMap((one) => {
      const notice = noticeOf(one, now);
      if (notice === undefined) return [];
      // The text counts the days, a change of the certificate is another matter.
      const key = `${one.name} ${one.fingerprint} ${notice.level}`;
      const last = this.#said.get(key);
      const again = last === undefined || now.getTime() - last >= DAY_MS;
      said.set(key, again ? now.getTime() : last);
      return again ? [notice] : [];
    });
    this.#said = said;
    return due;
  }
}

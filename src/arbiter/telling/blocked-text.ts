/** What the log says of a worker whose event loop is or was blocked: by what, where, and what waited for it. */
import type { FlightRecord } from "../../exchange/flight-record.ts";
import type { OpenRequest } from "../../exchange/open-request.ts";
import { nameFirst, sightText } from "../../exchange/sight.ts";
import type { Sight } from "../../exchange/sight.ts";
import type { BlockedThread } from "../../protocol/messages.ts";
import type { ChildFacts } from "./child-facts.ts";
import type { Child, Note } from "../pool/state.ts";
import { nameWorker, seconds } from "./wording.ts";
import type { Line } from "./wording.ts";

/** The line of a worker that was blocked and is not any more. */
export function describeSlow(
  note: Note & { about: "slow" },
  seen: { facts: ChildFacts; sight: Sight | undefined },
): Line {
  return { level: "warning", text: describeBlocked(note, seen, "was blocked") };
}

/** Says of a worker what blocks it. */
export function describeBlocked(
  { child, ms }: { readonly child: Child; readonly ms: number },
  { facts, sight }: { facts: ChildFacts; sight: Sight | undefined },
  how: string = "is blocked",
): string {
  const text = `${nameWorker(child, facts)} ${how} for ${seconds(ms)}`;
  return sight === undefined ? text : `${text}${sightText(sight)}`;
}

/** The text for `corn stack`, whose caller asked for the stack: says so where that is not known. */
export function describeStack(
  blocked: { readonly child: Child; readonly ms: number },
  seen: { facts: ChildFacts; sight: Sight | undefined },
): string {
  const text = describeBlocked(blocked, seen);
  const { facts: { blind }, sight } = seen;
  if (sight !== undefined && sight.frames.length > 0) return text;
  const where = blind === undefined ? "" : ` on ${blind}`;
  return `${text}; its stack is not known${where}`;
}

/** Says which threads of a worker are blocked, whose process tells it of them. */
export function describeThreads(
  threads: readonly BlockedThread[],
  worker: string,
): string {
  const texts = threads.map(({ thread, ms, by, frames }) => {
    const request = by === undefined ? "" : ` by ${by.method} ${by.path}`;
    const where = frames === undefined ? "" : `: ${frames.join(" < ")}`;
    return `thread ${thread} is blocked for ${seconds(ms)}${request}${where}`;
  });
  const blind = threads.every(({ frames }) => frames === undefined);
  const tail = blind ? "; its stack is not known" : "";
  return `${worker}: ${texts.join(", ")}${tail}`;
}

/** What blocks, and what waits for it; what began at the last beat or after it is as old as the silence. */
export function blockedText(
  { flight, look, blind }: ChildFacts,
  silentMs: number,
): string {
  const text = openText(flight, look?.by, silentMs);
  if (blind !== undefined) return `${text}; its stack is not known on ${blind}`;
  return look === undefined || look.frames.length === 0
    ? text
    : `${text}; it was in ${look.frames.join(" < ")}`;
}

function openText(
  flight: FlightRecord | undefined,
  looked: OpenRequest | undefined,
  silentMs: number,
): string {
  const name = ({ method, path, ms }: OpenRequest) =>
    `${method} ${path} for ${seconds(Math.max(0, ms) + silentMs)}`;
  if (flight === undefined) {
    return looked === undefined
      ? ", killing it"
      : ` by ${name(looked)}, killing it`;
  }
  const atWork = flight.atWork && { ...flight.atWork, ms: 0 };
  const blocks = atWork ?? looked;
  const waiting = withoutOne(flight.waiting, atWork ? undefined : looked);
  const by = blocks === undefined ? "" : ` by ${name(blocks)}`;
  const named = nameFirst(waiting, name);
  if (named !== "") {
    const open = blocks === undefined ? "open" : "also open";
    return `${by}, killing it; ${open}: ${named}`;
  }
  return blocks === undefined
    ? ", killing it; no request waited for its answer"
    : `${by}, killing it`;
}

/** Without the one that is named already. */
export function withoutOne(
  waiting: readonly OpenRequest[],
  named: OpenRequest | undefined,
): readonly OpenRequest[] {
  const at = waiting.findIndex(({ method, path, ms }) =>
    method === named?.method && path === named.path && ms === named.ms
  );
  return at === -1 ? waiting : waiting.toSpliced(at, 1);
}

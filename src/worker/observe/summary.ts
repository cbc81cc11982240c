/** Tells of errors one by one as long as they are few, then how many there were of each kind, so that a flood makes a few lines. */
import type { Clock } from "../../runtime/runtime.ts";

const PERIOD_MS = 10_000;
/** Lines of one kind that are told in full. */
const FULL = 5;
/** Kinds that are told apart in a period. */
const MOST_KINDS = 100;

interface Kind {
  told: number;
  more: number;
  /** What the line of those that were not told ends with. */
  readonly text: string;
}

export interface SummaryOptions {
  readonly clock: Pick<Clock, "after">;
  report(text: string): void;
}

/** Gives what takes the texts, "GET /path failed" and what follows; the latter tells the kinds apart. */
export function createSummary(
  { clock, report }: SummaryOptions,
): (text: string) => void {
  const kinds = new Map<string, Kind>();
  const others: Kind = { told: 0, more: 0, text: "of other kinds" };

  function summarise(kind: Kind): boolean {
    const { more, text } = kind;
    if (more > 0) {
      report(`${more} more errors in the last ${PERIOD_MS / 1000} s: ${text}`);
    }
    kind.more = 0;
    return more > 0;
  }

  function look(): void {
    for (const [key, kind] of kinds) {
      if (!summarise(kind)) kinds.delete(key);
    }
    summarise(others);
    if (kinds.size > 0) clock.after(PERIOD_MS, look);
  }

  function kindOf(text: string): Kind {
    const at = text.indexOf(" failed");
    // Message and first frame: what called the app differs from time to time.
    const lines = text.slice(at + 1).split("\n", 3);
    const key = lines.join("\n");
    const known = kinds.get(key);
    if (known !== undefined) return known;
    if (kinds.size >= MOST_KINDS) return others;
    if (kinds.size === 0) clock.after(PERIOD_MS, look);
    const kind = { told: 0, more: 0, text: lines[1] ?? lines[0] ?? "" };
    kinds.set(key, kind);
    return kind;
  }

  return (text) => {
    const kind = kindOf(text);
    if (kind !== others && kind.told < FULL) {
      kind.told++;
      return report(text);
    }
    kind.more++;
  };
}

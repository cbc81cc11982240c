/** Words and columns for people. */
import { replaceControls } from "../../base/controls.ts";

/** A span in its largest unit, or its two largest where there are many: `240 ms`, `1.4 s`, `12 min`, `3 d 4 h`. None is below 0, as one between two clocks may be. */
export function span(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** A time that is short, to two figures; a dash where it is not known. */
export function shortTime(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return "-";
  return ms > 0 && ms < 10 ? `${ms.toFixed(1)} ms` : span(ms);
}

/** A count that may be a mean: `0.4`, `812`; a dash where it is not known. */
export function countText(count: number | null | undefined): string {
  if (count === null || count === undefined) return "-";
  return count > 0 && count < 10 ? count.toFixed(1) : String(Math.round(count));
}

/** A part of one: `41 %`, `0.1 %`; a dash where it is not known. */
export function partText(part: number | null | undefined): string {
  if (part === null || part === undefined) return "-";
  const percent = part * 100;
  // It is not nothing.
  if (percent > 0 && percent < 0.05) return "<0.1 %";
  return percent > 0 && percent < 1
    ? `${percent.toFixed(1)} %`
    : `${Math.round(percent)} %`;
}

/** Bytes: `84 MB`, `1.2 GB`; a dash where they are not known. */
export function bytesText(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined) return "-";
  return bytes < 1e9
    ? `${Math.round(bytes / 1e6)} MB`
    : `${(bytes / 1e9).toFixed(1)} GB`;
}

/** Rows below each other, the first of them the heading. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0))
  );
  return rows.map((row) =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")
      .trimEnd()
  ).join("\n");
}

/** What a terminal would obey, shown instead; lines end as they are. */
export function plain(text: string): string {
  return replaceControls(text, (one) => one === "\n" ? one : "\ufffd");
}

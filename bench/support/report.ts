/** Figures as text: median and spread, Markdown tables, the machine they were taken on. */
import { execFileSync } from "node:child_process";
import { cpus, loadavg, release, totalmem } from "node:os";
import { isAbsolute, relative } from "node:path";
import process from "node:process";
import { root } from "../../scripts/tools.ts";
import { programOf, RUNTIMES } from "./commands.ts";

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const high = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1
    ? high
    : ((sorted[middle - 1] ?? NaN) + high) / 2;
}

/** The value that so many of a hundred are below; NaN where there is none. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length * percent / 100)] ?? NaN;
}

/** "0.98 (0.95–1.01)": the median, the least and the greatest. */
export function spread(values: readonly number[], digits: number): string {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return `${median(values).toFixed(digits)} (${low.toFixed(digits)}–${
    high.toFixed(digits)
  })`;
}

/** Rounded, with a space between thousands. */
export function thousands(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, " ");
}

export function megabytes(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(0);
}

/** A Markdown table. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join(
    "\n",
  );
}

/** What the figures were taken on. */
export function machine(): string {
  const model = cpus()[0]?.model ?? "unknown processor";
  const memory = (totalmem() / 1024 ** 3).toFixed(0);
  const versions = RUNTIMES.map((runtime) => {
    const text = execFileSync(programOf(runtime), ["--version"], {
      encoding: "utf8",
    });
    return `${runtime} ${/\d+\.\d+\.\d+/.exec(text)?.[0]}`;
  });
  return [
    `Taken ${
      new Date().toISOString().slice(0, 16)
    }Z on ${cpus().length} × ${model}, ${memory} GB, Linux ${release()};`,
    `${versions.join(", ")}; load average at the start ${
      loadavg()[0]?.toFixed(2)
    }.`,
  ].join(" ");
}

/** What stands above the tables: the machine, the command, and what it does; a folder of this machine says nothing. */
export function heading(how: string): string {
  const [, script = "", ...args] = process.argv;
  const shown = args.map((arg) => isAbsolute(arg) ? "PATH" : arg);
  const command = ["node", relative(root, script), ...shown].join(" ");
  return `${machine()}\n\n\`${command}\`: ${how}\n`;
}

/** What the last run found: `results.json`, of which docs/frameworks.md is made. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RuntimeName } from "../../src/runtime/runtime.ts";
import { root } from "../../scripts/tools.ts";
import type { Verdicts } from "./trial.ts";

/** One framework on one runtime. */
export interface Result {
  readonly name: string;
  readonly version: string;
  readonly runtime: RuntimeName;
  /** The file that was started. */
  readonly file: string;
  readonly verdicts: Verdicts;
}

export interface Results {
  /** Versions of the runtimes. */
  readonly runtimes: Readonly<Partial<Record<RuntimeName, string>>>;
  readonly results: readonly Result[];
}

const PATH = join(root, "tests", "frameworks", "results.json");

export function readResults(): Results {
  return existsSync(PATH)
    ? JSON.parse(readFileSync(PATH, "utf8"))
    : { runtimes: {}, results: [] };
}

/** Puts new ones in the place of old ones of the same name and runtime. */
export function mergeResults(
  old: Results,
  found: Results,
  order: readonly string[],
): Results {
  const keyOf = ({ name, runtime }: Result) => `${name}\n${runtime}`;
  const all = new Map(
    [...old.results, ...found.results].map((one) => [keyOf(one), one]),
  );
  return {
    runtimes: { ...old.runtimes, ...found.runtimes },
    results: [...all.values()]
      .filter(({ name }) => order.includes(name))
      .sort((one, other) =>
        order.indexOf(one.name) - order.indexOf(other.name) ||
        other.runtime.localeCompare(one.runtime)
      ),
  };
}

export function writeResults(results: Results): void {
  writeFileSync(PATH, `${JSON.stringify(results, null, 2)}\n`);
}

/** What stands in an access log. */
import { existsSync, readFileSync } from "node:fs";
import * as assert from "../assert.ts";

/** What a line of JSON tells. */
export interface Entry {
  readonly time: string;
  readonly client?: string;
  readonly id: string;
  readonly method?: string;
  readonly target?: string;
  readonly protocol?: string;
  readonly status: number;
  readonly bytes?: number;
  readonly ms: number;
  readonly aborted?: true;
  readonly agent?: string;
  readonly pid: number;
}

/** The lines of a file, each of which is whole. */
export function linesOf(path: string): string[] {
  if (!existsSync(path)) return [];
  const text = readFileSync(path, "utf8");
  assert.ok(text === "" || text.endsWith("\n"), `${path} is torn`);
  return text.split("\n").slice(0, -1);
}

/** The records of a file in JSON. */
export function entriesOf(path: string): Entry[] {
  return linesOf(path).map((line) => JSON.parse(line));
}

/**
 * Runs several test files in one process, one after the other, as uvu's own
 * command does: most of them take less time than a runtime needs to start.
 *
 *     node scripts/several.ts FILE…
 */
import process from "node:process";
import { pathToFileURL } from "node:url";

/** What uvu keeps where its copies can see it: for each file its name, then its suites. */
const uvu = globalThis as unknown as {
  UVU_DEFER: boolean;
  UVU_INDEX: number;
  UVU_QUEUE: unknown[][];
};

uvu.UVU_DEFER = true;
const { exec } = await import("uvu") as unknown as {
  exec(): Promise<void>;
};
for (const [index, file] of process.argv.slice(2).entries()) {
  const suites: unknown[] = [file];
  uvu.UVU_INDEX = index;
  uvu.UVU_QUEUE.push(suites);
  await import(pathToFileURL(file).href);
  if (suites.length === 1) {
    throw new Error(`${file} has no suite that runs: is .run() missing?`);
  }
}
await exec();

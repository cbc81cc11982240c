/**
 * The long form of tests/http/h1/fuzz.test.ts.
 *
 *     node scripts/fuzz.ts [count] [seed]
 */
import process from "node:process";
import { fuzz } from "../tests/http/h1/fuzz.ts";

const BATCH = 100_000;
const [count = "10000000", seed = String(Date.now() % 2 ** 31)] = process.argv
  .slice(2);
console.log(`${count} inputs, seed ${seed}`);
const totals: Record<string, number> = {};
for (let done = 0, next = Number(seed); done < Number(count); next++) {
  const size = Math.min(BATCH, Number(count) - done);
  for (const [outcome, times] of Object.entries(fuzz(size, next))) {
    totals[outcome] = (totals[outcome] ?? 0) + times;
  }
  done += size;
  const { rss } = process.memoryUsage();
  console.error(
    `${done} of ${count}, ${Math.round(rss / 2 ** 20)} MiB: ${
      JSON.stringify(totals)
    }`,
  );
}
console.log(JSON.stringify(totals));

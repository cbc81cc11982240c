/**
 * The long form of tests/e2e/slow.test.ts: as many clients of each kind for a
 * minute, beside a good one.
 *
 *     node scripts/slow.ts [count] [runtime,...]
 */
import { randomUUID } from "node:crypto";
import process from "node:process";
import type { RuntimeName } from "../src/runtime/runtime.ts";
import { fixture } from "../tests/support/promise.ts";
import { startServer } from "../tests/support/process/server.ts";
import type { Command } from "../tests/support/process/server.ts";
import { slowDown, slowKinds } from "../tests/support/load/slow.ts";

const [count = "500", runtimes = "node,bun,deno"] = process.argv.slice(2);
/** The defaults of --header-timeout, and the grace of --body-rate. */
const LIMITS = { head: 30_000, body: 5000, idle: 30_000 };
let good = true;

for (const runtime of runtimes.split(",") as RuntimeName[]) {
  const started: Command[] = [];
  const server = await startServer(
    { runtime, app: fixture("app.ts"), args: ["-w", "1", "--http", "wire"] },
    randomUUID(),
    started,
  );
  try {
    const report = await slowDown({
      url: server.url,
      count: Number(count),
      limits: LIMITS,
      ms: 60_000,
    });
    console.log(`${runtime}: ${JSON.stringify(report)}`);
    good &&= report.good.failures.length === 0 && report.good.p99 < 50 &&
      slowKinds.every((kind) =>
        report[kind].cut === Number(count) && report[kind].latest < 1000
      );
  } finally {
    await server.stop();
  }
}
process.exit(good ? 0 : 1);

/**
 * The long form of the promise that no request is lost: clients that never
 * retry, while workers are reloaded, recycled, scaled and killed.
 *
 * node scripts/torture.ts [--runtime node,bun,deno] [--requests 100000] [--trial reload,...]
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import type { RuntimeName } from "../src/runtime.ts";
import { startLoad } from "../tests/support/load.ts";
import type { LoadReport } from "../tests/support/load.ts";
import { startServer } from "../tests/support/server.ts";
import type { Command, Server } from "../tests/support/server.ts";
import { sleep, until } from "../tests/support/wait.ts";
import { root } from "./tools.ts";

const KEEP_ALIVE = 40;
const SINGLE = 16;
const WORKERS = 3;

/** One way to trouble a server. */
interface Trial {
  readonly args?: readonly string[];
  /** True to serve on a unix socket. */
  readonly unix?: boolean;
  /** Events that must happen, whatever the number of requests. */
  readonly events: number;
  /** Troubles it once. */
  event(server: Server): Promise<void>;
  /** Failures that are no loss: those of connections a killed worker had. */
  allowed?(events: number): number;
}

async function reload(server: Server): Promise<void> {
  const from = server.log().length;
  server.signal("SIGHUP");
  await server.waitForLog(/Reload done/, { from, ms: 20_000 });
}

const trials: Readonly<Record<string, Trial>> = {
  reload: { events: 50, event: reload },
  "reload-unix": { events: 50, unix: true, event: reload },
  "reload-one-queue": {
    events: 20,
    args: ["--no-reuse-port"],
    event: reload,
  },
  recycle: {
    events: 1,
    args: ["--max-requests", "200", "--max-requests-jitter", "50"],
    event: () => sleep(1000),
  },
  scale: {
    events: 20,
    async event(server) {
      server.signal("SIGTTIN");
      await until("a worker more", () => server.workers().length > WORKERS);
      server.signal("SIGTTOU");
      await until("the old size", () => server.workers().length === WORKERS);
    },
  },
  kill: {
    events: 30,
    async event(server) {
      const [victim] = server.workers();
      if (victim !== undefined) process.kill(victim, "SIGKILL");
      await sleep(1000);
    },
    allowed: (events) => events * (KEEP_ALIVE + SINGLE),
  },
};

async function run(
  runtime: RuntimeName,
  name: string,
  requests: number,
): Promise<boolean> {
  const trial = trials[name] as Trial;
  const folder = mkdtempSync(join(tmpdir(), "corn-torture-"));
  const path = join(folder, "corn.sock");
  const started: Command[] = [];
  const bind = trial.unix ? `unix:${path}` : "127.0.0.1:0";
  const server = await startServer(
    {
      runtime,
      app: join(root, "tests/fixtures/app.ts"),
      args: ["-w", String(WORKERS), "--keep-alive", "2", ...trial.args ?? []],
      defaults: false,
      env: { CORN_BIND: bind },
    },
    "torture",
    started,
  );
  const load = await startLoad({
    url: trial.unix ? { path } : server.url,
    keepAlive: KEEP_ALIVE,
    single: SINGLE,
  });
  const from = performance.now();
  let events = 0;
  // What so many clients with their pauses get through, by experience.
  const enoughMs = requests / 4;
  while (events < trial.events || performance.now() - from < enoughMs) {
    await trial.event(server);
    events++;
  }
  const report = await load.stop();
  const { code } = await server.stop();
  rmSync(folder, { recursive: true });
  const failures = report.keepAlive.failures + report.single.failures;
  const fine = code === 0 && failures <= (trial.allowed?.(events) ?? 0);
  tell({ runtime, name, events, report, failures, fine });
  return fine;
}

function tell(
  { runtime, name, events, report, failures, fine }: {
    runtime: string;
    name: string;
    events: number;
    report: LoadReport;
    failures: number;
    fine: boolean;
  },
): void {
  const total = report.keepAlive.requests + report.single.requests;
  console.log(
    `| ${runtime} | ${name} | ${events} | ${total} | ${failures} | ${
      fine ? "ok" : "FAILED"
    } ${failures > 0 ? JSON.stringify(report.reasons) : ""} |`,
  );
}

const { values } = parseArgs({
  options: {
    runtime: { type: "string", default: "node,bun,deno" },
    requests: { type: "string", default: "100000" },
    trial: { type: "string", default: Object.keys(trials).join() },
  },
});
console.log("| runtime | trial | events | requests | failed | |");
console.log("| --- | --- | --- | --- | --- | --- |");
let fine = true;
for (const runtime of values.runtime.split(",")) {
  for (const trial of values.trial.split(",")) {
    const done = await run(
      runtime as RuntimeName,
      trial,
      Number(values.requests),
    );
    fine &&= done;
  }
}
process.exitCode = fine ? 0 : 1;

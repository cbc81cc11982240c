/**
 * What does it cost to ask who a request comes from?
 *
 *     node bench/forwarding.ts --rounds 5 --seconds 2 --runtime node,bun,deno
 *
 * One worker answers hello world; the processor time of a request with
 * `--forwarded-allow-ips` of nobody, of a network that the client is not in, of
 * the client without a header, and of the client as a proxy that sends two.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { root } from "../scripts/tools.ts";
import { cornCommand, RUNTIMES } from "./support/commands.ts";
import type { RuntimeName } from "./support/commands.ts";
import { measureCost } from "./support/cost.ts";
import { machine, median, spread, table } from "./support/report.ts";
import { settle, startServer } from "./support/server.ts";
import { freePort } from "../tests/support/machine/ports.ts";
import type { Server } from "./support/server.ts";

const { values: flags } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "2" },
    runtime: { type: "string", default: RUNTIMES.join(",") },
    http: { type: "string", default: "native,wire" },
  },
});

const app = join(root, "bench", "apps", "bare.ts");
const folder = mkdtempSync(join(tmpdir(), "corn-bench-"));
const headers = join(folder, "headers.lua");
writeFileSync(
  headers,
  `wrk.headers["X-Forwarded-For"] = "192.0.2.1"
wrk.headers["X-Forwarded-Proto"] = "https"
`,
);

interface Way {
  readonly allow: string;
  readonly script?: string;
}

const ways: Readonly<Record<string, Way>> = {
  nobody: { allow: "" },
  stranger: { allow: "10.0.0.0/8" },
  trusted: { allow: "127.0.0.1" },
  proxied: { allow: "127.0.0.1", script: headers },
};

/** Microseconds of processor time a request. */
async function measure(server: Server, { script }: Way): Promise<number> {
  const { cpuUs } = await measureCost(server, {
    seconds: Number(flags.seconds),
    connections: 32,
    script,
  });
  return cpuUs;
}

async function compare(
  runtime: RuntimeName,
  http: string,
): Promise<string[]> {
  const servers = new Map<string, Server>();
  const costs = new Map<string, number[]>();
  try {
    for (const [name, { allow }] of Object.entries(ways)) {
      const port = await freePort();
      const command = cornCommand(runtime, { app, port, workers: 1 });
      const server = await startServer({
        port,
        commands: [[
          ...command,
          "--http",
          http,
          `--forwarded-allow-ips=${allow}`,
        ]],
      });
      servers.set(name, server);
      costs.set(name, []);
      await settle(server);
      // Warm before it counts.
      await measure(server, ways[name] as Way);
    }
    for (let round = 0; round < Number(flags.rounds); round++) {
      const names = Object.keys(ways);
      for (const name of round % 2 === 0 ? names : names.reverse()) {
        const cost = await measure(
          servers.get(name) as Server,
          ways[name] as Way,
        );
        costs.get(name)?.push(cost);
      }
    }
  } finally {
    for (const server of servers.values()) {
      await server[Symbol.asyncDispose]();
    }
  }
  const none = costs.get("nobody") as number[];
  return [
    runtime,
    http,
    median(none).toFixed(2),
    ...["stranger", "trusted", "proxied"].map((name) =>
      spread(
        (costs.get(name) as number[]).map((cost, round) => cost - none[round]!),
        2,
      )
    ),
  ];
}

try {
  console.log(`${machine()}\n`);
  const rows: string[][] = [];
  for (const runtime of RUNTIMES) {
    if (!flags.runtime.split(",").includes(runtime)) continue;
    for (const http of flags.http.split(",")) {
      rows.push(await compare(runtime, http));
    }
  }
  console.log(table([
    "Runtime",
    "Engine",
    "nobody is trusted, µs",
    "a stranger, µs more",
    "trusted, no header, µs more",
    "trusted, two headers, µs more",
  ], rows));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(0);

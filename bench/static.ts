/**
 * What does a file cost that --static serves?
 *
 *     npm install --prefix /tmp/peers serve@14.2.7 srvx@1.0.8
 *     node bench/static.ts --peers /tmp/peers --rounds 3 --seconds 2
 *
 * One worker, or the peer's one process, on processor 0, wrk on processor 1.
 * The peers run on Node, as their commands do; without --peers corn is measured
 * alone. Processor time of all the server's processes, a request.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { freePort } from "../tests/support/machine/ports.ts";
import { cornCommand, RUNTIMES, scriptCommand } from "./support/commands.ts";
import type { Command } from "./support/commands.ts";
import { warmCost } from "./support/cost.ts";
import type { Cost } from "./support/cost.ts";
import { heading, median, table, thousands } from "./support/report.ts";
import { takeRounds } from "./support/rounds.ts";
import { settle, startServer } from "./support/server.ts";

const { values: flags } = parseArgs({
  options: {
    peers: { type: "string" },
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "2" },
    connections: { type: "string", default: "16" },
  },
});

const SIZES: Readonly<Record<string, number>> = {
  "small.txt": 2000,
  "large.bin": 1_000_000,
};

const folder = mkdtempSync(join(tmpdir(), "corn-static-"));
const site = join(folder, "public");
const app = join(folder, "app.mjs");
mkdirSync(site);
writeFileSync(app, `export default { fetch: () => new Response("app") };\n`);
for (const [name, size] of Object.entries(SIZES)) {
  writeFileSync(join(site, name), new Uint8Array(size).fill(65));
}

/** Each side, and how it is started at a port. */
const sides: Readonly<Record<string, (port: number) => Command>> = {
  ...Object.fromEntries(RUNTIMES.map((runtime) => [
    `corn, ${runtime}`,
    (port: number): Command => [
      ...cornCommand(runtime, { app, port, workers: 1 }),
      ...["--static", site],
    ],
  ])),
  ...(flags.peers !== undefined && peers(join(flags.peers, "node_modules"))),
};

function peers(modules: string): typeof sides {
  return {
    "serve, node": (port) =>
      scriptCommand(
        "node",
        join(modules, "serve/build/main.js"),
        ...[site, "--listen", String(port), "--no-request-logging"],
      ),
    "srvx, node": (port) =>
      scriptCommand(
        "node",
        join(modules, "srvx/bin/srvx.mjs"),
        ...["serve", "--prod", "--port", String(port), "--host", "127.0.0.1"],
        ...["--static", site, app],
      ),
  };
}

async function measure(side: string): Promise<Record<string, Cost>> {
  const port = await freePort();
  await using server = await startServer({
    port,
    processors: "0",
    commands: [sides[side]!(port)],
    env: { NODE_ENV: "production" },
  });
  await settle(server);
  const costs: Record<string, Cost> = {};
  for (const name of Object.keys(SIZES)) {
    costs[name] = await warmCost(server, {
      path: name,
      seconds: Number(flags.seconds),
      connections: Number(flags.connections),
      processors: "1",
    });
  }
  return costs;
}

const names = Object.keys(sides);
const rounds = await takeRounds(names, {
  rounds: Number(flags.rounds),
  measure,
  onRound: (number) => console.error(`round ${number} of ${flags.rounds}`),
});
rmSync(folder, { recursive: true });
console.log(heading(
  `one worker on processor 0, wrk -t1 -c${flags.connections} -d${flags.seconds} on processor 1, ${flags.rounds} rounds.`,
));
const files = Object.keys(SIZES);
console.log(table(
  ["Server", ...files.flatMap((one) => [`${one}, requests/s`, "CPU µs each"])],
  names.map((side) => [
    side,
    ...files.flatMap((file) => {
      const costs = rounds.map((round) => round[side]![file]!);
      return [
        thousands(median(costs.map(({ perSecond }) => perSecond))),
        median(costs.map(({ cpuUs }) => cpuUs)).toFixed(0),
      ];
    }),
  ]),
));

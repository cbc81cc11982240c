/**
 * What does it cost to send metrics to statsd, or the access log to syslog?
 *
 *     node bench/push.ts --runtime node,bun,deno --rounds 3 --seconds 2
 *
 * One worker on processor 0; wrk and the receiver, which throws everything
 * away, on processor 1. Each round starts fresh processes of every side, in an
 * order that turns; a ratio is taken of two figures of one round.
 */
import { createSocket } from "node:dgram";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "../scripts/tools.ts";
import { cornCommand, RUNTIMES } from "./support/commands.ts";
import type { RuntimeName } from "./support/commands.ts";
import { warmCost } from "./support/cost.ts";
import type { Cost } from "./support/cost.ts";
import { heading, median, spread, table, thousands } from "./support/report.ts";
import { takeRounds } from "./support/rounds.ts";
import { settle, startServer } from "./support/server.ts";
import { freePort } from "../tests/support/machine/ports.ts";

const { values: flags } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "2" },
    connections: { type: "string", default: "32" },
    runtime: { type: "string", default: RUNTIMES.join(",") },
    app: { type: "string", default: "bare" },
    path: { type: "string", default: "" },
  },
});

/** Flags of each side, for a receiver's port. */
const sides = {
  none: () => [],
  statsd: (port: number) => ["--statsd-host", `127.0.0.1:${port}`],
} as const satisfies Record<string, (port: number) => string[]>;
type Side = keyof typeof sides;
const names = Object.keys(sides) as Side[];

async function measure(
  side: Side,
  { runtime, receiver }: { runtime: RuntimeName; receiver: number },
): Promise<Cost> {
  const port = await freePort();
  const app = join(root, "bench", "apps", `${flags.app}.ts`);
  await using server = await startServer({
    port,
    processors: "0",
    commands: [[
      ...cornCommand(runtime, { app, port, workers: 1 }),
      ...sides[side](receiver),
    ]],
  });
  await settle(server);
  const before = bytes;
  const cost = await warmCost(server, {
    path: flags.path,
    seconds: Number(flags.seconds),
    connections: Number(flags.connections),
    processors: "1",
  });
  if (side !== "none" && bytes === before) {
    throw new Error(`Cannot measure ${side}: nothing was received`);
  }
  return cost;
}

const receiver = createSocket("udp4");
let bytes = 0;
receiver.on("message", (message) => bytes += message.length);
await new Promise<void>((resolve) => receiver.bind(0, "127.0.0.1", resolve));

console.log(heading(
  `one worker on processor 0, wrk -t1 -c${flags.connections} -d${flags.seconds} on processor 1, ${flags.rounds} rounds.`,
));
const rows: string[][] = [];
for (const runtime of RUNTIMES) {
  if (!flags.runtime.split(",").includes(runtime)) continue;
  const rounds = await takeRounds(names, {
    rounds: Number(flags.rounds),
    measure: (side) =>
      measure(side, { runtime, receiver: receiver.address().port }),
    onRound: (number) =>
      console.error(`${runtime} round ${number} of ${flags.rounds}`),
  });
  const figures = (side: Side, figure: keyof Cost) =>
    rounds.map((round) => round[side][figure]);
  for (const side of names.filter((one) => one !== "none")) {
    const ratio = (figure: keyof Cost) => {
      const none = figures("none", figure);
      return spread(
        figures(side, figure).map((one, at) => one / (none[at] as number)),
        2,
      );
    };
    rows.push([
      runtime,
      side,
      thousands(median(figures("none", "perSecond"))),
      thousands(median(figures(side, "perSecond"))),
      `**${ratio("perSecond")}**`,
      ratio("cpuUs"),
    ]);
  }
}
receiver.close();
console.log(table([
  "Runtime",
  "Side",
  "none, requests/s",
  "with",
  "with / none (min–max)",
  "CPU a request, with / none",
], rows));

/**
 * What does it cost a native server to accept from an inherited socket?
 *
 *     node bench/swap.ts --rounds 6 --seconds 3 --runtime bun,deno
 *
 * Each round starts both servers one after the other in fresh processes, in an
 * order that alternates; the server runs on processor 0, wrk on processor 1.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "../scripts/tools.ts";
import type { RuntimeName } from "./support/commands.ts";
import { scriptCommand } from "./support/commands.ts";
import { load } from "./support/load.ts";
import { machine, median, spread, table, thousands } from "./support/report.ts";
import { cpuMs } from "./support/proc.ts";
import { freePort, settle, startServer } from "./support/server.ts";

const MODES = ["own", "adopted"] as const;
type Mode = typeof MODES[number];
const CONNECTIONS = 32;

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "6" },
    seconds: { type: "string", default: "3" },
    runtime: { type: "string", default: "bun,deno" },
  },
});

interface Figure {
  readonly perSecond: number;
  /** Processor time of the server a request, in microseconds. */
  readonly cpuUs: number;
}

async function measure(runtime: RuntimeName, mode: Mode): Promise<Figure> {
  const port = await freePort();
  const script = join(root, "bench", "peers", "adopted.ts");
  const command = scriptCommand(runtime, script, mode, String(port));
  await using server = await startServer({
    port,
    commands: [command],
    processors: "0",
  });
  await settle(server);
  const options = { connections: CONNECTIONS, processors: "1" };
  await load(server.url, { ...options, seconds: 1 });
  const seconds = Number(values.seconds);
  const used = () =>
    server.pids().reduce((total, pid) => total + cpuMs(pid), 0);
  const before = used();
  const { perSecond, requests } = await load(server.url, {
    ...options,
    seconds,
  });
  return { perSecond, cpuUs: (used() - before) * 1000 / requests };
}

const rows: string[][] = [];
for (const runtime of values.runtime.split(",") as RuntimeName[]) {
  const figures: Record<Mode, Figure[]> = { own: [], adopted: [] };
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const mode of round % 2 === 0 ? MODES : MODES.toReversed()) {
      figures[mode].push(await measure(runtime, mode));
      console.error(
        `${runtime}, ${mode}: ${JSON.stringify(figures[mode].at(-1))}`,
      );
    }
  }
  const ratios = (name: keyof Figure) =>
    figures.adopted.map((one, round) => one[name] / figures.own[round]![name]);
  const rate = (mode: Mode) =>
    thousands(median(figures[mode].map(({ perSecond }) => perSecond)));
  rows.push([
    runtime,
    rate("adopted"),
    rate("own"),
    spread(ratios("perSecond"), 2),
    spread(ratios("cpuUs"), 2),
  ]);
}
console.log(`${machine()}\n`);
console.log(
  table(
    [
      "Runtime",
      "adopted socket, requests/s",
      "own socket, requests/s",
      "ratio (min–max)",
      "ratio of CPU a request",
    ],
    rows,
  ),
);

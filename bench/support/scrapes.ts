/** How long a scrape of /metrics takes. */
import { performance } from "node:perf_hooks";
import { freePort } from "../../tests/support/machine/ports.ts";
import { cornCommand } from "./commands.ts";
import type { RuntimeName } from "./commands.ts";
import type { Package } from "./package.ts";
import { runMs } from "./proc.ts";
import { median } from "./report.ts";
import { settle, startServer } from "./server.ts";

export const SCRAPES = 100;

/** As cells: bytes, milliseconds of the first, the median and the longest of the others, and of the arbiter's processor time, which other work on the machine does not lengthen, the mean and the most of one. */
export async function measureScrapes(
  runtime: RuntimeName,
  { app, workers, built }: {
    readonly app: string;
    readonly workers: number;
    /** Measured in the place of the checkout. */
    readonly built?: Package;
  },
): Promise<string[]> {
  const port = await freePort();
  const admin = `http://127.0.0.1:${await freePort()}/metrics`;
  await using server = await startServer({
    port,
    processors: "0,1",
    commands: [[
      ...cornCommand(runtime, { app, port, workers, ...built }),
      ...["--metrics", "--admin", new URL(admin).host],
    ]],
    ...built && { env: built.env },
  });
  await settle(server);
  const [arbiter = 0] = server.pids();
  // The first fetch of a process loads what fetches: 25 ms that are not the arbiter's.
  for (let n = 0; n < 5; n++) await (await fetch(server.url)).text();
  const before = runMs(arbiter);
  const times: number[] = [];
  let bytes = 0;
  let most = 0;
  for (let n = 0; n < SCRAPES; n++) {
    const ran = runMs(arbiter);
    const asked = performance.now();
    const answer = await fetch(admin);
    bytes = (await answer.text()).length;
    times.push(performance.now() - asked);
    most = Math.max(most, runMs(arbiter) - ran);
  }
  // The first one runs what nothing has compiled yet.
  const [first = 0] = times;
  const rest = times.slice(1).sort((a, b) => a - b);
  return [
    String(bytes),
    first.toFixed(1),
    median(rest).toFixed(1),
    (rest.at(-1) as number).toFixed(1),
    ((runMs(arbiter) - before) / SCRAPES).toFixed(2),
    most.toFixed(1),
  ];
}

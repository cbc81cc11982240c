/**
 * The long form of the promise that no request is lost: clients that never
 * retry, while workers are reloaded, recycled, scaled and killed. `--help` tells more.
 */
import process from "node:process";
import { parseArgs } from "node:util";
import type { RuntimeName } from "../src/runtime/runtime.ts";
import { kinds, totalOf } from "../tests/support/load/load.ts";
import type { LoadReport } from "../tests/support/load/load.ts";
import { anySeed } from "../tests/support/random.ts";
import { within } from "../tests/support/wait.ts";
import { closeAll, openField } from "./torture/field.ts";
import type { Run, Trial } from "./torture/trial.ts";
import { trials } from "./torture/trials.ts";

const RUNTIMES: readonly RuntimeName[] = ["node", "bun", "deno"];
/** Requests of a trial with --quick. */
const QUICK_REQUESTS = 2000;
/** Failures that are shown of a trial that failed. */
const SHOWN = 5;
/** How long an event may take, and the look at the end. */
const EVENT_MS = 600_000;
/** Progress is told so often at most. */
const PROGRESS_MS = 10_000;

const { values } = parseArgs({
  options: {
    runtime: { type: "string", default: RUNTIMES.join() },
    trial: { type: "string" },
    requests: { type: "string" },
    http: { type: "string" },
    "worker-class": { type: "string", short: "k" },
    seed: { type: "string" },
    tls: { type: "boolean", default: false },
    quick: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});

function help(): string {
  const width = Math.max(...Object.keys(trials).map((name) => name.length));
  const rows = Object.entries(trials).map(([name, { about }]) =>
    `  ${name.padEnd(width)}  ${about}`
  );
  return `Troubles corn under clients that never retry, and counts what fails.

  node scripts/torture.ts [--runtime node,bun,deno] [--trial NAME,...]
                          [--http native|wire] [-k async|sync|thread]
                          [--tls] [--requests N] [--seed N] [--quick]

  --runtime   runtimes to torture, all three unless given
  --trial     trials to run, all of them unless given
  --http      the engine; without, the one that auto takes
  -k          the class of the workers, async unless given
  --tls       speaks TLS; trials on a unix socket are left out
  --requests  requests that each trial makes at least; without, as many as its
              events take, 100000 for reload and 50000 for recycle
  --seed      repeats the pauses, sizes and order of a run
  --quick     a tenth of the events, or so, and ${QUICK_REQUESTS} requests

Trials:
${rows.join("\n")}

Exits with 1 where a request was lost or the server did not behave.
`;
}

/** The names of a list, each of which must be known. */
function choose(list: string, known: readonly string[]): readonly string[] {
  const names = list.split(",");
  const strange = names.find((name) => !known.includes(name));
  if (strange === undefined) return names;
  throw new RangeError(
    `Cannot choose "${strange}": there are ${known.join(", ")}`,
  );
}

function readNumber(name: string, text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 0) return number;
  throw new RangeError(`Cannot use --${name} "${text}": give a whole number`);
}

/** What came of a trial. */
interface Outcome {
  events: number;
  report: LoadReport | undefined;
  /** What is worth knowing of a good end. */
  remark: string;
  /** What went wrong beside requests. */
  problem: unknown;
  /** Failures that are no loss. */
  excused: number;
}

/** Says on stderr how far a trial is, now and then. */
function tellProgress(name: string, events: number): (event: number) => void {
  const begun = performance.now();
  let told = begun;
  return (event) => {
    const now = performance.now();
    if (now - told < PROGRESS_MS) return;
    told = now;
    const seconds = Math.round((now - begun) / 1000);
    console.error(`  ${name}: event ${event} of ${events}, ${seconds} s`);
  };
}

async function run(
  runtime: RuntimeName,
  trial: Trial,
  { name, seed, requests, events }: {
    name: string;
    seed: number;
    requests: number;
    events: number;
  },
): Promise<Outcome & { log: string | undefined }> {
  const field = await openField({
    runtime,
    seed,
    args: [
      ...(values.http === undefined ? [] : ["--http", values.http]),
      ...(values["worker-class"] === undefined
        ? []
        : ["--worker-class", values["worker-class"]]),
      ...(values["worker-class"] === "thread" ? ["--threads", "2"] : []),
      ...(trial.args ?? []),
    ],
    unix: trial.unix ?? false,
    tls: values.tls,
    clients: trial.clients,
    read: trial.read,
  });
  const outcome: Outcome = {
    events: 0,
    report: undefined,
    remark: "",
    problem: undefined,
    excused: 0,
  };
  let going: Run | undefined;
  const tell = tellProgress(`${runtime} ${name}`, events);
  try {
    going = await trial.begin(field, events);
    while (
      outcome.events < events || field.load.progress().requests < requests
    ) {
      tell(outcome.events);
      const event = outcome.events++;
      await within(`event ${event}`, going.event(event), EVENT_MS);
    }
    const end = going.end?.() ?? Promise.resolve("");
    outcome.remark = await within("the look at the end", end, EVENT_MS);
  } catch (error) {
    outcome.problem = error;
  } finally {
    going?.close?.();
  }
  try {
    outcome.report = await field.load.stop();
    await field.stop();
  } catch (error) {
    outcome.problem ??= error;
  }
  const failed = outcome.report?.failed ?? [];
  outcome.excused =
    failed.filter((failure) => going?.excuses?.(failure) ?? false).length;
  const lost = failed.filter((failure) => !going?.excuses?.(failure));
  for (const failure of lost.slice(0, SHOWN)) {
    console.log(`  ${JSON.stringify(failure)}`);
  }
  return {
    ...outcome,
    log: field.close(lost.length > 0 || outcome.problem !== undefined),
  };
}

/** Prints a trial's row. */
async function runTrial(
  runtime: RuntimeName,
  name: string,
  seed: number,
): Promise<boolean> {
  const trial = trials[name] as Trial;
  const { quick } = values;
  const requests = values.requests === undefined
    ? quick ? QUICK_REQUESTS : trial.requests ?? 0
    : readNumber("requests", values.requests);
  const from = performance.now();
  const { events, report, remark, problem, excused, log } = await run(
    runtime,
    trial,
    { name, seed, requests, events: quick ? trial.quick : trial.events },
  );
  const seconds = Math.round((performance.now() - from) / 1000);
  const total = report && totalOf(report);
  const lost = (total?.failures ?? 0) - excused;
  const fine = problem === undefined && total !== undefined && lost === 0;
  const asked = kinds.map((kind) => report?.[kind].requests ?? 0).join(" + ");
  const verdict = fine ? "ok" : "FAILED";
  const cells = [
    runtime,
    name,
    events,
    `${total?.requests ?? 0} (${asked})`,
    lost,
    excused,
    total?.quiet ?? 0,
    `${seconds} s`,
    remark === "" ? verdict : `${verdict}, ${remark}`,
  ];
  console.log(`| ${cells.join(" | ")} |`);
  if (problem !== undefined) console.log(`  ${problem}`);
  if (log !== undefined) {
    console.log(`  ${JSON.stringify(report?.reasons)}\n  the log: ${log}`);
  }
  return fine;
}

async function main(): Promise<void> {
  const names = Object.keys(trials).filter((name) =>
    !values.tls || trials[name]?.unix !== true
  );
  const wanted = values.trial === undefined
    ? names
    : choose(values.trial, names);
  const runtimes = choose(values.runtime, RUNTIMES) as RuntimeName[];
  const seed = values.seed === undefined
    ? anySeed()
    : readNumber("seed", values.seed);
  console.log(`seed ${seed}\n`);
  console.log(
    "| runtime | trial | events | requests (kept + single + streams + posts) | lost | in hand | idle ends | time | |",
  );
  console.log("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
  let fine = true;
  for (const runtime of runtimes) {
    for (const name of wanted) {
      const done = await runTrial(runtime, name, seed);
      fine &&= done;
    }
  }
  process.exitCode = fine ? 0 : 1;
}

process.on("exit", closeAll);
for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  process.on(signal, () => process.exit(code));
}
if (values.help) console.log(help());
else await main();

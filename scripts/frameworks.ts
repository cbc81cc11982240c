/**
 * Runs what people have under corn: the documented example of each framework,
 * on each runtime. `--help` tells more.
 */
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { findPackageJSON } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import type { RuntimeName } from "../src/runtime/runtime.ts";
import { builds, cases, QUESTIONS } from "../tests/frameworks/cases.ts";
import type { BuildCase, FrameworkCase } from "../tests/frameworks/cases.ts";
import {
  mergeResults,
  readResults,
  writeResults,
} from "../tests/frameworks/results.ts";
import type { Result } from "../tests/frameworks/results.ts";
import { isFine, tryFramework } from "../tests/frameworks/trial.ts";
import {
  broadcasts,
  hasRedis,
  tryBroadcast,
} from "../tests/frameworks/broadcast.ts";
import type { BroadcastCase } from "../tests/frameworks/broadcast.ts";
import { socketIoCases, trySocketIo } from "../tests/frameworks/socket-io.ts";
import type { SocketIoCase } from "../tests/frameworks/socket-io.ts";
import { definitions, tryOtlp } from "../tests/frameworks/otlp.ts";
import { tracers, tryTracer } from "../tests/frameworks/tracing.ts";
import type { TracerCase } from "../tests/frameworks/tracing.ts";
import { prove, runtimes as testRuntimes } from "./runtimes.ts";
import { cleanEnvironment, killAll, root, run } from "./tools.ts";

const HELP = `Runs the documented example of each framework under corn.

  node scripts/frameworks.ts [filter…] [--runtime node,bun,deno] [--builds]
                             [--folder DIR] [--write]

  filter      parts of the frameworks' names; all of them unless given
  --runtime   runtimes to run them on, all three unless given
  --builds    those that are built first (Next.js, Nuxt, SvelteKit, Astro, React
              Router) instead: a gigabyte, and some minutes
  --folder    where they are installed, and stay; a folder that is removed
              at the end unless given
  --write     writes what was found to tests/frameworks/results.json, of which
              scripts/docs.ts makes docs/frameworks.md

Exits with 1 where something failed. The last line is "N passed, N failed".
`;

const NAMES: readonly RuntimeName[] = ["node", "bun", "deno"];
const SOURCE = join(root, "tests", "frameworks");
const INSTALL_MS = 600_000;

const { values, positionals: filters } = parseArgs({
  allowPositionals: true,
  options: {
    runtime: { type: "string", default: NAMES.join() },
    builds: { type: "boolean", default: false },
    folder: { type: "string" },
    write: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});

const env = {
  ...cleanEnvironment(join(root, "node_modules", "node", "bin")),
  ASTRO_TELEMETRY_DISABLED: "1",
  NEXT_TELEMETRY_DISABLED: "1",
  NUXT_TELEMETRY_DISABLED: "1",
};

/** Runs a command in a folder. @throws where it fails */
async function demand(
  [program, ...args]: readonly [string, ...string[]],
  folder: string,
): Promise<void> {
  const { code, output } = await run(program, {
    args,
    cwd: folder,
    env,
    deadlineMs: INSTALL_MS,
  });
  if (code === 0) return;
  throw new Error(`Cannot run "${[program, ...args].join(" ")}": ${output}`);
}

/** Installs the packages of a folder's lock file, unless they are there. @throws where npm fails */
async function install(folder: string): Promise<void> {
  if (existsSync(join(folder, "node_modules"))) return;
  const flags = ["--ignore-scripts", "--no-audit", "--no-fund"];
  // Not `npm ci`: it refuses a lock file that leaves out an optional package.
  await demand(["npm", "install", ...flags], folder);
}

/** Lays the apps and their packages into a folder. @throws where npm fails */
async function layOut(folder: string): Promise<void> {
  for (const name of ["package.json", "package-lock.json", "apps"]) {
    cpSync(join(SOURCE, name), join(folder, name), { recursive: true });
  }
  await install(folder);
}

/** Builds one in a folder of its own below. @throws where that fails */
async function build(one: BuildCase, folder: string): Promise<string> {
  const own = join(folder, "builds", one.folder);
  cpSync(join(SOURCE, "builds", one.folder), own, { recursive: true });
  // What the apps answer with.
  cpSync(join(SOURCE, "apps", "parts.mjs"), join(own, "parts.mjs"));
  await install(own);
  for (const [program, ...args] of one.build) {
    const path = join(own, "node_modules", ".bin", program);
    await demand([existsSync(path) ? path : program, ...args], own);
  }
  return own;
}

/** The version of a package, as a module in that folder finds it. */
function versionOf(folder: string, name: string): string {
  const path = findPackageJSON(name, pathToFileURL(join(folder, "app.mjs")));
  return JSON.parse(readFileSync(path as string, "utf8")).version;
}

/** The version of a runtime, after the proof that it is the one meant. */
async function versionOfRuntime(name: RuntimeName): Promise<string> {
  const found = testRuntimes.find(({ wanted }) =>
    wanted.startsWith(`${name} `)
  );
  if (found === undefined) throw new RangeError(`Cannot run "${name}"`);
  return (await prove(found)).replace(`${name} `, "");
}

/** Runs one and prints its row. */
async function runOne(
  one: FrameworkCase,
  runtime: RuntimeName,
  folder: string,
): Promise<Result | undefined> {
  const file = one.start[runtime];
  if (file === undefined) return undefined;
  const begun = performance.now();
  const { verdicts, requests, log } = await tryFramework(one, {
    runtime,
    folder,
    file,
  });
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  const said = QUESTIONS.map((question) => verdicts[question])
    .map((verdict = "-") =>
      verdict === "-" || isFine(verdict) ? verdict : "FAILED"
    );
  const cells = [one.name, runtime, ...said, requests, `${seconds} s`];
  console.log(`| ${cells.join(" | ")} |`);
  for (const [question, verdict] of Object.entries(verdicts)) {
    if (!isFine(verdict)) console.log(`  ${question}: ${verdict}`);
  }
  if (log !== undefined) console.log(log.replaceAll(/^/gm, "    "));
  const version = versionOf(folder, one.package);
  return { name: one.name, version, runtime, file, verdicts };
}

/** The same for a tracer. */
async function traceOne(
  one: TracerCase,
  runtime: RuntimeName,
  folder: string,
): Promise<Result> {
  const lacks = one.lacks?.[runtime] !== undefined;
  const spans = await tryTracer(one, { runtime, folder }).then(
    () => lacks ? "works, but is said not to" : "ok",
    (error: Error) => lacks ? "lacks" : error.message,
  );
  console.log(`| ${[one.name, runtime, "spans", spans].join(" | ")} |`);
  const version = versionOf(folder, one.package[runtime]);
  const file = one.start[runtime] ?? "";
  return { name: one.name, version, runtime, file, verdicts: { spans } };
}

/** Tries one thing, prints what came of it, and gives that: "ok", or why not. */
async function judge(
  name: string,
  { what, runtime }: { readonly what: string; readonly runtime: RuntimeName },
  trial: Promise<unknown>,
): Promise<string> {
  const verdict = await trial.then(
    () => "ok",
    (error: Error) => error.message,
  );
  console.log(`| ${[name, runtime, what, verdict].join(" | ")} |`);
  return verdict;
}

/** The same for a broadcast. */
async function broadcastOne(
  one: BroadcastCase,
  runtime: RuntimeName,
  folder: string,
): Promise<Result> {
  const { name, file } = one;
  const trial = tryBroadcast(one, { runtime, folder });
  const broadcast = await judge(name, { what: "broadcast", runtime }, trial);
  const version = versionOf(folder, one.package);
  return { name, version, runtime, file, verdicts: { broadcast } };
}

/** The same for all that clients of Socket.IO do. */
async function playOne(
  one: SocketIoCase,
  runtime: RuntimeName,
  folder: string,
): Promise<Result> {
  const { name } = one;
  const trial = trySocketIo(one, { runtime, folder });
  const clients = await judge(name, { what: "clients", runtime }, trial);
  const version = versionOf(folder, one.package);
  const file = one.start[runtime] as string;
  return { name, version, runtime, file, verdicts: { clients } };
}

/** Whether what is pushed is what OpenTelemetry defines; no framework's row. */
async function pushOne(runtime: RuntimeName, folder: string): Promise<string> {
  const pushed = await tryOtlp({ runtime, folder }).then(
    () => "ok",
    (error: Error) => error.message,
  );
  console.log(
    `| ${[definitions.name, runtime, "pushed", pushed].join(" | ")} |`,
  );
  return pushed;
}

function isWanted({ name }: { readonly name: string }): boolean {
  return filters.length === 0 ||
    filters.some((filter) => name.toLowerCase().includes(filter.toLowerCase()));
}

async function runAll(folder: string): Promise<void> {
  const names = values.runtime.split(",") as RuntimeName[];
  const versions: Partial<Record<RuntimeName, string>> = {};
  for (const name of names) versions[name] = await versionOfRuntime(name);
  const head = ["framework", "runtime", ...QUESTIONS, "requests", "time"];
  console.log(`| ${head.join(" | ")} |`);
  console.log(`|${" --- |".repeat(head.length)}`);
  const results: Result[] = [];
  if (!values.builds) await layOut(folder);
  const all: readonly (FrameworkCase | BuildCase)[] = values.builds
    ? builds
    : cases;
  for (const one of all) {
    if (!isWanted(one)) continue;
    const own = "build" in one
      ? await build(one, folder)
      : join(folder, "apps");
    for (const runtime of names) {
      const result = await runOne(one, runtime, own);
      if (result !== undefined) results.push(result);
    }
  }
  for (const one of values.builds ? [] : tracers) {
    if (!isWanted(one)) continue;
    for (const runtime of names) {
      results.push(await traceOne(one, runtime, join(folder, "apps")));
    }
  }
  for (const one of values.builds ? [] : socketIoCases) {
    if (!isWanted(one)) continue;
    for (const runtime of names) {
      if (one.start[runtime] === undefined) continue;
      results.push(await playOne(one, runtime, join(folder, "apps")));
    }
  }
  const reached = values.builds ? [] : broadcasts.filter(isWanted);
  if (reached.length > 0 && !hasRedis()) {
    console.log("Left out what wants redis-server, which is not installed");
  } else {
    for (const one of reached) {
      for (const runtime of names) {
        const own = join(folder, "apps");
        results.push(await broadcastOne(one, runtime, own));
      }
    }
  }
  const pushed: string[] = [];
  for (const runtime of names) {
    if (values.builds || !isWanted(definitions)) continue;
    pushed.push(await pushOne(runtime, join(folder, "apps")));
  }
  if (values.write) {
    const order = [
      ...cases,
      ...builds,
      ...tracers,
      ...socketIoCases,
      ...broadcasts,
    ]
      .map(({ name }) => name);
    const found = { runtimes: versions, results };
    writeResults(mergeResults(readResults(), found, order));
  }
  const verdicts = [
    ...results.flatMap(({ verdicts }) => Object.values(verdicts)),
    ...pushed,
  ];
  const passed = verdicts.filter(isFine).length;
  console.log(`\n${passed} passed, ${verdicts.length - passed} failed`);
  process.exitCode = passed === verdicts.length && passed > 0 ? 0 : 1;
}

async function main(): Promise<void> {
  const given = values.folder === undefined
    ? undefined
    : resolve(values.folder);
  const folder = given ?? mkdtempSync(join(tmpdir(), "corn-frameworks-"));
  try {
    await runAll(folder);
  } finally {
    if (given === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  process.on(signal, () => {
    killAll();
    process.exit(code);
  });
}
if (values.help) console.log(HELP);
else await main();

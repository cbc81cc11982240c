/**
 * `npm run bench`: runs the benches, and writes what they print into
 * docs/performance.md, between `<!-- NAME:start -->` and `<!-- NAME:end -->`.
 *
 *     npm run bench                        # all of them, about an hour
 *     npm run bench -- --only turns,start  # some
 *     npm run bench -- --short             # few rounds, to see that it works
 *
 * Figures are as good as the machine is at rest.
 */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { fill } from "./markdown.ts";
import { cleanEnvironment, root } from "./tools.ts";

/** A bench, and how it is run for the page. */
interface Bench {
  readonly args: readonly string[];
  readonly short: readonly string[];
}

const BENCHES: Readonly<Record<string, Bench>> = {
  turns: { args: ["--rounds", "5"], short: ["--rounds", "1"] },
  "side-by-side": { args: ["--rounds", "5"], short: ["--rounds", "1"] },
  throughput: {
    args: ["--rounds", "4", "--seconds", "2"],
    short: ["--rounds", "1", "--seconds", "1"],
  },
  start: {
    args: ["--rounds", "3", "--seconds", "1"],
    short: ["--rounds", "1", "--seconds", "1"],
  },
  engines: { args: ["--rounds", "4"], short: ["--rounds", "1"] },
  gateway: { args: ["--rounds", "3"], short: ["--rounds", "1"] },
  arbiter: {
    args: ["--rounds", "2", "--seconds", "6"],
    short: ["--rounds", "1", "--seconds", "2"],
  },
  queues: { args: [], short: [] },
  tls: {
    args: ["--rounds", "4", "--idle", "10000", "--stalled", "1000"],
    short: ["--rounds", "1", "--seconds", "1", "--stalled", "100"],
  },
  pace: { args: ["--rounds", "2"], short: ["--rounds", "1", "--seconds", "1"] },
  "access-log": { args: ["--rounds", "3"], short: ["--rounds", "1"] },
  middleware: { args: ["--rounds", "8"], short: ["--rounds", "1"] },
  scale: {
    args: ["--seconds", "3", "--svg", join("docs", "pictures", "scale.svg")],
    short: ["--seconds", "1", "--svg", join("docs", "pictures", "scale.svg")],
  },
  swap: {
    args: ["--rounds", "6", "--seconds", "3"],
    short: ["--rounds", "1", "--seconds", "1"],
  },
};

const PAGE = join(root, "docs", "performance.md");

const { values: flags } = parseArgs({
  options: {
    only: { type: "string", default: Object.keys(BENCHES).join(",") },
    short: { type: "boolean", default: false },
    modules: { type: "string" },
  },
});

/** Writes what a bench printed into its place. @throws where the page has none */
function write(name: string, printed: string): void {
  const page = readFileSync(PAGE, "utf8");
  writeFileSync(PAGE, fill(page, { name, text: printed.trim() }));
}

let failed = 0;
for (const name of flags.only.split(",")) {
  const bench = BENCHES[name];
  if (bench === undefined) {
    console.error(
      `Cannot run "${name}": the benches of the page are ${
        Object.keys(BENCHES).join(", ")
      }`,
    );
    process.exit(2);
  }
  const peers = name === "side-by-side" && flags.modules !== undefined
    ? ["--modules", flags.modules]
    : [];
  console.error(`# ${name}`);
  const { status, stdout } = spawnSync(
    process.execPath,
    [
      join("bench", `${name}.ts`),
      ...(flags.short ? bench.short : bench.args),
      ...peers,
    ],
    {
      cwd: root,
      encoding: "utf8",
      env: cleanEnvironment(),
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  if (status === 0) write(name, stdout);
  else {
    failed++;
    console.error(`${name} failed: its place is left as it was`);
  }
}
process.exit(failed === 0 ? 0 : 1);

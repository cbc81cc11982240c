/** The packed npm package, installed in an empty folder, as a user has it. */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import * as assert from "../support/assert.ts";
import { pack } from "../../scripts/pack.ts";
import { cleanEnvironment, root } from "../../scripts/tools.ts";

/** The package's name in package.json. */
export const NAME = "corn";

/** The app: says which runtime serves it, and the arbiter's pid. */
const APP = `import { Hono } from "hono";
const { bun, deno } = process.versions;
const app = new Hono();
app.get("/", (c) => c.json({
  runtime: bun ? "bun" : deno ? "deno" : "node",
  arbiter: process.ppid,
}));
export default app;
`;

/** A folder with the package in it, which goes with the process. */
export interface Installation {
  readonly folder: string;
}

let installation: Promise<Installation> | undefined;

/** Packs and installs, once for all the files of a process. @throws when npm fails. */
export function install(): Promise<Installation> {
  return installation ??= installAnew();
}

async function installAnew(): Promise<Installation> {
  const folder = mkdtempSync(join(tmpdir(), "corn-installed-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const tarball = await pack(join(folder, "pack"));
  writeFileSync(
    join(folder, "package.json"),
    `{ "private": true, "type": "module" }\n`,
  );
  writeFileSync(join(folder, "app.ts"), APP);
  // hono is the app's own dependency.
  const { devDependencies } = JSON.parse(
    readFileSync(join(root, "package.json"), "utf8"),
  );
  const args = [
    "install",
    "--no-audit",
    "--no-fund",
    tarball,
    `hono@${devDependencies.hono}`,
  ];
  const { status, stderr } = spawnSync("npm", args, {
    cwd: folder,
    env: environment(),
    encoding: "utf8",
    timeout: 90_000,
  });
  if (status !== 0) throw new Error(`Cannot install "${tarball}": ${stderr}`);
  return { folder };
}

/** The environment of a user with Node 24. */
function environment(): NodeJS.ProcessEnv {
  return cleanEnvironment(join(root, "node_modules", "node", "bin"));
}

/**
 * Starts a command, gives the runtime that serves the app, stops the arbiter by
 * TERM and expects a clean end. npx passes a TERM on to its shell only, which
 * leaves what the shell started alone; so the arbiter itself gets it.
 */
export async function runtimeOf(
  command: readonly [string, ...string[]],
  folder: string,
): Promise<string> {
  const server = await start(command, folder);
  try {
    const { runtime, arbiter } = JSON.parse(curl(server.url));
    process.kill(arbiter, "SIGTERM");
    const { code, leftovers, output } = await server.end();
    assert.equal({ code, leftovers }, { code: 0, leftovers: 0 }, output);
    return runtime;
  } finally {
    server.close();
  }
}

/** A started server. */
export interface Started {
  readonly pid: number;
  readonly url: string;
  /** What it printed. */
  output(): string;
  /** Waits for its end, 40 seconds at most. */
  end(): Promise<Ended>;
  /** Kills what is left. */
  close(): void;
}

/** How a server ended. */
interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly output: string;
  /** Processes of its group that were still there two seconds later. */
  readonly leftovers: number;
}

/** Starts a command in a folder and waits for the address in its banner. @throws after 30 s. */
export async function start(
  [program, ...args]: readonly [string, ...string[]],
  folder: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Started> {
  const child = spawn(program, args, {
    cwd: folder,
    env: { ...environment(), ...more },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const group = child.pid ?? 0;
  const ended = new Promise<Pick<Ended, "code" | "signal">>((resolve) =>
    child.on("exit", (code, signal) => resolve({ code, signal }))
  );
  let output = "";
  const url = await new Promise<string>((resolve, reject) => {
    const fail = (reason: string) => {
      clearTimeout(timer);
      killGroup(group);
      const command = [program, ...args].join(" ");
      reject(new Error(`Cannot start "${command}": ${reason}\n${output}`));
    };
    const timer = setTimeout(() => fail("no address after 30 s"), 30_000);
    let started = false;
    const read = (chunk: Buffer) => {
      output += chunk;
      const found = /Listening at (http:\/\/127\.0\.0\.1:\d+)/.exec(output)
        ?.[1];
      if (found === undefined || started) return;
      started = true;
      clearTimeout(timer);
      resolve(found);
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.on("error", (error) => fail(error.message));
    ended.then(({ code }) => {
      if (!started) fail(`exit code ${code}`);
    });
  });

  return {
    pid: group,
    url,
    output: () => output,
    async end() {
      const timer = setTimeout(() => killGroup(group), 40_000);
      const how = await ended;
      clearTimeout(timer);
      const until = Date.now() + 2000;
      while (countGroup(group) > 0 && Date.now() < until) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      return { ...how, output, leftovers: countGroup(group) };
    },
    close: () => killGroup(group),
  };
}

function curl(url: string): string {
  // The first worker may still be booting: its connection waits in the listener's queue or is refused.
  const args = ["-sS", "--fail", "--max-time", "10", "--retry", "20"];
  const { status, stdout, stderr } = spawnSync(
    "curl",
    [...args, "--retry-connrefused", "--retry-delay", "1", url],
    { encoding: "utf8" },
  );
  if (status !== 0) throw new Error(`Cannot get "${url}": ${stderr}`);
  return stdout;
}

function countGroup(group: number): number {
  const { stdout } = spawnSync("ps", ["-eo", "pgid=,stat="], {
    encoding: "utf8",
  });
  return stdout.split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([pgid, state]) =>
      Number(pgid) === group && !state?.startsWith("Z")
    )
    .length;
}

function killGroup(group: number): void {
  if (group > 0 && countGroup(group) > 0) process.kill(-group, "SIGKILL");
}

/** How corn and its peers are started on each runtime. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { bin, cleanEnvironment, root } from "../../scripts/tools.ts";

export const RUNTIMES = ["node", "bun", "deno"] as const;
export type RuntimeName = typeof RUNTIMES[number];

/** A program and its arguments. */
export type Command = readonly [string, ...string[]];

const programs: Readonly<Record<RuntimeName, string>> = {
  node: join(root, "node_modules", "node", "bin", "node"),
  bun: bin("bun"),
  deno: bin("deno"),
};

/** The program of a runtime, for its version. */
export function programOf(runtime: RuntimeName): string {
  return programs[runtime];
}

/** A script on a runtime. */
export function scriptCommand(
  runtime: RuntimeName,
  ...args: string[]
): Command {
  return runtime === "deno"
    ? [programs.deno, "run", "-A", "--node-modules-dir=manual", ...args]
    : [programs[runtime], ...args];
}

/** What a bench prints that runs itself once more, with `--here` and what is given, on another runtime. */
export function printedBy(
  runtime: RuntimeName,
  bench: string,
  ...given: string[]
): string {
  const [program, ...args] = scriptCommand(runtime, bench, "--here", ...given);
  return execFileSync(program, args, {
    encoding: "utf8",
    env: { ...cleanEnvironment(), NODE_ENV: "production" },
    timeout: 60_000,
  });
}

/** corn, of this repository unless `module` names another one's mod.ts. */
export function cornCommand(
  runtime: RuntimeName,
  { app, port, workers, module = join(root, "mod.ts") }: {
    readonly app: string;
    readonly port: number;
    readonly workers: number;
    readonly module?: string;
  },
): Command {
  return scriptCommand(
    runtime,
    module,
    app,
    "--workers",
    String(workers),
    "--bind",
    `127.0.0.1:${port}`,
    "--log-level",
    "warning",
    // Many workers that boot at once on a busy machine take longer than its own.
    ...["--boot-timeout", "170"],
  );
}

/** The runtime's own way to serve an app with two workers: the processes to start, and their environment. */
export function nativeCommands(
  runtime: RuntimeName,
  { app, port }: { readonly app: string; readonly port: number },
): { commands: Command[]; env: Record<string, string> } {
  switch (runtime) {
    case "node": {
      const script = join(root, "bench", "peers", "node.ts");
      return {
        commands: [scriptCommand("node", script, app, String(port))],
        env: {},
      };
    }
    case "bun": {
      const script = join(root, "bench", "peers", "bun.ts");
      const command = scriptCommand("bun", script, app, String(port));
      return { commands: [command, command], env: {} };
    }
    case "deno":
      return {
        commands: [[
          programs.deno,
          "serve",
          "-A",
          "--node-modules-dir=manual",
          "--parallel",
          "--host",
          "127.0.0.1",
          "--port",
          String(port),
          app,
        ]],
        env: { DENO_JOBS: "2" },
      };
  }
}

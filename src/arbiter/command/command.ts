/** How a worker is started on each runtime. */
import { urlPath } from "../../base/path.ts";
import { BootError } from "../../base/errors.ts";
import {
  THREAD_ID_VARIABLE,
  WORKER_ID_VARIABLE,
} from "../../protocol/messages.ts";
import type { Files, RuntimeName, Self } from "../../runtime/runtime.ts";
import { grants } from "./worker-args.ts";

/** The program and arguments of a worker. */
export interface WorkerCommand {
  readonly executable: string;
  readonly args: readonly string[];
}

export interface CommandQuery {
  readonly runtime: RuntimeName;
  readonly executable: string;
  /** URL of the module that is a worker, worker.ts. */
  readonly worker: string;
  /** The app's own config, which Deno would look for beside that module (DENO-IMPORT-MAP). */
  readonly denoConfig: DenoConfig | undefined;
  /** What else the runtime is told, see worker-args.ts. */
  readonly workerArgs: readonly string[];
}

/** The command line of a worker. */
export function workerCommand(
  { runtime, executable, worker, denoConfig, workerArgs }: CommandQuery,
): WorkerCommand {
  const program = programOf(worker);
  switch (runtime) {
    case "node":
      // Node 22 and 24 warn in every worker that type stripping is experimental
      // (NODE-STRIP-WARNING).
      return {
        executable,
        args: ["--disable-warning=ExperimentalWarning", ...workerArgs, program],
      };
    case "bun":
      return { executable, args: [...workerArgs, program] };
    case "deno": {
      // A worker has no terminal to ask for a permission at.
      const granted = grants(workerArgs) ? "--no-prompt" : "-A";
      // Deno.serve({ reusePort }) is behind --unstable-net (Deno 2.9.6,
      // DENO-REUSEPORT).
      const own = ["run", granted, "--unstable-net"];
      if (denoConfig?.kind === "package") {
        // By --config it would take a deno.json alone: it finds this one beside
        // its main module, or from the working folder where that is standard input.
        const preload = ["--preload", program];
        const main = denoConfig.here ? "-" : denoConfig.path;
        const args = [...own, ...workerArgs, ...preload, main];
        return { executable, args };
      }
      const config = denoConfig && ["--config", denoConfig.path];
      return {
        executable,
        args: [...own, ...config ?? [], ...workerArgs, program],
      };
    }
  }
}

/** What a runtime is told to start: of a registry's package no file can be started, but its specifier. */
function programOf(worker: string): string {
  if (worker.startsWith("file://")) return urlPath(worker);
  const [, name, version] =
    /^https?:\/\/[^/]+\/(@[^/]+\/[^/]+)\/([^/]+)\/worker\.ts$/.exec(worker) ??
      [];
  return name === undefined ? worker : `jsr:${name}@${version}/worker`;
}

/** A worker's command with more arguments for its runtime. */
export function withRuntimeArgs(
  { executable, args }: WorkerCommand,
  added: readonly string[],
): WorkerCommand {
  // The program is last: what follows it would be the program's own.
  return { executable, args: args.toSpliced(-1, 0, ...added) };
}

/** Variables that would make a runtime in a worker do something else than serve for corn. */
const UNWANTED = [
  // node:cluster and node:child_process of the process that started corn.
  "NODE_UNIQUE_ID",
  "NODE_CHANNEL_FD",
  "NODE_CHANNEL_SERIALIZATION_MODE",
  // Make the first Deno.serve, or any module with a default fetch, listen elsewhere.
  "DENO_SERVE_ADDRESS",
  "DENO_AUTO_SERVE",
  // What is left of the arbiter's own start.
  "CORN_FD",
  "CORN_PID",
  "CORN_SIZE",
  "LISTEN_PID",
  "LISTEN_FDS",
  "LISTEN_FDNAMES",
  "NOTIFY_SOCKET",
  THREAD_ID_VARIABLE,
];

/** What an app asks for where corn serves at no port: `listen(undefined)` would open a free one, which is the app's own. */
const STAND_IN_PORT = 8000;

/** The first port among addresses, which an app that listens asks for; one that stands in for it where there is none. */
export function portOf(
  addresses: readonly { readonly kind: string; readonly port?: number }[],
): number {
  const first = addresses.find(({ kind, port }) =>
    kind === "tcp" && port !== 0
  );
  return first?.port ?? STAND_IN_PORT;
}

/** The environment of a worker: the arbiter's, cleaned, with what the settings add. */
export function workerEnvironment(
  base: Readonly<Record<string, string>>,
  { added, slot, folder, port }: {
    readonly added: Readonly<Record<string, string>>;
    readonly slot: number;
    /** Its working folder. */
    readonly folder: string;
    /** What apps that listen ask for, see `portOf`. */
    readonly port?: number | undefined;
  },
): Record<string, string> {
  const env: Record<string, string> = {
    ...(port !== undefined && { PORT: String(port) }),
    // Each Deno looks for a newer one, once at rest, and panics where it can
    // open no file for that (Deno 2.9.5, DENO-UPDATE-CHECK).
    DENO_NO_UPDATE_CHECK: "1",
    ...base,
    // That of the arbiter's start may lead elsewhere by now.
    PWD: folder,
    ...added,
  };
  for (const name of UNWANTED) delete env[name];
  env[WORKER_ID_VARIABLE] = String(slot);
  return env;
}

export interface ExecutableQuery {
  /** The runtime wanted, or `auto`. */
  readonly wanted: RuntimeName | "auto";
  /** The arbiter's own. */
  readonly own: RuntimeName;
  readonly self: Pick<Self, "executable" | "env">;
  readonly files: Pick<Files, "kind">;
}

/** Finds the runtime that workers run on. @throws BootError when it is not installed. */
export function findWorkerRuntime(
  query: ExecutableQuery,
): { runtime: RuntimeName; executable: string } {
  const env = query.self.env();
  const viaBunx = startedByBunx(env);
  // The shebang of an npm command names Node, but bunx asks for Bun.
  const runtime = query.wanted === "auto"
    ? (viaBunx ? "bun" : query.own)
    : query.wanted;
  if (runtime === query.own) {
    return { runtime, executable: query.self.executable };
  }
  if (runtime === "bun" && viaBunx && env.npm_execpath !== undefined) {
    return { runtime, executable: env.npm_execpath };
  }
  for (const folder of (env.PATH ?? "").split(":")) {
    const executable = `${folder}/${runtime}`;
    if (folder !== "" && query.files.kind(executable) === "file") {
      return { runtime, executable };
    }
  }
  throw new BootError(
    `Cannot start workers on ${runtime}: there is no "${runtime}" in PATH; install it or leave out --runtime`,
  );
}

function startedByBunx(env: Readonly<Record<string, string>>): boolean {
  return env.npm_lifecycle_event === "bunx" &&
    (env.npm_config_user_agent ?? "").startsWith("bun/");
}

/** A file that Deno reads its settings or its dependencies from. */
export interface DenoConfig {
  readonly kind: "deno" | "package";
  readonly path: string;
  /** True where it is the nearest to the working folder too. */
  readonly here?: boolean;
}

/** The nearest deno.json, deno.jsonc or package.json above a file of the app's, or undefined. */
export function findDenoConfig(
  file: string,
  { files, folder }: {
    readonly files: Pick<Files, "kind">;
    /** The workers' working folder. */
    readonly folder: string;
  },
): DenoConfig | undefined {
  const found = findConfig(file, files);
  const here = findConfig(`${folder}/-`, files)?.path === found?.path;
  return found && { ...found, here };
}

function findConfig(
  file: string,
  files: Pick<Files, "kind">,
): Pick<DenoConfig, "kind" | "path"> | undefined {
  let folder = file;
  while (folder.length > 1) {
    folder = folder.slice(0, Math.max(1, folder.lastIndexOf("/")));
    for (const name of ["deno.json", "deno.jsonc", "package.json"]) {
      const path = folder === "/" ? `/${name}` : `${folder}/${name}`;
      const kind = name === "package.json" ? "package" : "deno";
      if (files.kind(path) === "file") return { kind, path };
    }
  }
  return undefined;
}

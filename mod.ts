/**
 * corn keeps a number of worker processes serving one app, anything with
 * `fetch(request)`, on Node, Bun and Deno.
 *
 * As a command: `corn app.ts`. From a program:
 *
 * ```ts
 * import { serve } from "corn";
 *
 * const server = await serve({ app: "./app.ts", workers: 2 });
 * console.log(server.addresses);
 * ```
 *
 * @module
 */
import { currentRuntime, ownRuntime } from "./adapters/mod.ts";
import type { CornServer } from "./src/hooks/types.ts";
import type { ServeOptions } from "./src/launch/serve.ts";

export { defineConfig } from "./src/config/sources/define.ts";
export type {
  ConfigContext,
  ConfigFunction,
  CornConfig,
} from "./src/config/table/types.ts";
export type {
  ArbiterHooks,
  CornServer,
  HookChild,
  HookExit,
  HookLog,
  Hooks,
  HookWorker,
  ReloadOptions,
  RequestOutcome,
  StopOptions,
  WorkerAdditions,
  WorkerHooks,
} from "./src/hooks/types.ts";
export type { LoggerObject, LogMethod } from "./src/log/error/user-logger.ts";
export type { TaskPoolInput } from "./src/config/values/tasks.ts";
export type { RuntimeName } from "./src/runtime/runtime.ts";
export type { WorkerStatus } from "./src/hooks/types.ts";
export type { ServeOptions } from "./src/launch/serve.ts";
export {
  AppError,
  BindError,
  BootError,
  ConfigError,
  CornError,
  LogFileError,
  MissingAppError,
  PidfileError,
  UnknownSettingError,
  UnknownVariableError,
  UsageError,
} from "./src/base/errors.ts";
export type { AppContext } from "./src/gateway/app/app.ts";
export type { TrailersSource, TrailerValue } from "./src/runtime/exchange.ts";
export type {
  ForwardedCertificate,
  PeerCertificate,
  TlsHandshake,
  TlsPeer,
} from "./src/runtime/tls.ts";
export { VERSION } from "./src/base/version.ts";

/** What workers are started from: worker.ts in a checkout, worker.js in the npm package. */
const WORKER = import.meta.url.replace(/mod(\.[jt]s)$/, "worker$1");

/**
 * Starts corn from a program and resolves when the first worker is ready.
 * Settings are those of a config file; the environment and a `corn.config.ts`
 * count as they do for the command.
 *
 * @throws CornError when it cannot start
 */
export async function serve(options: ServeOptions): Promise<CornServer> {
  const { startServer } = await import("./src/launch/serve.ts");
  return startServer({
    runtime: await currentRuntime(),
    worker: WORKER,
  }, options);
}

/** Runs the command line of this process to its end, and exits with its code. */
export async function main(): Promise<void> {
  const runtime = await ownRuntime();
  const { EarlySignals } = await import("./src/arbiter/host/early-signals.ts");
  // To load the rest takes its time, as does a config file.
  const early = new EarlySignals(runtime);
  const { runCommand } = await import("./src/cli/main.ts");
  const program = { runtime, worker: WORKER };
  runtime.self.exit(await runCommand(program, early));
}

// Not awaited: a config file or program that imports this module waits for its end.
if (import.meta.main) void main();

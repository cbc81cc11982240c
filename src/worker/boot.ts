/** From the boot message to an engine that can accept. */
import { BootError } from "../base/errors.ts";
import type { Inflight } from "../gateway/call/inflight.ts";
import type { BootMessage } from "../protocol/messages.ts";
import type {
  Engine,
  RequestHandler,
  Runtime,
  Self,
} from "../runtime/runtime.ts";
import type { Ending } from "./ending.ts";
import { createEngine, demandEngine, prepareFor } from "./engine.ts";
import { createHandler } from "./handler.ts";
import { startHeartbeat } from "./heartbeat.ts";
import { loadHooks } from "./hooks.ts";
import type { OwnHooks } from "./hooks.ts";
import type { Host } from "./host.ts";
import { loadApp, startApp } from "./loader.ts";
import { createSummary } from "./summary.ts";
import type { Observers } from "./observers.ts";

/** What there is to call at ABRT may take so long; KILL follows a second later. */
const ABORT_MS = 700;

/** The parts of a worker that are there before its boot message. */
export interface BootOptions {
  readonly host: Host;
  readonly inflight: Inflight;
  readonly ending: Ending;
  readonly observers: Observers;
  /** Called once, at the request that reaches `maxRequests`. */
  onLimit(): void;
  /** Called when a server has ended that was not to. */
  onEnd(reason: string): void;
}

/** What a worker serves with. */
export interface Booted {
  readonly engine: Engine;
  readonly style: RequestHandler["style"];
}

/** Undefined where the worker is on its way out. @throws AppError for the app's failures; any other for corn's */
export async function bootWorker(
  boot: BootMessage,
  { host, inflight, ending, observers, onLimit, onEnd }: BootOptions,
): Promise<Booted | undefined> {
  const { runtime, send, say } = host;
  demandRuntime(boot, runtime);
  settle(boot, runtime.self);
  if (boot.mark !== undefined) inflight.recorder.mark(boot.mark);
  const hooks = await startHooks(boot, host, ending);
  if (boot.identity !== undefined) runtime.become(boot.identity);
  const observer = observers.open(boot);
  await prepareFor(boot, runtime, observer !== undefined);
  const app = await loadApp(boot, runtime);
  if (boot.check) {
    demandEngine(boot, runtime, app.style);
    runtime.self.exit(0);
    return undefined;
  }
  await startApp(app, boot, hooks.worker);
  ending.useApp(app);
  await hooks.call("postWorkerInit");
  await prove(boot.proofMs, host);
  const heartbeat = startHeartbeat({
    clock: runtime.clock,
    inflight,
    idleMs: boot.idleBeatMs,
    send,
  });
  const { handler, refusals } = createHandler(app, boot, {
    host,
    hooks,
    inflight,
    onBusy: () => heartbeat.busy(),
    onLimit,
  });
  // QUIT may have come, and its hooks take their time.
  if (ending.begun) return undefined;
  const engine = await createEngine(boot, runtime, {
    handler,
    observer,
    refusals,
    report: createSummary({
      clock: runtime.clock,
      report: (text) => say("warning", text),
    }),
    onEnd,
  });
  return { engine, style: app.style };
}

/** A program may be named as another: bunx puts a `node` into PATH that is Bun (1.4.5, BUN-FALSE-NODE). @throws BootError */
function demandRuntime(
  { runtime: asked }: BootMessage,
  { name, version, self }: Runtime,
): void {
  if (name === asked) return;
  throw new BootError(
    `Cannot start workers on ${asked}: ${self.executable} is ${name} ${version}; install ${asked}, or leave out --runtime`,
  );
}

/** Makes this process what the settings say, before it has anything of the app. */
function settle({ title, umask }: BootMessage, self: Self): void {
  if (title !== undefined) self.setTitle(title);
  if (umask !== undefined) self.umask(umask);
}

/** Loads the hooks and calls the first. */
async function startHooks(
  boot: BootMessage,
  host: Host,
  ending: Ending,
): Promise<OwnHooks> {
  const own = await loadHooks(boot, host);
  if (boot.check) return own;
  ending.useHooks(own);
  if (own.hooks.workerAbort !== undefined) {
    host.runtime.signals.on("SIGABRT", () =>
      ending.end({
        code: 1,
        stop: false,
        first: "workerAbort",
        withinMs: ABORT_MS,
      }));
  }
  await own.call("postFork");
  return own;
}

/** Lets an app that dies soon after it was loaded do so before a client is concerned. */
async function prove(ms: number, { runtime }: Host): Promise<void> {
  if (ms === 0) return;
  await new Promise<void>((resolve) => runtime.clock.after(ms, resolve));
}

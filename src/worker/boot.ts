/** From the boot message to an engine that can accept. */
import type { App } from "../gateway/app/app.ts";
import { installMembers } from "../gateway/call/request-members.ts";
import type { BootMessage } from "../protocol/messages.ts";
import type { Address } from "../runtime/runtime.ts";
import type { Booted, BootOptions } from "./boot-options.ts";
import type { Ending } from "./ending.ts";
import {
  createEngine,
  demandEngine,
  engineFor,
  loadEngines,
  prepareFor,
  servesDescriptors,
} from "./engine.ts";
import { describeHold } from "./classes/held-place.ts";
import { loadFiles, serveFiles } from "./files.ts";
import { createHandler } from "./handler.ts";
import { startHeartbeat } from "./observe/heartbeat.ts";
import { loadHooks } from "./own-hooks.ts";
import type { OwnHooks } from "./own-hooks.ts";
import { applyProcessPlan, demandRuntime } from "./own-process.ts";
import type { WorkerHost } from "./observe/worker-host.ts";
import { Capture, describeCapture } from "../gateway/app/capture.ts";
import { addressUrl } from "../base/addresses/address-text.ts";
import { loadApp, startApp } from "./loader.ts";
import { loadWorkerClass } from "./classes/load.ts";
import { createSummary } from "./observe/summary.ts";

/** What there is to call at ABRT may take so long; KILL follows a second later. */
const ABORT_MS = 700;

/** Undefined where the worker is on its way out. @throws AppError for the app's failures; any other for corn's */
export async function bootWorker(
  boot: BootMessage,
  options: BootOptions,
): Promise<Booted | undefined> {
  const { host, inflight, ending, observers, farewell } = options;
  const { openSockets, onLimit, onEnd } = options;
  const { runtime, send, say } = host;
  const { plan, check } = boot;
  demandRuntime(boot, runtime);
  applyProcessPlan(plan.process, boot.slot, runtime.self);
  if (boot.mark !== undefined) inflight.recorder.mark(boot.mark);
  const hooks = await startHooks(boot, host, ending);
  if (plan.tasks !== undefined) {
    const { bootTasks } = await import("./boot-tasks.ts");
    return await bootTasks(boot, { ...options, tasks: plan.tasks, hooks });
  }
  const { identity } = plan.process;
  const choice = {
    workerClass: await loadWorkerClass(plan.workerClass.name),
    http: plan.http,
    listeners: boot.listeners,
    instrumented: runtime.isInstrumented?.() ?? false,
  };
  // A check writes nothing.
  const { telemetry } = plan;
  await observers.load(check ? { logs: {}, telemetry } : plan);
  if (identity !== undefined) {
    await loadEngines(choice, runtime, observers.wanted);
    if (plan.folders.length > 0) await loadFiles(runtime);
    runtime.become(identity);
  }
  const observer = observers.open(boot.served);
  installMembers(runtime.globals.Request.prototype, {
    runtime: runtime.name,
    addressOf(request, env) {
      const peer = runtime.peerOf(request, env);
      return peer?.kind === "tcp" ? peer.address : undefined;
    },
  });
  await prepareFor(choice, runtime, observer !== undefined);
  const app = await captureApp(boot, options);
  const { style } = app;
  const { text } = plan.app;
  if (choice.instrumented && boot.tells && style === "fetch") {
    const native = engineFor(choice, runtime, style) === "native";
    say(...describeTracing(native));
  }
  if (check) {
    demandEngine(choice, runtime, { style, text });
    runtime.self.exit(0);
    return undefined;
  }
  await startApp(app, plan.app, hooks.worker);
  ending.useApp(app, farewell);
  await hooks.call("postWorkerInit");
  await prove(boot.proofMs, host);
  const heartbeat = startHeartbeat({
    clock: runtime.clock,
    inflight,
    idleMs: plan.life.idleBeatMs,
    send,
    watch: (beat) => options.look.beat(beat),
    onLate: (ms) => options.figures.noteLag(ms),
  });
  // Before it is ready: a deploy may replace the code on disk later.
  const served = await serveFiles(app, plan.folders, runtime);
  const { handler, refusals, onMiss } = createHandler(served, {
    limits: plan.limits,
    proxies: plan.proxies,
    recycle: plan.recycle,
    sockets: plan.sockets,
    dev: boot.dev,
    redirectHttps: plan.http.redirectHttps,
  }, {
    engine: engineFor(choice, runtime, style),
    host,
    hooks,
    inflight,
    openSockets,
    onBusy: () => heartbeat.busy(),
    onLimit,
  });
  // QUIT may have come, and its hooks take their time.
  if (ending.begun) return undefined;
  const place = choice.workerClass.createPlace?.({
    clock: runtime.clock,
    onQueued: (count) => void (inflight.queued = count),
    onLong: (request, ms) => say("warning", describeHold(request, ms)),
  });
  const engine = await createEngine(choice, runtime, {
    handler,
    ...(place && { place }),
    text,
    limits: plan.limits,
    observer,
    rules: plan.proxies.forwarding,
    refusals,
    sockets: {
      keeper: openSockets,
      app: app.sockets,
      ...(onMiss && { onMiss }),
      most: plan.sockets.mostBytes,
      pingMs: plan.sockets.pingMs,
    },
    report: createSummary({
      clock: runtime.clock,
      report: (text) => say("warning", text),
    }),
    onEnd,
    ...(boot.tls && { tls: boot.tls }),
  });
  return {
    engine,
    app,
    servesDescriptors: servesDescriptors(choice, runtime, style),
    place,
  };
}

/** Whether what has hooked the runtime's own server sees the requests. */
function describeTracing(native: boolean): ["info" | "warning", string] {
  return native
    ? [
      "info",
      "node:http is instrumented: it serves in place of the wire engine",
    ]
    : [
      "warning",
      "node:http is instrumented, and sees no request of the wire engine: leave out --http wire and the settings that ask for it",
    ];
}

/** Loads the app, whose servers are asked about from now on. */
async function captureApp(
  { plan, listeners, tells }: BootMessage,
  { host: { runtime, say }, farewell, onFailure, onEnd }: BootOptions,
): Promise<App> {
  const { text, allowListen, gateway } = plan.app;
  const capture = new Capture({
    allowed: allowListen,
    insists: gateway === "listen",
  });
  const addresses = listeners.map((listener) => listener.address);
  const [address = NOWHERE] = addresses;
  runtime.watchServers({
    address,
    onListen: (server) => capture.onListen(server),
    onClose: () => onEnd("The app has closed its server"),
  });
  const app = await loadApp(plan.app, runtime, {
    capture,
    farewell,
    limitMs: plan.life.listenMs,
    say: (reason) => say("info", reason),
    onFailure,
  });
  if (tells && app.listens !== undefined) {
    const exported = capture.isBeside;
    const url = addressUrl(address);
    const own = address.kind === "tcp" ? address.port : undefined;
    const line = describeCapture(app.listens, { text, url, own, exported });
    const expected = !exported || app.listens.port === own;
    say(expected ? "info" : "warning", line);
  }
  const { unused } = app;
  if (tells && unused !== undefined) {
    say(
      unused.grave ? "warning" : "info",
      `${text}: of what it gives its server corn does not use ${unused.text}`,
    );
  }
  return app;
}

/** A check opens no address. */
const NOWHERE: Address = { kind: "tcp", host: "127.0.0.1", port: 0 };

/** Loads the hooks and calls the first. */
async function startHooks(
  boot: BootMessage,
  host: WorkerHost,
  ending: Ending,
): Promise<OwnHooks> {
  const own = await loadHooks(boot.plan.hooks, boot, host);
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
async function prove(ms: number, { runtime }: WorkerHost): Promise<void> {
  if (ms === 0) return;
  await new Promise<void>((resolve) => runtime.clock.after(ms, resolve));
}

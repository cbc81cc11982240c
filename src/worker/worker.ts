/** A worker's life: hello, boot, ready, serve, drain, exit. */
import { AppError, messageOf } from "../errors.ts";
import { stackOf } from "../gateway/failure.ts";
import { joinObservers } from "../gateway/exchange.ts";
import { withBasePath } from "../gateway/base-path.ts";
import type { ExchangeObserver } from "../gateway/exchange.ts";
import { Inflight } from "../gateway/inflight.ts";
import { createLimitedGateway } from "../gateway/limits.ts";
import { Refusals } from "../gateway/refusals.ts";
import {
  EXIT_APP_FAILED,
  EXIT_BOOT_FAILED,
  isMessage,
  WORKER_VARIABLE,
} from "../messages.ts";
import type {
  ArbiterMessage,
  BootMessage,
  WorkerMessage,
} from "../messages.ts";
import { measureRequests } from "../metrics/requests.ts";
import { Statsd } from "../metrics/statsd.ts";
import type {
  Address,
  Engine,
  ParentLink,
  Runtime,
  SignalName,
} from "../runtime.ts";
import { Ending } from "./ending.ts";
import {
  createEngine,
  engineFor,
  prepareFor,
  servesDescriptors,
} from "./engine.ts";
import { openAccessLog } from "./access.ts";
import type { WorkerAccessLog } from "./access.ts";
import { createTally } from "../wire/tally.ts";
import { startHeartbeat } from "./heartbeat.ts";
import { loadHooks } from "./hooks.ts";
import type { OwnHooks } from "./hooks.ts";
import { loadApp, startApp } from "./loader.ts";
import { Queues } from "./queues.ts";
import { watchLimits } from "./recycle.ts";

/** How long a worker may drain once its arbiter is gone. */
const ORPHAN_GRACE_MS = 1500;

/** What there is to call at a quit may take so long: the arbiter waits for two seconds. */
const QUIT_MS = 1500;
/** The same when the graceful timeout is over: the arbiter waits for another second. */
const CUT_MS = 700;
/** The same at ABRT, which KILL follows a second later. */
const ABORT_MS = 700;
/** What syslog and statsd are told last may take so long to go out. */
const FLUSH_MS = 500;

/** Signals that mean something to the arbiter and nothing here; a terminal sends some to both. */
const IGNORED: readonly SignalName[] = [
  "SIGHUP",
  "SIGINT",
  "SIGUSR2",
  "SIGTTIN",
  "SIGTTOU",
  "SIGWINCH",
];

/** Runs this process as a worker, to its end. */
export function runWorker(runtime: Runtime): void {
  const { self, signals } = runtime;
  // What the app starts is no worker of corn.
  self.setEnv(WORKER_VARIABLE, undefined);
  const link = runtime.parent();
  if (link === undefined) {
    self.stderr.write(
      "Cannot run as a worker: there is no channel to an arbiter\n",
    );
    return self.exit(EXIT_BOOT_FAILED);
  }
  const worker = new Worker(runtime, link);
  for (const signal of IGNORED) signals.on(signal, () => {});
  signals.on("SIGTERM", () => worker.leave("SIGTERM"));
  signals.on("SIGQUIT", () => worker.quit());
  signals.on("SIGUSR1", () => worker.reopen());
  link.onMessage((message) => worker.receive(message));
  link.onClose(() => worker.drain(ORPHAN_GRACE_MS));
  runtime.onUncaught((error) => worker.uncaught(error));
  worker.send({
    type: "hello",
    runtime: runtime.name,
    version: runtime.version,
  });
}

class Worker {
  readonly #runtime: Runtime;
  readonly #link: ParentLink;
  readonly #inflight: Inflight;
  readonly #ending: Ending;
  #boot: BootMessage | undefined;
  #engine: Engine | undefined;
  #access: WorkerAccessLog | undefined;
  #queues: Queues | undefined;
  /** Settles when it accepts from all it should, or could not; undefined before and after. */
  #opening: Promise<unknown> | undefined;
  #ready = false;
  #draining = false;
  #leaving = false;

  constructor(runtime: Runtime, link: ParentLink) {
    this.#runtime = runtime;
    this.#link = link;
    this.#ending = new Ending({
      clock: runtime.clock,
      exit: (code) => this.#exit(code),
    });
    this.#inflight = new Inflight(() => runtime.clock.now());
  }

  send(message: WorkerMessage): void {
    this.#link.send(message);
  }

  receive(message: unknown): void {
    if (!isMessage<ArbiterMessage>(message)) return;
    switch (message.type) {
      case "boot":
        return void this.#start(message);
      case "open":
        return void this.#queues?.open(message.queue);
      case "release":
        return this.#queues?.release(message.queue);
      case "drain":
        return void this.drain(this.#boot?.gracefulMs ?? 0);
      case "reopen":
        return this.reopen();
      case "quit":
        return message.unlessOpen && this.#queues !== undefined
          ? void this.drain(this.#boot?.gracefulMs ?? 0)
          : this.quit();
    }
  }

  /** Exits without a drain. */
  quit(): void {
    this.#engine?.close();
    this.#ending.end({
      code: 0,
      stop: false,
      first: "workerInt",
      withinMs: QUIT_MS,
    });
  }

  /** Opens log files anew. */
  reopen(): void {
    this.#access?.reopen();
  }

  /** Asks to be replaced: the arbiter answers with `drain` once the replacement is ready. */
  leave(reason: string, failure = false): void {
    if (this.#leaving) return;
    this.#leaving = true;
    if (this.#ready) this.send({ type: "recycle", reason, failure });
    else this.#ending.end({ code: 0, stop: true, withinMs: QUIT_MS });
  }

  /** Asks to be let go before a replacement is ready: the arbiter answers with `drain` at once. */
  leaveNow(reason: string): void {
    if (this.#draining) return;
    this.#leaving = true;
    this.send({ type: "recycle", reason, failure: true, now: true });
  }

  /** An error nobody caught may have left the app in any state: report it and ask to be replaced. */
  uncaught(error: unknown): void {
    if (!this.#ready) {
      return this.#fail(
        new AppError("Cannot load app: it threw", { cause: error }),
      );
    }
    this.send({
      type: "log",
      level: "error",
      text: `Uncaught error\n${stackOf(error)}`,
      exception: true,
    });
    this.leave("an uncaught error", true);
  }

  /** Finishes what is open within `graceMs`, then exits; a second call can only shorten it. */
  async drain(graceMs: number): Promise<void> {
    const { clock } = this.#runtime;
    clock.after(graceMs, () => this.#cut(graceMs));
    if (this.#draining) return;
    this.#draining = true;
    // What is opened later would go on accepting.
    if (this.#opening !== undefined) await this.#opening;
    await this.#engine?.drain();
    await this.#inflight.idle();
    this.#ending.end({ code: 0, stop: true });
  }

  #cut(graceMs: number): void {
    const { open } = this.#inflight;
    const what = this.#ending.begun
      ? "Exit before onStop and workerExit are done"
      : `Cut ${open} open ${open === 1 ? "request" : "requests"}`;
    this.send({
      type: "log",
      level: "warning",
      text: `${what}: the graceful timeout of ${graceMs / 1000} s is over`,
    });
    if (this.#ending.begun) return this.#exit(0);
    this.#engine?.close();
    this.#ending.end({ code: 0, stop: true, withinMs: CUT_MS });
  }

  /** Ends the process; what was held back for logs is written. */
  #exit(code: number): void {
    this.#access?.flush();
    this.#runtime.self.exit(code);
  }

  async #start(boot: BootMessage): Promise<void> {
    this.#boot = boot;
    try {
      this.#settle(boot);
      const own = await this.#loadHooks(boot);
      if (boot.identity !== undefined) this.#runtime.become(boot.identity);
      this.#access = boot.access && !boot.check
        ? openAccessLog(
          boot.access,
          this.#runtime,
          (message) => this.send(message),
        )
        : undefined;
      const end = this.#access?.end;
      if (end !== undefined) this.#ending.useFlush(() => end(FLUSH_MS));
      // Whoever is to be told of exchanges stands here.
      const observer = joinObservers([
        this.#access?.observer,
        this.#measure(boot),
      ]);
      await prepareFor(boot, this.#runtime, observer !== undefined);
      const app = await loadApp(boot, this.#runtime);
      if (boot.check) return this.#runtime.self.exit(0);
      await startApp(app, boot, own.worker);
      this.#ending.useApp(app);
      await own.call("postWorkerInit");
      await this.#prove(boot.proofMs);
      const http = engineFor(boot, this.#runtime, app.style);
      const refusals = new Refusals(createTally({
        clock: this.#runtime.clock,
        report: (text) => this.send({ type: "log", level: "warning", text }),
        more: (count, seconds) =>
          `Refused ${count} more requests of trusted proxies in the last ${seconds} s`,
      }));
      const based = boot.basePath === ""
        ? app
        : withBasePath(app, boot.basePath);
      const handler = createLimitedGateway(refusals.wrap(based), {
        clock: this.#runtime.clock,
        hooks: {
          ...own,
          log: own.worker.log,
          hold: (promise) => this.#inflight.hold(promise),
        },
        // The wire engine measures bodies as it reads them.
        limits: http === "wire" ? { ...boot, maxBody: 0 } : boot,
        inflight: this.#inflight,
        onBusy: () => heartbeat.busy(),
        onLimit: () => this.leave(`${boot.maxRequests} requests`),
        onFailure: (text) =>
          this.send({ type: "log", level: "error", text, exception: true }),
        onTimeout: (text) => this.send({ type: "log", level: "error", text }),
        onOverload: (text) =>
          this.send({ type: "log", level: "warning", text }),
        maxRequests: boot.maxRequests,
        dev: boot.dev,
      });
      const heartbeat = startHeartbeat({
        clock: this.#runtime.clock,
        inflight: this.#inflight,
        idleMs: boot.idleBeatMs,
        send: (beat) => this.send(beat),
      });
      // QUIT may have come, and its hooks take their time.
      if (this.#ending.begun) return;
      this.#engine = await createEngine(boot, this.#runtime, {
        handler,
        observer,
        refusals,
        report: (text) => this.send({ type: "log", level: "warning", text }),
      });
      const opening = this.#openAll(boot, {
        engine: this.#engine,
        style: app.style,
      });
      this.#opening = opening.catch(() => {});
      const addresses = await opening;
      this.#opening = undefined;
      if (this.#ending.begun) return;
      this.#ready = true;
      this.send({ type: "ready", engine: this.#engine.name, addresses });
      // The arbiter lets go of nobody who is not ready.
      watchLimits({
        ...this.#runtime,
        limits: boot,
        onLimit: (reason) => this.leave(reason),
        onHardLimit: (reason) => this.leaveNow(reason),
      });
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Makes this process what the settings say, before it has anything of the app. */
  #settle({ title, umask }: BootMessage): void {
    const { self } = this.#runtime;
    if (title !== undefined) self.setTitle(title);
    if (umask !== undefined) self.umask(umask);
  }

  async #loadHooks(boot: BootMessage): Promise<OwnHooks> {
    const own = await loadHooks(
      boot,
      this.#runtime,
      (message) => this.send(message),
    );
    if (boot.check) return own;
    this.#ending.useHooks(own);
    if (own.hooks.workerAbort !== undefined) {
      this.#runtime.signals.on("SIGABRT", () =>
        this.#ending.end({
          code: 1,
          stop: false,
          first: "workerAbort",
          withinMs: ABORT_MS,
        }));
    }
    await own.call("postFork");
    return own;
  }

  /** Tells statsd of requests, where that is wanted. */
  #measure({ statsd }: BootMessage): ExchangeObserver | undefined {
    if (statsd === undefined) return undefined;
    const metrics = new Statsd(
      this.#runtime,
      statsd,
      (text) => this.send({ type: "log", level: "warning", text }),
    );
    this.#ending.useFlush(() => metrics.flush(FLUSH_MS));
    return measureRequests(metrics);
  }

  /** Lets an app that dies soon after it was loaded do so before a client is concerned. */
  async #prove(ms: number): Promise<void> {
    if (ms === 0) return;
    await new Promise<void>((resolve) =>
      this.#runtime.clock.after(ms, resolve)
    );
  }

  async #openAll(
    boot: BootMessage,
    { engine, style }: { engine: Engine; style: "fetch" | "node" },
  ): Promise<Address[]> {
    const queues = new Queues(boot.listeners, engine);
    this.#queues = queues;
    if (this.#usesDescriptors(boot, style)) {
      return await queues.open(boot.queue);
    }
    if (boot.listeners.some(({ descriptors }) => descriptors.length > 0)) {
      this.send({
        type: "log",
        level: "warning",
        text:
          `Cannot accept from inherited sockets with ${this.#runtime.name}'s own server, which may need a permission: binding the addresses with SO_REUSEPORT instead; --http wire needs none`,
      });
    }
    return await queues.bind();
  }

  #usesDescriptors(boot: BootMessage, style: "fetch" | "node"): boolean {
    return servesDescriptors(boot, this.#runtime, style) &&
      boot.listeners.some((one) => one.descriptors.length > 0);
  }

  #fail(error: unknown): void {
    if (this.#ending.begun) return;
    const kind = error instanceof AppError ? "app" : "boot";
    const cause = error instanceof AppError ? error.cause : error;
    this.send({
      type: "failed",
      kind,
      message: messageOf(error),
      stack: cause === undefined ? "" : stackOf(cause),
    });
    this.#ending.end({
      code: kind === "app" ? EXIT_APP_FAILED : EXIT_BOOT_FAILED,
      stop: false,
    });
  }
}

/** A worker's life: hello, boot, ready, serve, drain, exit. */
import { countOf } from "../base/count.ts";
import { messageOf } from "../base/errors.ts";
import { stackOf } from "../base/stack.ts";
import type { App } from "../gateway/app/app.ts";
import { Inflight } from "../gateway/call/inflight.ts";
import { exitCodeOf, isMessage } from "../protocol/messages.ts";
import type {
  ArbiterMessage,
  BootMessage,
  TlsMessage,
} from "../protocol/messages.ts";
import type { Engine, Farewell, TlsMaterial } from "../runtime/runtime.ts";
import { bootWorker } from "./boot.ts";
import type { OnePlace } from "./classes/one-place.ts";
import { Departure } from "./departure.ts";
import { Ending } from "./ending.ts";
import { failedBoot } from "./failed-boot.ts";
import type { WorkerHost } from "./observe/worker-host.ts";
import { AppMetrics } from "./observe/app-metrics.ts";
import { Figures } from "./observe/figures.ts";
import { Recording } from "./observe/recording.ts";
import { tellRequests } from "./observe/open-requests.ts";
import { LoopLook } from "./observe/loop-look.ts";
import { Observers } from "./observe/observers.ts";
import { GOING, OpenSockets } from "../gateway/sockets/open-sockets.ts";
import { Queues } from "./queues.ts";
import { watchLimits } from "./recycle.ts";

/** What there is to call at a quit may take so long: the arbiter waits for two seconds. */
const QUIT_MS = 1500;
/** What a quit waits for clients of WebSockets that are told so. */
const GOING_MS = 300;
/** The same when the graceful timeout is over: the arbiter waits for another second. */
const CUT_MS = 700;

/** Until what was compiled for the first requests is kept too, which takes the loop some milliseconds at the first start. */
const SAVE_COMPILED_MS = 1000;

export class Worker {
  readonly #host: WorkerHost;
  readonly #inflight: Inflight;
  readonly #ending: Ending;
  readonly #departure: Departure;
  readonly #farewell: Farewell;
  #app: App | undefined;
  readonly #figures: Figures;
  readonly #look: LoopLook;
  /** Where the app has some and they are wanted. */
  #metrics: AppMetrics | undefined;
  readonly #recording: Recording;
  readonly #observers: Observers;
  readonly #sockets: OpenSockets;
  #boot: BootMessage | undefined;
  #engine: Engine | undefined;
  /** Certificates that came before the engine. */
  #newest: TlsMaterial | undefined;
  #queues: Queues | undefined;
  #place: OnePlace | undefined;
  #ready = false;
  #draining = false;

  constructor(host: WorkerHost, farewell: Farewell) {
    const { clock } = host.runtime;
    this.#host = host;
    this.#farewell = farewell;
    this.#ending = new Ending({ clock, exit: (code) => this.#exit(code) });
    this.#departure = new Departure(host, {
      isReady: () => this.#ready,
      isDraining: () => this.#draining,
      isEnding: () => this.#ending.begun,
      end: () => this.#ending.end({ code: 0, stop: true, withinMs: QUIT_MS }),
      fail: (error) => this.#fail(error),
    });
    const { record } = host.runtime;
    this.#inflight = new Inflight(() => clock.now(), record);
    this.#figures = new Figures(host, this.#inflight);
    this.#look = new LoopLook(host, this.#inflight.recorder);
    this.#recording = new Recording(host, this.#look);
    this.#observers = new Observers(host, this.#ending, this.#figures);
    this.#sockets = new OpenSockets({
      clock,
      random: host.runtime.random,
      watcher: this.#observers.sockets,
    });
  }

  receive(message: unknown): void {
    if (!isMessage<ArbiterMessage>(message)) return;
    switch (message.type) {
      case "boot":
        return void this.#start(message);
      case "open":
        return void this.#queues?.takeOver(message.queue);
      case "release":
        return this.#queues?.release(message.queue);
      case "drain": {
        const { withinMs, last, cut = false } = message;
        const graceMs = withinMs ?? this.#boot?.plan.life.gracefulMs ?? 0;
        return void (cut ? this.cut(graceMs) : this.drain(graceMs, last));
      }
      case "reopen":
        return this.reopen();
      case "watch":
        return this.#look.watch();
      case "collect":
        return void this.#metrics?.tell(message.id);
      case "record":
        return void this.#recording.take(message);
      case "figure":
        return this.#figures.tellEvery(message.everyMs, message.seen);
      case "list":
        return tellRequests(message, this.#inflight, this.#host);
      case "tls":
        return this.#rekey(message);
      case "quit":
        return message.unlessOpen && this.#queues !== undefined
          ? void this.drain(this.#boot?.plan.life.gracefulMs ?? 0)
          : void this.quit();
    }
  }

  /** Exits without a drain, after what the app does at its end, for which it has `graceMs`. */
  async cut(graceMs: number): Promise<void> {
    this.#host.runtime.clock.after(graceMs, () => this.#cut(graceMs));
    this.#draining = true;
    if (this.#sockets.size > 0) await this.#sockets.close(GOING, GOING_MS);
    this.#engine?.close();
    this.#app?.listens?.end();
    this.#ending.end({
      code: 0,
      stop: true,
      first: "workerInt",
      signal: "SIGINT",
    });
  }

  /** Exits without a drain. */
  async quit(): Promise<void> {
    if (this.#sockets.size > 0) await this.#sockets.close(GOING, GOING_MS);
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
    this.#observers.reopen();
  }

  /** TERM came from elsewhere than the arbiter. */
  onTerm(): void {
    // The app's own handlers end with sending the signal anew, where they are polite.
    if (this.#ending.isLast) return this.#exit(0);
    this.#departure.askSoon("SIGTERM");
  }

  uncaught(error: unknown): void {
    this.#departure.uncaught(error);
  }

  /**
   * Finishes what is open within `graceMs`, then exits; a second call can only
   * shorten it. The `last` workers take on first what waits in the queue.
   */
  async drain(graceMs: number, last: boolean = false): Promise<void> {
    this.#host.runtime.clock.after(graceMs, () => this.#cut(graceMs));
    if (this.#draining) return;
    this.#draining = true;
    if (last) await this.#place?.emptied(graceMs / 2);
    const opening = this.#queues?.halt();
    if (opening !== undefined) await opening;
    const { drainMs = 0 } = this.#boot?.plan.sockets ?? {};
    this.#sockets.drain(Math.min(drainMs, graceMs));
    try {
      await this.#engine?.drain(() => this.#host.send({ type: "closed" }));
    } catch (error) {
      // What is open cannot be told any more, or not be waited for.
      this.#host.sayThrown(`Drain failed\n${stackOf(error)}`);
      this.#engine?.close();
    }
    await this.#inflight.idle();
    const recording = this.#recording.recordLast();
    if (recording !== undefined) await recording;
    this.#app?.listens?.end();
    this.#ending.end({ code: 0, stop: true });
  }

  #cut(graceMs: number): void {
    const what = this.#ending.begun
      ? `Exit before ${this.#ending.stage}`
      : `Cut ${this.#held()}`;
    this.#host.say(
      "warning",
      `${what}: the graceful timeout of ${graceMs / 1000} s is over`,
    );
    if (this.#ending.begun) return this.#exit(0);
    this.#engine?.close();
    const end = () => {
      this.#app?.listens?.end();
      this.#ending.end({ code: 0, stop: true, withinMs: CUT_MS });
    };
    const recording = this.#recording.recordLast();
    if (recording === undefined) end();
    else void recording.then(end);
  }

  /** Speaks TLS with other certificates from now on, or once there is an engine. */
  #rekey({ id, material }: TlsMessage): void {
    if (this.#engine === undefined) this.#newest = material;
    try {
      this.#engine?.rekey?.(material);
    } catch (error) {
      this.#host.say(
        "error",
        `Cannot use the certificates: ${messageOf(error)}; the old ones stay`,
      );
    }
    this.#host.send({ type: "rekeyed", id });
  }

  /** What holds a drain, in words. */
  #held(): string {
    const { open } = this.#inflight;
    const { size, expected } = this.#sockets;
    const parts = [
      open > 0 && countOf(open, "open request"),
      size > 0 && countOf(size, "open WebSocket"),
      expected > 0 && countOf(expected, "unanswered handshake"),
    ].filter((part) => part !== false);
    // What is left then waits for a client to close.
    return parts.length === 0
      ? "connections without a request"
      : parts.join(" and ");
  }

  /** Ends the process; what was held back for logs is written. */
  #exit(code: number): void {
    this.#observers.close();
    this.#figures.close();
    this.#look.close();
    this.#host.runtime.self.exit(code);
  }

  async #start(boot: BootMessage): Promise<void> {
    this.#boot = boot;
    const { recycle } = boot.plan;
    const host = this.#host;
    const departure = this.#departure;
    try {
      const booted = await bootWorker(boot, {
        host,
        inflight: this.#inflight,
        ending: this.#ending,
        observers: this.#observers,
        figures: this.#figures,
        look: this.#look,
        openSockets: this.#sockets,
        farewell: this.#farewell,
        onFailure: (error) => departure.uncaught(error),
        onLimit: () =>
          departure.ask("max_requests", `${recycle.maxRequests} requests`),
        onEnd: (reason) => departure.serverEnded(reason),
      });
      if (booted === undefined) return;
      const { app, engine, place } = booted;
      this.#engine = engine;
      if (this.#newest !== undefined) engine.rekey?.(this.#newest);
      this.#app = app;
      this.#place = place;
      const { everyQueue } = boot.plan.workerClass;
      this.#queues = new Queues(boot.listeners, { engine, host, everyQueue });
      const addresses = await this.#queues.begin(boot.queue, booted);
      if (this.#ending.begun) return;
      this.#ready = true;
      host.send({ type: "ready", engine: engine.name, addresses });
      app.listens?.serve();
      this.#look.begin(boot);
      this.#useMetrics(app, boot);
      // The arbiter retires no worker before it is ready.
      watchLimits({
        ...host.runtime,
        limits: recycle,
        holds: () => this.#recording.holds,
        onLimit: (kind, reason) => departure.ask(kind, reason),
        onHardLimit: (reason) => departure.askNow("memory", reason),
      });
      host.runtime.clock.after(
        SAVE_COMPILED_MS,
        () => host.runtime.saveCompiled?.(),
      );
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Tells the app's metrics, where they are measured, now and at the end. */
  #useMetrics({ metrics }: App, { plan }: BootMessage): void {
    if (metrics === undefined || plan.telemetry.requests === undefined) return;
    const own = this.#metrics = new AppMetrics(this.#host, metrics);
    void own.begin();
    this.#ending.useFlush(() => own.tellLast());
  }

  #fail(error: unknown): void {
    if (this.#ending.begun) return;
    const message = failedBoot(error);
    this.#host.send(message);
    this.#ending.end({ code: exitCodeOf(message), stop: false });
  }
}

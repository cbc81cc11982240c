/** A worker's life: what it is told, its boot, what it serves with, its exit. */
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
import type { Farewell, TlsMaterial } from "../runtime/runtime.ts";
import { bootWorker } from "./boot.ts";
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
import { OpenSockets } from "../gateway/sockets/open-sockets.ts";
import { Queues } from "./queues.ts";
import { watchLimits } from "./recycle.ts";
import { QUIT_MS, Stopping } from "./stopping.ts";
import type { Serving } from "./stopping.ts";

/** Until what was compiled for the first requests is kept too, which takes the loop some milliseconds at the first start. */
const SAVE_COMPILED_MS = 1000;

export class Worker {
  readonly #host: WorkerHost;
  readonly #inflight: Inflight;
  readonly #ending: Ending;
  readonly #departure: Departure;
  readonly #farewell: Farewell;
  readonly #figures: Figures;
  readonly #look: LoopLook;
  /** Where the app has some and they are wanted. */
  #metrics: AppMetrics | undefined;
  readonly #recording: Recording;
  readonly #observers: Observers;
  readonly #sockets: OpenSockets;
  readonly #serving: Serving = {};
  readonly #stopping: Stopping;
  /** What it speaks TLS with, or will once there is an engine. */
  #material: TlsMaterial | undefined;
  #ready = false;

  constructor(host: WorkerHost, farewell: Farewell) {
    const { clock } = host.runtime;
    this.#host = host;
    this.#farewell = farewell;
    this.#ending = new Ending({ clock, exit: (code) => this.#exit(code) });
    this.#departure = new Departure(host, {
      isReady: () => this.#ready,
      isDraining: () => this.#stopping.begun,
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
    this.#stopping = new Stopping({
      host,
      inflight: this.#inflight,
      ending: this.#ending,
      sockets: this.#sockets,
      recording: this.#recording,
      serving: this.#serving,
      exit: (code) => this.#exit(code),
    });
  }

  receive(message: unknown): void {
    if (!isMessage<ArbiterMessage>(message)) return;
    switch (message.type) {
      case "boot":
        return void this.#start(message);
      case "open":
        return void this.#serving.queues?.takeOver(message.queue);
      case "release":
        return this.#serving.queues?.release(message.queue);
      case "drain": {
        const stopping = this.#stopping;
        const { withinMs = stopping.graceMs, last, cut = false } = message;
        return void (cut
          ? stopping.cut(withinMs)
          : stopping.drain(withinMs, last));
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
        return message.unlessOpen && this.#serving.queues !== undefined
          ? void this.drain(this.#stopping.graceMs)
          : void this.quit();
    }
  }

  /** Exits without a drain. */
  quit(): Promise<void> {
    return this.#stopping.quit();
  }

  /** Finishes what is open within `graceMs`, then exits. */
  drain(graceMs: number): Promise<void> {
    return this.#stopping.drain(graceMs);
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

  /** Speaks TLS with other certificates from now on, or once there is an engine. */
  #rekey({ id, material }: TlsMessage): void {
    const before = this.#material;
    this.#material = material;
    try {
      this.#serving.engine?.rekey?.(material);
    } catch (error) {
      this.#host.say(
        "error",
        `Cannot use the certificates: ${messageOf(error)}; the old ones stay`,
      );
    }
    this.#host.send({ type: "rekeyed", id });
    // A client whom other authorities vouched for must not come back by its
    // session. Each server of Deno's resumes what another one began (2.9.5,
    // DENO-TLS-SESSIONS).
    const { keepsTlsSessions } = this.#host.runtime;
    if (keepsTlsSessions && this.#ready && material.ca !== before?.ca) {
      this.#departure.ask("authorities", "a change of --ca-certs");
    }
  }

  /** Ends the process; what was held back for logs is written. */
  #exit(code: number): void {
    this.#observers.close();
    this.#figures.close();
    this.#look.close();
    const { self } = this.#host.runtime;
    try {
      self.exit(code);
    } catch (error) {
      this.#host.sayThrown(
        `Failed: the app's "exit" handler\n${stackOf(error)}`,
      );
      // The handlers have had their turn.
      self.exit(code);
    }
  }

  async #start(boot: BootMessage): Promise<void> {
    const serving = this.#serving;
    serving.boot = boot;
    this.#material = boot.tls;
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
      const { everyQueue } = boot.plan.workerClass;
      const queues = new Queues(boot.listeners, { engine, host, everyQueue });
      Object.assign(serving, { app, engine, place, queues });
      if (this.#material !== boot.tls) {
        engine.rekey?.(this.#material as TlsMaterial);
      }
      const addresses = await queues.begin(boot.queue, booted);
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

/**
 * A worker that serves in several threads: its process loads no app, and is
 * towards the arbiter what one worker is. It gives each thread its descriptors,
 * passes orders on, and adds up what the threads tell.
 */
import {
  AppError,
  BootError,
  CornError,
  messageOf,
} from "../../base/errors.ts";
import { stackOf } from "../../base/stack.ts";
import { sum } from "../../base/sum.ts";
import { RECORD_BYTES } from "../../exchange/flight-record.ts";
import { Inflight } from "../../gateway/call/inflight.ts";
import { readWorkerMessage } from "../../protocol/message-checks.ts";
import {
  EXIT_APP_FAILED,
  EXIT_BOOT_FAILED,
  isMessage,
  THREAD_ID_VARIABLE,
} from "../../protocol/messages.ts";
import type {
  ArbiterMessage,
  BootMessage,
  DrainMessage,
  FailedMessage,
  WorkerMessage,
} from "../../protocol/messages.ts";
import type { ThreadExit } from "../../runtime/threads.ts";
import { SharedBuffers } from "../../shared/shared-buffers.ts";
import { Departure } from "../departure.ts";
import { startHeartbeat } from "../heartbeat.ts";
import type { Heartbeat } from "../heartbeat.ts";
import { applyProcessPlan, demandRuntime } from "../own-process.ts";
import { watchLimits } from "../recycle.ts";
import type { WorkerHost } from "../worker-host.ts";
import type { WorkerPart } from "../process.ts";
import { bootOfThread } from "./boot-of-thread.ts";
import { endText } from "./one-thread.ts";
import type { OneThread } from "./one-thread.ts";
import { ThreadFigures } from "./thread-figures.ts";
import { ThreadKeys } from "./thread-keys.ts";
import { seeSilent, ThreadLookout } from "./thread-lookout.ts";
import type { ShareMessage } from "./thread-messages.ts";
import { ThreadMetrics } from "./thread-metrics.ts";
import { ThreadRequests } from "./thread-requests.ts";
import { ThreadWatch } from "./thread-watch.ts";

/** Threads that were told to go may take so long beyond their own limits. */
const CUT_MS = 900;
const QUIT_MS = 1800;
/** What the hooks for ABRT may take; KILL follows a second later. */
const ABORT_MS = 800;

export class Threads implements WorkerPart {
  #boot: BootMessage;
  readonly #host: WorkerHost;
  readonly #url: string;
  readonly #threads: OneThread[] = [];
  /** What all of them have in hand. */
  readonly #sum: Inflight;
  readonly #figures: ThreadFigures;
  readonly #keys: ThreadKeys;
  readonly #metrics: ThreadMetrics;
  readonly #requests: ThreadRequests;
  readonly #lookout: ThreadLookout;
  readonly #departure: Departure;
  readonly #shared = new SharedBuffers();
  #heartbeat: Heartbeat | undefined;
  #ready = false;
  /** True once it is on its way out. */
  #leaves = false;
  #told = false;
  #ended = false;

  /** `url` is that of the module that threads run. */
  constructor(boot: BootMessage, host: WorkerHost, url: string) {
    const { clock } = host.runtime;
    this.#boot = boot;
    this.#host = host;
    this.#url = url;
    this.#sum = new Inflight(() => clock.now());
    if (boot.mark !== undefined) this.#sum.recorder.mark(boot.mark);
    const { threads } = boot.plan.workerClass;
    this.#figures = new ThreadFigures(host, {
      threads,
      counts: (number) =>
        this.#threads.find((one) => one.number === number) ??
          { requests: 0, open: 0 },
      blocked: () =>
        this.#living().filter(({ watch }) => watch.silentMs > 0)
          .flatMap((one) => seeSilent(one).blocked ?? []),
    });
    this.#keys = new ThreadKeys(host);
    this.#metrics = new ThreadMetrics(host);
    this.#requests = new ThreadRequests(host, (number) => {
      const one = this.#find(number);
      return one === undefined ? { requests: [] } : seeSilent(one);
    });
    this.#lookout = new ThreadLookout({
      ...{ host, boot },
      living: () => this.#living(),
      leaves: () => this.#leaves,
      onStuck: ({ number }) => {
        this.#departure.ask("error", `the silence of thread ${number}`);
        this.#tellClosed();
        this.#endWithLast();
      },
    });
    this.#departure = new Departure(host, {
      isReady: () => this.#ready,
      isDraining: () => this.#leaves,
      isEnding: () => this.#ended,
      end: () => this.quit(),
      fail: (error) => this.#fail(error),
    });
  }

  /** Starts the threads. */
  async begin(): Promise<void> {
    const { plan, slot, check } = this.#boot;
    const { runtime } = this.#host;
    try {
      demandRuntime(this.#boot, runtime);
      if (plan.process.identity !== undefined) {
        throw new BootError(
          "Cannot start threads as a user with more groups than one: corn needs setpriv of util-linux for that; install it, or leave out --worker-class thread",
        );
      }
      applyProcessPlan(plan.process, slot, runtime.self);
      if (plan.hooks !== undefined) {
        runtime.signals.on("SIGABRT", () => this.#abort());
      }
      // A check serves nothing: one of them loads what all would.
      const count = check ? 1 : plan.workerClass.threads;
      for (let number = 1; number <= count; number++) {
        this.#threads.push(await this.#start(number));
      }
      runtime.clock.after(plan.life.listenMs, () => this.#nameLate());
    } catch (error) {
      this.#fail(error);
    }
  }

  receive(message: unknown): void {
    if (!isMessage<ArbiterMessage>(message)) return;
    switch (message.type) {
      case "figure":
        this.#figures.tellEvery(message.everyMs, message.seen);
        return this.#sendAll(message);
      case "open":
      case "release":
        return this.#sendAll(message);
      case "tls":
        // Threads that say hello after this are told of no other.
        this.#boot = { ...this.#boot, tls: message.material };
        this.#sendAll(message);
        return this.#keys.expect(
          message,
          this.#living().map(({ number }) => number),
        );
      case "reopen":
        return this.reopen();
      case "collect":
        return this.#metrics.collect(
          message.id,
          (number) => this.#find(number)?.thread.send(message),
        );
      case "list":
        this.#sendAll(message);
        // By what one is blocked takes two looks.
        for (const { watch } of this.#living()) watch.look();
        return this.#requests.expect(
          message.id,
          this.#living().map(({ number }) => number),
        );
      case "record":
        return this.#host.send({
          type: "recorded",
          id: message.id,
          error:
            "a worker of threads writes no profile and no snapshot yet: run one worker without --worker-class thread for it",
        });
      case "drain":
        return this.drain(
          message.withinMs ?? this.#boot.plan.life.gracefulMs,
          message,
        );
      case "quit":
        return message.unlessOpen && this.#ready
          ? this.drain(this.#boot.plan.life.gracefulMs)
          : this.quit();
      // What looks at a blocked loop knows that of the first thread, and there is no second boot.
      case "watch":
      case "boot":
        return;
    }
  }

  reopen(): void {
    this.#sendAll({ type: "reopen" });
  }

  onTerm(): void {
    this.#departure.askSoon("SIGTERM");
  }

  uncaught(error: unknown): void {
    this.#departure.uncaught(error);
  }

  quit(): void {
    this.#leave({ type: "quit" }, QUIT_MS);
  }

  drain(
    graceMs: number,
    { last, cut }: Pick<DrainMessage, "last" | "cut"> = {},
  ): void {
    const { runtime, say } = this.#host;
    runtime.clock.after(graceMs + CUT_MS, () => {
      for (const { number, watch } of this.#living()) {
        say(
          "warning",
          `Cut thread ${number}, blocked${watch.text}: the graceful timeout of ${
            graceMs / 1000
          } s is over`,
        );
      }
      this.#exit(0);
    });
    this.#leave({
      type: "drain",
      withinMs: graceMs,
      ...(last && { last }),
      ...(cut && { cut }),
    });
  }

  #abort(): void {
    this.#leaves = true;
    for (const { thread } of this.#living()) thread.signal("SIGABRT");
    this.#host.runtime.clock.after(ABORT_MS, () => this.#exit(1));
  }

  /** Tells all threads to go; the process ends with the last of them. */
  #leave(message: ArbiterMessage, withinMs?: number): void {
    this.#leaves = true;
    this.#sendAll(message);
    if (withinMs !== undefined) {
      this.#host.runtime.clock.after(withinMs, () => this.#exit(0));
    }
    this.#endWithLast();
  }

  #living(): OneThread[] {
    return this.#threads.filter(({ gone }) => !gone);
  }

  #find(number: number): OneThread | undefined {
    return this.#living().find((one) => one.number === number);
  }

  #sendAll(message: ArbiterMessage): void {
    for (const { thread } of this.#living()) thread.send(message);
  }

  async #start(number: number): Promise<OneThread> {
    const { runtime } = this.#host;
    const { clock, self } = runtime;
    const record = new SharedArrayBuffer(RECORD_BYTES);
    const { idleBeatMs: idleMs } = this.#boot.plan.life;
    const one: OneThread = {
      number,
      // What it says comes in a later turn.
      thread: await runtime.startThread({
        url: this.#url,
        env: { ...self.env(), [THREAD_ID_VARIABLE]: String(number) },
        record,
        onMessage: (message) => this.#hear(one, message),
        onExit: (exit) => this.#bury(one, exit),
      }),
      watch: new ThreadWatch({ clock, idleMs, record }),
      ready: undefined,
      gone: false,
      closed: false,
      stuck: false,
      busy: false,
      requests: 0,
      open: 0,
    };
    return one;
  }

  #hear(one: OneThread, value: unknown): void {
    if (isMessage<ShareMessage>(value) && value.type === "share") {
      return this.#share(one, value);
    }
    const message = readWorkerMessage(value);
    if (message !== undefined) this.#heed(one, message);
  }

  #heed(one: OneThread, message: WorkerMessage): void {
    const { number, thread, watch } = one;
    const { send } = this.#host;
    switch (message.type) {
      case "hello": {
        const { threads } = this.#boot.plan.workerClass;
        if (this.#leaves) return;
        return thread.send(bootOfThread(this.#boot, number, threads));
      }
      case "ready":
        one.ready = message;
        watch.beat(false);
        return this.#serve();
      case "beat": {
        const { blockedMs = 0, busy, requests, open } = message;
        Object.assign(one, { busy, requests, open, stuck: false });
        return this.#beat(one, watch.beat(busy), blockedMs);
      }
      case "recycle": {
        const { kind, reason, now } = message;
        const text = `${reason} in thread ${number}`;
        return now
          ? this.#departure.askNow(kind, text)
          : this.#departure.ask(kind, text);
      }
      case "closed":
        one.closed = true;
        return this.#tellClosed();
      case "figures":
        return this.#figures.take(number, message);
      case "metrics":
        return this.#metrics.take(number, message);
      case "requests":
        return this.#requests.take(number, message);
      case "rekeyed":
        return this.#keys.take(number, message.id);
      case "log":
        return send({ ...message, text: `Thread ${number}: ${message.text}` });
      case "access":
        return send(message);
      case "failed":
        return this.#end(message);
      // It is not told to do what these are answers to.
      case "recorded":
      case "debugger":
      case "watching":
        return;
    }
  }

  /** Soon the arbiter ends a worker that is not ready: it is told which threads it waits for. */
  #nameLate(): void {
    if (this.#ready || this.#leaves) return;
    const { runtime, say } = this.#host;
    const { slot, plan: { life } } = this.#boot;
    const late = this.#living().filter(({ ready }) => ready === undefined);
    const seconds = (life.listenMs / 1000).toFixed(1);
    for (const { number } of late) {
      say(
        "warning",
        `Thread ${number} of worker ${slot} (pid ${runtime.self.pid}) has not loaded the app in ${seconds} s`,
      );
    }
  }

  /** The worker is ready when its last thread is. */
  #serve(): void {
    const { threads } = this.#boot.plan.workerClass;
    const all = this.#threads.flatMap(({ ready }) => ready ?? []);
    const [ready] = all;
    if (this.#ready || this.#leaves) return;
    if (ready === undefined || all.length < threads) return;
    const { runtime, send, say } = this.#host;
    const { clock, self } = runtime;
    const { life, recycle } = this.#boot.plan;
    this.#ready = true;
    send(ready);
    this.#heartbeat = startHeartbeat({
      clock,
      inflight: this.#sum,
      idleMs: life.idleBeatMs,
      send,
    });
    this.#lookout.start();
    watchLimits({
      clock,
      self,
      limits: recycle,
      onLimit: (kind, reason) => this.#departure.ask(kind, reason),
      onHardLimit: (reason) => {
        say("error", `The worker has ${reason}`);
        this.#departure.askNow("memory", "the hard memory limit");
      },
    });
  }

  #beat({ number }: OneThread, by: string, blockedMs: number): void {
    const { say } = this.#host;
    const { life: { slowMs }, recycle: { maxRequests } } = this.#boot.plan;
    if (this.#ready && slowMs > 0 && blockedMs >= slowMs) {
      const seconds = (blockedMs / 1000).toFixed(1);
      say("warning", `Thread ${number} was blocked for ${seconds} s${by}`);
    }
    const all = this.#sum;
    all.requests = sum(this.#threads, ({ requests }) => requests);
    all.open = sum(this.#living(), ({ open }) => open);
    if (this.#living().some(({ busy }) => busy)) this.#heartbeat?.busy();
    if (maxRequests > 0 && all.requests >= maxRequests) {
      this.#departure.ask("max_requests", `${maxRequests} requests`);
    }
  }

  #share({ thread }: OneThread, { id, name, bytes }: ShareMessage): void {
    try {
      const buffer = this.#shared.get(String(name), bytes);
      thread.send({ type: "shared", id, buffer });
    } catch (error) {
      thread.send({ type: "shared", id, error: messageOf(error) });
    }
  }

  /** It accepts no more when none of its threads does. */
  #tellClosed(): void {
    if (!this.#leaves || this.#told) return;
    if (this.#living().some(({ closed, stuck }) => !closed && !stuck)) return;
    this.#told = true;
    this.#host.send({ type: "closed" });
  }

  /** A thread has ended. */
  #bury(one: OneThread, exit: ThreadExit): void {
    one.gone = true;
    one.open = 0;
    this.#figures.bury(one.number);
    this.#keys.bury(one.number);
    if (this.#ended) return;
    if (this.#leaves || this.#boot.check) {
      this.#tellClosed();
      return this.#endWithLast(exit.code);
    }
    const text = `thread ${one.number} ended by ${endText(exit)}`;
    if (!this.#ready) {
      return this.#fail(
        new AppError(`Cannot load app "${this.#boot.plan.app.text}": ${text}`),
      );
    }
    this.#host.sayThrown(`T${text.slice(1)}`);
    const reason = `the end of thread ${one.number}`;
    if (this.#living().length === 0) this.#departure.askNow("error", reason);
    else this.#departure.ask("error", reason);
  }

  #endWithLast(code: number = 0): void {
    if (!this.#leaves && !this.#boot.check) return;
    if (this.#living().every(({ stuck }) => stuck)) {
      this.#exit(this.#boot.check ? code : 0);
    }
  }

  #fail(error: unknown): void {
    const kind = error instanceof AppError ? "app" : "boot";
    const cause = error instanceof CornError ? error.cause : error;
    this.#end({
      type: "failed",
      kind,
      message: messageOf(error),
      stack: cause === undefined ? "" : stackOf(cause),
    });
  }

  /** Ends with why it cannot serve. */
  #end(message: FailedMessage): void {
    if (this.#ended) return;
    this.#host.send(message);
    this.#exit(message.kind === "app" ? EXIT_APP_FAILED : EXIT_BOOT_FAILED);
  }

  #exit(code: number): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#heartbeat?.close();
    this.#figures.tell();
    this.#host.runtime.self.exit(code);
  }
}

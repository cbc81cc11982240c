/**
 * A worker that serves in several threads: its process loads no app, and is
 * towards the arbiter what one worker is. It gives each thread its descriptors,
 * passes orders on, and adds up what the threads tell.
 */
import { BootError, messageOf } from "../../base/errors.ts";
import { sum } from "../../base/sum.ts";
import { RECORD_BYTES } from "../../exchange/flight-record.ts";
import { Inflight } from "../../gateway/call/inflight.ts";
import { readWorkerMessage } from "../../protocol/message-checks.ts";
import { isMessage, THREAD_ID_VARIABLE } from "../../protocol/messages.ts";
import type {
  ArbiterMessage,
  BootMessage,
  DrainMessage,
  WorkerMessage,
} from "../../protocol/messages.ts";
import type { ThreadExit } from "../../runtime/threads.ts";
import { SharedBuffers } from "../../shared/shared-buffers.ts";
import { startHeartbeat } from "../observe/heartbeat.ts";
import type { Heartbeat } from "../observe/heartbeat.ts";
import { applyProcessPlan, demandRuntime } from "../own-process.ts";
import { watchLimits } from "../recycle.ts";
import type { WorkerHost } from "../observe/worker-host.ts";
import type { WorkerPart } from "../process.ts";
import { bootOfThread } from "./boot-of-thread.ts";
import type { OneThread } from "./one-thread.ts";
import { ThreadEnds } from "./thread-ends.ts";
import { ThreadFigures } from "./thread-figures.ts";
import { ThreadKeys } from "./thread-keys.ts";
import { ThreadList } from "./thread-list.ts";
import { seeSilent, ThreadLookout } from "./thread-lookout.ts";
import type { ShareMessage } from "./thread-messages.ts";
import { ThreadMetrics } from "./thread-metrics.ts";
import { ThreadRecordings } from "./thread-recordings.ts";
import { ThreadRequests } from "./thread-requests.ts";
import { ThreadWatch } from "./thread-watch.ts";

export class Threads implements WorkerPart {
  #boot: BootMessage;
  readonly #host: WorkerHost;
  readonly #url: string;
  readonly #threads = new ThreadList();
  /** What all of them have in hand. */
  readonly #sum: Inflight;
  readonly #figures: ThreadFigures;
  readonly #keys: ThreadKeys;
  readonly #metrics: ThreadMetrics;
  readonly #recordings: ThreadRecordings;
  readonly #requests: ThreadRequests;
  readonly #lookout: ThreadLookout;
  readonly #ends: ThreadEnds;
  readonly #shared = new SharedBuffers();
  #heartbeat: Heartbeat | undefined;
  #ready = false;

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
        this.#threads.all.find((one) => one.number === number) ??
          { requests: 0, open: 0 },
      blocked: () =>
        this.#threads.living.filter(({ watch }) => watch.silentMs > 0)
          .flatMap((one) => seeSilent(one).blocked ?? []),
    });
    this.#keys = new ThreadKeys(host);
    this.#metrics = new ThreadMetrics(host);
    this.#recordings = new ThreadRecordings(host, this.#threads);
    this.#requests = new ThreadRequests(host, (number) => {
      const one = this.#threads.find(number);
      return one === undefined ? { requests: [] } : seeSilent(one);
    });
    this.#ends = new ThreadEnds({
      ...{ host, boot, threads: this.#threads },
      isReady: () => this.#ready,
      recording: () => this.#recordings.over,
      onExit: () => {
        this.#heartbeat?.close();
        this.#figures.tell();
      },
    });
    this.#lookout = new ThreadLookout({
      ...{ host, boot },
      living: () => this.#threads.living,
      leaves: () => this.#ends.begun,
      excuses: ({ number }) => this.#recordings.excuses(number),
      onStuck: (one) => this.#ends.stuck(one),
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
        runtime.signals.on("SIGABRT", () => this.#ends.abort());
      }
      // A check serves nothing: one of them loads what all would.
      const count = check ? 1 : plan.workerClass.threads;
      for (let number = 1; number <= count; number++) {
        this.#threads.add(await this.#start(number));
        // What came while it was started it was not told.
        if (this.#ends.begun) {
          return void this.#threads.sendTo(number, { type: "quit" });
        }
      }
      runtime.clock.after(plan.life.listenMs, () => {
        if (!this.#ready) this.#lookout.nameLate();
      });
    } catch (error) {
      this.#ends.fail(error);
    }
  }

  receive(message: unknown): void {
    if (!isMessage<ArbiterMessage>(message)) return;
    switch (message.type) {
      case "figure":
        this.#figures.tellEvery(message.everyMs, message.seen);
        return this.#threads.send(message);
      case "open":
      case "release":
        return this.#threads.send(message);
      case "tls":
        // Threads that say hello after this are told of no other.
        this.#boot = { ...this.#boot, tls: message.material };
        this.#threads.send(message);
        return this.#keys.expect(
          message,
          this.#threads.living.map(({ number }) => number),
        );
      case "reopen":
        return this.reopen();
      case "collect":
        return this.#metrics.collect(
          message.id,
          (number) => this.#threads.sendTo(number, message),
        );
      case "list":
        this.#threads.send(message);
        // By what one is blocked takes two looks.
        for (const { watch } of this.#threads.living) watch.look();
        return this.#requests.expect(
          message.id,
          this.#threads.living.map(({ number }) => number),
        );
      case "record":
        return this.#recordings.begin(message);
      case "drain":
        return this.drain(
          message.withinMs ?? this.#boot.plan.life.gracefulMs,
          message,
        );
      case "quit":
        return message.unlessOpen
          ? this.#ends.quitUnlessOpen(this.#boot.plan.life.gracefulMs)
          : this.quit();
      // What looks at a blocked loop knows that of the first thread, and there is no second boot.
      case "watch":
      case "boot":
        return;
    }
  }

  reopen(): void {
    this.#threads.send({ type: "reopen" });
  }

  onTerm(): void {
    this.#ends.departure.askSoon("SIGTERM");
  }

  uncaught(error: unknown): void {
    this.#ends.departure.uncaught(error);
  }

  quit(): void {
    this.#ends.quit();
  }

  drain(graceMs: number, how?: Pick<DrainMessage, "last" | "cut">): void {
    this.#ends.drain(graceMs, how);
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
      booted: false,
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
        // Its app may write to the port too: what a thread says counts in its turn.
        if (this.#ends.begun || one.booted) return;
        one.booted = true;
        return thread.send(bootOfThread(this.#boot, number, threads));
      }
      case "ready":
        if (one.ready !== undefined || !one.booted) return;
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
          ? this.#ends.departure.askNow(kind, text)
          : this.#ends.departure.ask(kind, text);
      }
      case "closed":
        one.closed = true;
        return this.#ends.tellClosed();
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
        return this.#ends.end(message);
      case "recorded":
        return this.#recordings.take(number, message);
      // It is not told to do what these are answers to.
      case "debugger":
      case "watching":
        return;
    }
  }

  /** The worker is ready when its last thread is. */
  #serve(): void {
    const { threads } = this.#boot.plan.workerClass;
    const all = this.#threads.all.flatMap(({ ready }) => ready ?? []);
    const [ready] = all;
    if (this.#ready || this.#ends.begun) return;
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
      holds: () => this.#recordings.holds,
      onLimit: (kind, reason) => this.#ends.departure.ask(kind, reason),
      onHardLimit: (reason) => {
        say("error", `The worker has ${reason}`);
        this.#ends.departure.askNow("memory", "the hard memory limit");
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
    all.requests = sum(this.#threads.all, ({ requests }) => requests);
    all.open = sum(this.#threads.living, ({ open }) => open);
    if (this.#threads.living.some(({ busy }) => busy)) this.#heartbeat?.busy();
    if (maxRequests > 0 && all.requests >= maxRequests) {
      this.#ends.departure.ask("max_requests", `${maxRequests} requests`);
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

  #bury(one: OneThread, exit: ThreadExit): void {
    this.#figures.bury(one.number);
    this.#keys.bury(one.number);
    this.#metrics.bury(one.number);
    this.#recordings.bury(one.number);
    this.#ends.bury(one, exit);
  }
}

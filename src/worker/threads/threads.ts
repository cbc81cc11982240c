/**
 * A worker that serves in several threads: its process loads no app, and is
 * towards the arbiter what one worker is. It gives each thread its descriptors,
 * passes orders on, and hears what the threads tell.
 */
import { BootError, messageOf } from "../../base/errors.ts";
import { RECORD_BYTES } from "../../exchange/flight-record.ts";
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
import { applyProcessPlan, demandRuntime } from "../own-process.ts";
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
import { ThreadSums } from "./thread-sums.ts";
import { ThreadWatch } from "./thread-watch.ts";

export class Threads implements WorkerPart {
  #boot: BootMessage;
  readonly #host: WorkerHost;
  readonly #url: string;
  readonly #threads = new ThreadList();
  readonly #sums: ThreadSums;
  readonly #figures: ThreadFigures;
  readonly #keys: ThreadKeys;
  readonly #metrics: ThreadMetrics;
  readonly #recordings: ThreadRecordings;
  readonly #requests: ThreadRequests;
  readonly #lookout: ThreadLookout;
  readonly #ends: ThreadEnds;
  readonly #shared = new SharedBuffers();

  /** `url` is that of the module that threads run. */
  constructor(boot: BootMessage, host: WorkerHost, url: string) {
    this.#boot = boot;
    this.#host = host;
    this.#url = url;
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
      isReady: () => this.#sums.ready,
      recording: () => this.#recordings.over,
      onExit: () => {
        this.#sums.close();
        this.#figures.tell();
      },
    });
    this.#sums = new ThreadSums({
      ...{ host, boot, threads: this.#threads },
      departure: this.#ends.departure,
      holdsMemory: () => this.#recordings.holds,
      excuses: ({ number }) => this.#recordings.excuses(number),
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
      // The arbiter counts from before they are started.
      runtime.clock.after(plan.life.listenMs, () => {
        if (!this.#sums.ready) this.#lookout.nameLate();
      });
      // A check serves nothing: one of them loads what all would.
      const count = check ? 1 : plan.workerClass.threads;
      for (let number = 1; number <= count; number++) {
        this.#threads.add(await this.#start(number));
        // What came while it was started it was not told.
        if (this.#ends.begun) {
          return void this.#threads.sendTo(number, { type: "quit" });
        }
      }
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
        if (!this.#ends.begun && this.#sums.takeReady()) this.#lookout.start();
        return;
      case "beat":
        return this.#sums.beat(one, message);
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

/** The workers' processes: starting them, and what goes to and fro. */
import { messageOf } from "../../base/errors.ts";
import {
  createMark,
  markText,
  readFlightRecord,
  RECORD_BYTES,
} from "../../exchange/flight-record.ts";
import type { ErrorLog } from "../../log/error/error-log.ts";
import type { ArbiterMessage, BeatMessage } from "../../protocol/messages.ts";
import type { WorkerAdditions } from "../../hooks/types.ts";
import type {
  ChildProcess,
  ForeignMemory,
  Runtime,
} from "../../runtime/runtime.ts";
import { withRuntimeArgs, workerEnvironment } from "../command/command.ts";
import { bootMessage } from "../generations/generation.ts";
import type { Generation } from "../generations/generation.ts";
import { Hearing } from "./hearing.ts";
import {
  describeInspector,
  freeInspector,
  inspected,
  INSPECTED_SLOT,
  inspectorOf,
} from "../command/inspector.ts";
import type { Inspector } from "../command/inspector.ts";
import { startOptions } from "../command/start-as.ts";
import { logPrinted } from "./worker-output.ts";
import type { ChildFacts } from "../pool/report.ts";
import { isThere } from "../generations/release.ts";
import type { Release } from "../generations/release.ts";
import type { Exit, PoolEvent } from "../pool/state.ts";

/** One worker's process. */
interface Hand {
  readonly child: ChildProcess;
  readonly post: Post;
  /** What it was started from. */
  readonly release: Release;
  /** Queues of each listener when it was started: a reload may add some. */
  readonly counts: readonly number[];
  /** The mark of its flight record. */
  readonly mark: Uint8Array;
  /** Where its flight record is, once it was looked for. */
  record: ForeignMemory | undefined;
  readonly hearing: Hearing;
  beat: BeatMessage | undefined;
  explained: boolean;
  /** Where its debugger attaches. */
  readonly inspectorPort: number | undefined;
}

/** What a worker is started with. */
export interface Post {
  readonly age: number;
  readonly slot: number;
  /** The queue that it accepts from first. */
  readonly queue: number;
  readonly generation: Generation;
  /** The generation's number. */
  readonly number: number;
}

/** A worker that was started; it has no pid where that failed. */
export interface StartedWorker {
  readonly post: Post;
  readonly pid: number | undefined;
}

export interface ProcessesOptions {
  readonly runtime: Runtime;
  readonly log: ErrorLog;
  /** True to show failures to clients. */
  readonly dev: boolean;
  /** True while another arbiter serves the same addresses. */
  shared(): boolean;
  /** What is added to a worker that is about to be started; whoever waits for it holds nobody up. */
  prepare?(post: Post): WorkerAdditions | Promise<WorkerAdditions>;
  /** Takes what a worker says or does. */
  onEvent(event: PoolEvent): void;
}

export class Processes {
  readonly #options: ProcessesOptions;
  readonly #hands = new Map<number, Hand>();
  /** Workers that are to be started once it is known what is added to them. */
  readonly #pending = new Map<number, Post>();
  /** Generations of which a worker was ready. */
  readonly #proven = new WeakSet<Generation>();
  /** What generations are started from whose own release is gone. */
  readonly #moved = new WeakMap<Generation, Release>();
  #serves = false;
  #lastFailure = "";

  constructor(options: ProcessesOptions) {
    this.#options = options;
  }

  /** Starts a worker; whatever becomes of it is an event. */
  spawn(post: Post): void {
    const added = this.#options.prepare?.(post) ?? {};
    if (!(added instanceof Promise)) return this.#start(post, added);
    this.#pending.set(post.age, post);
    void added.then((added) => {
      // It may have been given up meanwhile.
      if (this.#pending.delete(post.age)) this.#start(post, added);
    });
  }

  #start(post: Post, additions: WorkerAdditions): void {
    try {
      this.#launch(post, additions);
    } catch (cause) {
      const error = cause instanceof Error ? cause : new Error(String(cause));
      const exit = { error };
      this.#options.onEvent({ type: "exited", age: post.age, exit });
    }
  }

  #launch(post: Post, { env: more = {}, args = [] }: WorkerAdditions): void {
    const { runtime } = this.#options;
    const { age, slot, generation } = post;
    const release = this.#releaseOf(generation);
    const sockets = generation.listeners.map(({ listener }) => listener.queues);
    const { config } = generation;
    const inspector = this.#inspectorFor(slot, generation);
    const command = inspector === undefined
      ? release.command
      : inspected(release.command, inspector);
    const env = workerEnvironment(runtime.self.env(), {
      added: { ...config.settings.env, ...more },
      slot,
      folder: release.folder,
    });
    const printed = config.settings.captureOutput
      ? logPrinted(this.#options.log)
      : undefined;
    const child = runtime.spawn({
      ...startOptions(generation.startAs, withRuntimeArgs(command, args)),
      env,
      cwd: release.folder,
      descriptors: sockets.flat(),
      onMessage: (message) => this.#receive(age, message),
      onOverlong: () => {
        this.#tell(
          "error",
          age,
          "sent a line that is longer than any message: killing it",
        );
        this.signal(age, "SIGKILL");
      },
      ...printed && {
        onOutput: (stream, text) => printed.take(stream, text, child.pid ?? 0),
      },
      onExit: (exit) => {
        printed?.flush(child.pid ?? 0);
        this.#bury(age, exit);
      },
    });
    this.#hands.set(age, {
      child,
      post,
      release,
      counts: sockets.map(({ length }) => length),
      mark: createMark(runtime.random),
      record: undefined,
      hearing: new Hearing((text) => this.#tell("warning", age, text)),
      beat: undefined,
      explained: false,
      inspectorPort: inspector?.port,
    });
    if (inspector !== undefined) {
      const line = describeInspector(slot, child.pid, inspector);
      this.#options.log.log(line.level, line.text);
    }
  }

  /** What its workers start from: the same as ever, or what stands in its place where that is gone. */
  #releaseOf(generation: Generation): Release {
    const { log, runtime } = this.#options;
    const known = this.#moved.get(generation) ?? generation.release;
    if (isThere(known, runtime.files)) return known;
    const found = generation.findRelease();
    this.#moved.set(generation, found);
    log.warning(
      `The release of this generation is gone from ${known.folder}: workers start from what is in ${found.folder} now`,
    );
    return found;
  }

  /** Where a debugger attaches to a worker; a port that another has, or that is served, is not tried. */
  #inspectorFor(
    slot: number,
    { config, listeners }: Generation,
  ): Inspector | undefined {
    const inspector = inspectorOf(config);
    if (inspector === undefined || slot !== INSPECTED_SLOT) return undefined;
    const taken = [...this.#hands.values()].map((hand) => hand.inspectorPort);
    const served = listeners.map(({ listener: { address } }) =>
      address.kind === "tcp" ? address.port : undefined
    );
    return freeInspector(inspector, [...taken, ...served]);
  }

  /** Gives up a worker that is not started yet. */
  #giveUp(age: number, signal: string): boolean {
    if (!this.#pending.delete(age)) return false;
    this.#options.onEvent({ type: "exited", age, exit: { signal } });
    return true;
  }

  send(age: number, message: ArbiterMessage): void {
    this.#hands.get(age)?.child.send(message);
  }

  /** Tells every worker. */
  sendAll(message: ArbiterMessage): void {
    for (const { child } of this.#hands.values()) child.send(message);
  }

  /** By message, and by signal unless it is gently: a worker that still loads its app reads no messages. */
  quit(age: number, gently: boolean): void {
    if (this.#giveUp(age, "SIGQUIT")) return;
    if (gently) return this.send(age, { type: "quit", unlessOpen: true });
    this.send(age, { type: "quit" });
    this.signal(age, "SIGQUIT");
  }

  signal(age: number, signal: "SIGABRT" | "SIGKILL" | "SIGQUIT"): void {
    if (this.#giveUp(age, signal)) return;
    const hand = this.#hands.get(age);
    if (hand === undefined) return;
    try {
      hand.child.kill(signal);
    } catch (error) {
      this.#options.log.error(
        `Cannot send ${signal} to worker ${hand.post.slot} (pid ${hand.child.pid}): ${
          messageOf(error)
        }`,
      );
      if (signal === "SIGKILL") this.#abandon(age);
    }
  }

  /** No wait may depend on a process that cannot be ended: it counts as gone, and leaves once it reads its messages. */
  #abandon(age: number): void {
    this.send(age, { type: "quit" });
    this.#bury(age, { abandoned: true });
  }

  /** Looks for the flight record of a worker, to have it at hand when it must be aborted. */
  examine(age: number): void {
    const hand = this.#hands.get(age);
    const pid = hand?.child.pid;
    if (hand === undefined || pid === undefined || hand.record) return;
    void this.#options.runtime.findInMemory(pid, hand.mark).then((found) =>
      hand.record = found
    );
  }

  factsOf(age: number): ChildFacts {
    const hand = this.#hands.get(age);
    return {
      pid: hand?.child.pid,
      flight: readFlightRecord(hand?.record?.read(RECORD_BYTES)),
      explained: hand?.explained ?? false,
    };
  }

  /** A worker whose process was started and has not ended. */
  find(age: number): StartedWorker | undefined {
    const hand = this.#hands.get(age);
    return hand && { post: hand.post, pid: hand.child.pid };
  }

  /** Requests answered and open, by the last beat. */
  countsOf(age: number): { requests: number; open: number } {
    const { requests = 0, open = 0 } = this.#hands.get(age)?.beat ?? {};
    return { requests, open };
  }

  /** Lets a failure be shown that was shown before. */
  forgetFailure(): void {
    this.#lastFailure = "";
  }

  /** Says of a worker what it did. */
  #tell(level: "warning" | "error", age: number, text: string): void {
    const hand = this.#hands.get(age);
    if (hand === undefined) return;
    const { slot } = hand.post;
    this.#options.log.log(
      level,
      `Worker ${slot} (pid ${hand.child.pid}) ${text}`,
    );
  }

  #bury(age: number, exit: Exit): void {
    const ignored = this.#hands.get(age)?.hearing.ignored ?? 0;
    if (ignored > 1) {
      this.#tell("warning", age, `sent ${ignored} messages not heeded in all`);
    }
    this.#options.onEvent({ type: "exited", age, exit });
    this.#hands.delete(age);
  }

  #receive(age: number, value: unknown): void {
    const hand = this.#hands.get(age);
    const message = hand?.hearing.take(value);
    if (hand === undefined || message === undefined) return;
    const { log, onEvent } = this.#options;
    switch (message.type) {
      case "hello":
        return void hand.child.send(this.#bootMessage(hand));
      case "ready":
        this.#serves = true;
        this.#proven.add(hand.post.generation);
        return onEvent({ type: "ready", age });
      case "beat":
        hand.beat = message;
        return onEvent({ type: "beat", age, busy: message.busy });
      case "recycle":
        return onEvent({ ...message, age });
      case "log":
        return message.exception
          ? log.exception(message.text, hand.child.pid)
          : log.log(message.level, message.text, hand.child.pid);
      case "access":
        return log.access(message.text);
      case "failed": {
        hand.explained = true;
        const { message: line, stack } = message;
        const text = stack === "" ? line : `${line}\n${stack}`;
        // All workers of a broken app fail alike: once is enough.
        if (text === this.#lastFailure) return;
        this.#lastFailure = text;
        return log.error(text);
      }
    }
  }

  #bootMessage(hand: Hand): ArbiterMessage {
    const { generation, slot, queue, age, number } = hand.post;
    const { runtime, dev, shared } = this.#options;
    const replaces = this.#serves || shared();
    let next = 0;
    const boot = bootMessage(generation, {
      release: hand.release,
      slot,
      age,
      number,
      queue,
      random: runtime.random,
      dev,
      check: false,
      proven: !replaces || this.#proven.has(generation),
      descriptors: hand.counts.map((count) =>
        hand.child.descriptors.slice(next, next += count)
      ),
    });
    return { ...boot, mark: markText(hand.mark) };
  }
}

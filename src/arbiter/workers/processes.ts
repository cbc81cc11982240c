/** The workers' processes: how each is started, told what the pool decides of it, and ended. */
import type { WorkerAdditions } from "../../hooks/types.ts";
import type { ErrorLog } from "../../log/error/error-log.ts";
import type {
  ArbiterMessage,
  RekeyedMessage,
} from "../../protocol/messages.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { KeptCertificates } from "../certificates/kept.ts";
import type { Generation } from "../generations/generation.ts";
import type { ChildFacts } from "../telling/child-facts.ts";
import type { Action, Exit } from "../pool/state.ts";
import { Boots } from "./boots.ts";
import { FailureLog } from "./failure-log.ts";
import { Questions } from "./questions.ts";
import { RequestLists } from "./request-lists.ts";
import { Recordings } from "./recordings.ts";
import type { SpawnOrder } from "./spawn-order.ts";
import { StandingOrders } from "./standing-orders.ts";
import type { FigureUser } from "./standing-orders.ts";
import { Starter } from "./starter.ts";
import { WorkerProcess } from "./worker-process.ts";
import type { Common, Takers } from "./worker-process.ts";

export interface ProcessesOptions extends Takers {
  readonly runtime: Runtime;
  readonly log: ErrorLog;
  /** True to show failures to clients. */
  readonly dev: boolean;
  /** True while another arbiter serves the same addresses. */
  shared(): boolean;
  generationOf(number: number): Generation;
  /** What is added to a worker that is about to be started; others start meanwhile. */
  prepare?(order: SpawnOrder): WorkerAdditions | Promise<WorkerAdditions>;
}

/** What keeps a worker from other certificates for longer is logged for itself. */
const REKEY_MS = 5000;

/** What the pool decides of one worker. */
export type WorkerAction = Extract<Action, { readonly age: number }>;

const UNKNOWN: ChildFacts = {
  pid: undefined,
  flight: undefined,
  look: undefined,
  explained: false,
};

export class Processes {
  readonly #options: ProcessesOptions;
  readonly #common: Common;
  readonly #starter: Starter;
  readonly #workers = new Map<number, WorkerProcess>();
  /** Workers that are to be started once it is known what is added to them. */
  readonly #pending = new Map<number, SpawnOrder>();
  readonly recordings: Recordings;
  readonly requests: RequestLists;
  readonly #rekeys: Questions<RekeyedMessage>;

  constructor(options: ProcessesOptions) {
    this.#options = options;
    this.recordings = new Recordings({
      runtime: options.runtime,
      send: (age, message) => this.send(age, message),
      hold: (age, held) => options.onEvent({ type: "hold", age, held }),
    });
    const { clock } = options.runtime;
    const send = (age: number, message: ArbiterMessage) =>
      this.send(age, message);
    this.requests = new RequestLists({ clock, send });
    this.#rekeys = new Questions({ clock, send, waitMs: REKEY_MS });
    this.#common = {
      ...options,
      boots: new Boots(options),
      failures: new FailureLog(options.log),
      recordings: this.recordings,
      requests: this.requests,
      rekeys: this.#rekeys,
      standing: new StandingOrders(),
    };
    this.#starter = new Starter(options);
  }

  /** A worker whose process was started and has not ended. */
  find(age: number): WorkerProcess | undefined {
    return this.#workers.get(age);
  }

  factsOf(age: number): ChildFacts {
    return this.find(age)?.facts ?? UNKNOWN;
  }

  /** Does what was decided of a worker; whatever becomes of it is an event. */
  carryOut(action: WorkerAction): void {
    const { age } = action;
    switch (action.type) {
      case "spawn": {
        const number = action.generation;
        const generation = this.#options.generationOf(number);
        return this.#spawn({ ...action, number, generation });
      }
      case "open":
      case "release":
        return this.send(age, { type: action.type, queue: action.queue });
      case "examine":
        return this.find(age)?.examine(action.stack);
      case "drain": {
        const { withinMs, last, cut } = action;
        this.recordings.draining(age);
        return this.send(age, {
          type: "drain",
          ...(withinMs !== undefined && { withinMs }),
          ...(last && { last }),
          ...(cut && { cut }),
        });
      }
      case "quit":
        return this.#quit(age, action.gently);
      case "abort":
        return this.#signal(age, "SIGABRT");
      case "kill":
        return this.#signal(age, "SIGKILL");
    }
  }

  send(age: number, message: ArbiterMessage): void {
    this.find(age)?.send(message);
  }

  /** Tells every worker. */
  sendAll(message: ArbiterMessage): void {
    for (const worker of this.#workers.values()) worker.send(message);
  }

  /**
   * Tells those of generations that have these certificates; each that is to come
   * is told what they are by then. Calls `done` once they speak with them, or
   * seem not to.
   */
  rekey(kept: KeptCertificates, done?: () => void): void {
    const ages = [...this.#workers.values()]
      .filter(({ order }) => order.generation.tls?.kept === kept)
      .map(({ order }) => order.age);
    const { material } = kept;
    this.#rekeys.ask(
      ages,
      (id) => ({ type: "tls", id, material }),
      () => done?.(),
    );
  }

  /** Has workers tell figures each `everyMs` from now on, those to come as well; 0 for not at all. */
  tellFigures(user: FigureUser, everyMs: number): void {
    const message = this.#common.standing.tellFigures(user, everyMs);
    if (message !== undefined) this.#sendReady(message);
  }

  /** Has them tell figures now, beside those of each period. */
  askFigures(): void {
    this.#sendReady(this.#common.standing.figure());
  }

  #sendReady(message: ArbiterMessage): void {
    for (const worker of this.#workers.values()) {
      if (worker.ready) worker.send(message);
    }
  }

  /** A worker was blocked, and others may be: they get ready to tell where, unless that is asked for never. */
  watchAll(): void {
    const message = this.#common.standing.watch();
    if (message !== undefined) this.sendAll(message);
  }

  /** Lets a failure be shown that was shown before. */
  forgetFailure(): void {
    this.#common.failures.forget();
  }

  #spawn(order: SpawnOrder): void {
    const added = this.#options.prepare?.(order) ?? {};
    if (!(added instanceof Promise)) return this.#start(order, added);
    this.#pending.set(order.age, order);
    void added.then((added) => {
      // It may have been given up meanwhile.
      if (this.#pending.delete(order.age)) this.#start(order, added);
    });
  }

  #start(order: SpawnOrder, additions: WorkerAdditions): void {
    const { age } = order;
    try {
      const started = this.#starter.start(order, {
        additions,
        inspectorPorts: [...this.#workers.values()].map((worker) =>
          worker.inspectorPort
        ),
        events: {
          onMessage: (message) => this.find(age)?.receive(message),
          onOverlong: () => {
            this.find(age)?.overlong();
            this.#signal(age, "SIGKILL");
          },
          onExit: (exit) => this.#bury(age, exit),
        },
      });
      this.#workers.set(age, new WorkerProcess(started, this.#common));
    } catch (cause) {
      const error = cause instanceof Error ? cause : new Error(String(cause));
      this.#options.onEvent({ type: "exited", age, exit: { error } });
    }
  }

  /** By message, and by signal unless it is gently: a worker that still loads its app reads no messages. */
  #quit(age: number, gently: boolean): void {
    if (this.#giveUp(age, "SIGQUIT")) return;
    if (gently) return this.send(age, { type: "quit", unlessOpen: true });
    this.send(age, { type: "quit" });
    this.find(age)?.signal("SIGQUIT");
  }

  #signal(age: number, signal: "SIGABRT" | "SIGKILL"): void {
    if (this.#giveUp(age, signal)) return;
    const worker = this.find(age);
    if (worker === undefined || worker.signal(signal)) return;
    if (signal === "SIGKILL") this.#abandon(age);
  }

  /** Gives up a worker that is not started yet. */
  #giveUp(age: number, signal: string): boolean {
    if (!this.#pending.delete(age)) return false;
    this.#options.onEvent({ type: "exited", age, exit: { signal } });
    return true;
  }

  /** No wait may depend on a process that cannot be ended: it counts as gone, and leaves once it reads its messages. */
  #abandon(age: number): void {
    this.send(age, { type: "quit" });
    this.#bury(age, { abandoned: true });
  }

  #bury(age: number, exit: Exit): void {
    this.recordings.exited(age);
    this.requests.exited(age);
    this.#rekeys.exited(age);
    const worker = this.find(age);
    worker?.ended();
    const { failure } = worker ?? {};
    this.#options.onEvent({
      type: "exited",
      age,
      exit: { ...exit, ...failure !== undefined && { failure } },
    });
    this.#workers.delete(age);
  }
}

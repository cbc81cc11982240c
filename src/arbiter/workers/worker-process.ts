/** One worker's process: what it says, and what is known of it. */
import { messageOf } from "../../base/errors.ts";
import { createMark } from "../../exchange/flight-record.ts";
import type { FlightRecord } from "../../exchange/flight-record.ts";
import type { ErrorLog } from "../../log/error/error-log.ts";
import { readLook } from "../../protocol/look.ts";
import { exitCodeOf } from "../../protocol/messages.ts";
import type {
  ArbiterMessage,
  BeatMessage,
  FailedMessage,
  FiguresMessage,
  MetricsMessage,
  RekeyedMessage,
  WorkerMessage,
} from "../../protocol/messages.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { Generation } from "../generations/generation.ts";
import type { Sight } from "../../exchange/sight.ts";
import type { ChildFacts } from "../telling/child-facts.ts";
import type { PoolEvent } from "../pool/state.ts";
import type { Boots } from "./boots.ts";
import { Examination } from "./examination.ts";
import type { FailureLog } from "./failure-log.ts";
import { Hearing } from "./hearing.ts";
import type { Questions } from "./questions.ts";
import type { Recordings } from "./recordings.ts";
import type { RequestLists } from "./request-lists.ts";
import type { SpawnOrder, StartedWorker } from "./spawn-order.ts";
import type { StandingOrders } from "./standing-orders.ts";
import type { StartedProcess } from "./starter.ts";

/** Who takes what workers say. */
export interface Takers {
  /** Takes what a worker tells of itself. */
  onFigures?(order: SpawnOrder, figures: FiguresMessage): void;
  /** Takes the app's own metrics of a worker. */
  onMetrics?(order: SpawnOrder, metrics: MetricsMessage): void;
  /** Takes what a worker says or does. */
  onEvent(event: PoolEvent): void;
}

/** What all workers' processes have in common. */
export interface Common extends Takers {
  readonly runtime: Runtime;
  readonly log: ErrorLog;
  readonly boots: Boots;
  readonly failures: FailureLog;
  readonly recordings: Recordings;
  readonly requests: RequestLists;
  readonly rekeys: Questions<RekeyedMessage>;
  readonly standing: StandingOrders;
}

export class WorkerProcess implements StartedWorker {
  readonly #started: StartedProcess;
  readonly #common: Common;
  readonly #examination: Examination;
  readonly #hearing = new Hearing((text) => this.#log("warning", text));
  #beat: BeatMessage | undefined;
  #ready = false;
  /** For how long the arbiter had stood still at its last sign of life. */
  #lost = 0;
  /** Why it failed, as it says itself. */
  #failure: FailedMessage | undefined;

  constructor(started: StartedProcess, common: Common) {
    this.#started = started;
    this.#common = common;
    const { runtime } = common;
    this.#examination = new Examination({
      runtime,
      mark: createMark(runtime.random),
    });
  }

  get order(): SpawnOrder {
    return this.#started.order;
  }

  get pid(): number | undefined {
    return this.#started.child.pid;
  }

  /** Where its debugger attaches. */
  get inspectorPort(): number | undefined {
    return this.#started.inspectorPort;
  }

  /** True once it has been ready. */
  get ready(): boolean {
    return this.#ready;
  }

  /** What corn exits with for why it could not boot, where it has said so. */
  get failure(): number | undefined {
    return this.#failure && exitCodeOf(this.#failure);
  }

  /** Requests answered and open, by the last beat. */
  get counts(): { requests: number; open: number } {
    const { requests = 0, open = 0 } = this.#beat ?? {};
    return { requests, open };
  }

  get facts(): ChildFacts {
    const { message = "", stack = "" } = this.#failure ?? {};
    return {
      pid: this.pid,
      flight: this.#examination.flight,
      look: this.#examination.current,
      explained: this.#failure !== undefined,
      failure: this.#failure && { message, stack },
      blind: blindness(this.order.generation),
    };
  }

  send(message: ArbiterMessage): void {
    this.#started.child.send(message);
  }

  /** False where it cannot be sent. */
  signal(signal: "SIGABRT" | "SIGKILL" | "SIGQUIT"): boolean {
    try {
      this.#started.child.kill(signal);
      return true;
    } catch (error) {
      const name = `worker ${this.order.slot} (pid ${this.pid})`;
      this.#common.log.error(
        `Cannot send ${signal} to ${name}: ${messageOf(error)}`,
      );
      return false;
    }
  }

  /** It has sent a line that is longer than any message, and is killed. */
  overlong(): void {
    this.#log(
      "error",
      "sent a line that is longer than any message: killing it",
    );
  }

  /** It is gone. */
  ended(): void {
    const { ignored } = this.#hearing;
    if (ignored <= 1) return;
    this.#log("warning", `sent ${ignored} messages not heeded in all`);
  }

  /** Looks at it while it is silent; at where it stands where `stack` is true. */
  examine(stack: boolean): void {
    if (this.pid !== undefined) this.#examination.look(this.pid, stack);
  }

  /** Looks at it while it is blocked. */
  async lookNow(): Promise<Sight | undefined> {
    if (this.pid === undefined) return undefined;
    return await this.#examination.lookNow(this.pid);
  }

  /** What it has in hand while it may be blocked; undefined where that cannot be known. */
  async findFlight(): Promise<FlightRecord | undefined> {
    if (this.pid === undefined) return undefined;
    return await this.#examination.findFlight(this.pid);
  }

  /** What was seen of it while it was blocked, before its last beat. */
  pastSight(): Promise<Sight> {
    return this.#examination.past();
  }

  /** Takes what came from it. */
  receive(value: unknown): void {
    const message = this.#hearing.take(value);
    if (message !== undefined) this.#heed(message);
  }

  /** For how long the arbiter has stood still since its last sign of life. */
  #stoodStill(): number {
    const { clock } = this.#common.runtime;
    const before = this.#lost;
    clock.lived();
    this.#lost = clock.lost();
    return this.#lost - before;
  }

  #heed(message: WorkerMessage): void {
    const { boots, log, recordings, standing } = this.#common;
    const { order, pid } = this;
    const { age } = order;
    switch (message.type) {
      case "hello": {
        const text = boots.greeted(message.corn);
        if (text !== undefined) log.warning(text);
        return this.send(boots.message(this.#started, this.#examination.mark));
      }
      case "ready":
        this.#ready = true;
        this.#stoodStill();
        boots.proved(order.generation);
        for (const one of standing.messages()) this.send(one);
        return this.#common.onEvent({ type: "ready", age });
      case "beat": {
        const { busy } = message;
        this.#beat = message;
        // A pause of the machine, or of a container, stops all.
        const pausedMs = this.#stoodStill();
        const blockedMs = Math.max(0, (message.blockedMs ?? 0) - pausedMs);
        this.#examination.heard(readLook(message.look));
        return this.#common.onEvent({ type: "beat", age, busy, blockedMs });
      }
      case "recycle":
        return this.#common.onEvent({ ...message, age });
      case "watching":
        this.#examination.watched = true;
        return;
      case "recorded":
        return recordings.recorded(age, message.id, message.error || undefined);
      case "debugger":
        // At the one that a person uses it is left alone.
        if (this.inspectorPort === undefined) {
          this.#examination.debuggerUrl = message.url;
        }
        return;
      case "closed":
        return this.#common.onEvent({ type: "closed", age });
      case "metrics":
        return this.#common.onMetrics?.(order, message);
      case "requests":
        return this.#common.requests.take(age, message);
      case "rekeyed":
        return this.#common.rekeys.take(age, message);
      case "figures":
        return this.#common.onFigures?.(order, message);
      case "log":
        return message.exception
          ? log.exception(message.text, pid)
          : log.log(message.level, message.text, pid);
      case "access":
        return log.access(message.text);
      case "failed":
        this.#failure = message;
        return this.#common.failures.tell(this.#failure);
    }
  }

  /** Says of it what it did. */
  #log(level: "warning" | "error", text: string): void {
    this.#common.log.log(
      level,
      `Worker ${this.order.slot} (pid ${this.pid}) ${text}`,
    );
  }
}

/** What a generation's workers run on, where nothing tells where a loop is blocked that does not come back. */
function blindness({ release, config }: Generation): string | undefined {
  const asked = config.settings.blockStack !== "off";
  return asked && release.runtime === "bun" ? "Bun" : undefined;
}

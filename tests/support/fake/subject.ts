/** A running corn that does nothing and remembers what it was told to do. */
import type { Config } from "../../../src/config/table/types.ts";
import type { AdminSource } from "../../../src/control/admin/routes.ts";
import type {
  BlockedFacts,
  CanaryFacts,
  PoolFacts,
  RecordWish,
  RequestFacts,
  Subject,
  WorkerFacts,
} from "../../../src/control/subject.ts";
import { FakeClock } from "./clock.ts";

const NEVER = new Promise<never>(() => {});

/** A worker that serves. */
export function servingWorker(
  slot: number,
  other: Partial<WorkerFacts> = {},
): WorkerFacts {
  return {
    slot,
    pid: 100 + slot,
    age: slot,
    generation: 1,
    state: "ready",
    stateMs: 1000,
    requests: 7,
    open: 0,
    silentMs: 100,
    live: undefined,
    ...other,
  };
}

export class FakeSubject implements Subject {
  readonly version = "0.0.0";
  readonly runtime = { name: "node", version: "24.0.0" };
  pid = 99;
  readonly config: Config;
  readonly clock: FakeClock;
  readonly orders: string[] = [];
  /** How the pool stands. */
  pool: PoolFacts = {
    state: "serving",
    generation: 1,
    wanted: 2,
    ranged: true,
    range: { min: 1, max: 4 },
    rollout: undefined,
    certificates: [],
    listeners: [{ address: "http://127.0.0.1:8000", queues: [] }],
    waiting: 0,
    workers: [servingWorker(1), servingWorker(2)],
    tasks: [],
    live: undefined,
    arbiter: { cpu: null, rssBytes: 5e7 },
  };
  open: readonly RequestFacts[] = [];
  /** The canary that is judged. */
  judged: CanaryFacts | undefined;
  /** What comes of orders that take their time; one that is left out never ends. */
  readonly outcomes: {
    reload?: Promise<void>;
    stop?: Promise<void>;
    stack?: Promise<BlockedFacts | undefined>;
    record?: Promise<string>;
    upgrade?: Promise<number>;
  } = {};

  constructor(config: Config, clock: FakeClock = new FakeClock()) {
    this.config = config;
    this.clock = clock;
  }

  now(): number {
    return this.clock.now();
  }

  date(): Date {
    return this.clock.date();
  }

  after(ms: number, run: () => void): { close(): void } {
    return this.clock.after(ms, run);
  }

  facts(): PoolFacts {
    return this.pool;
  }

  /** Changes how the pool stands. */
  set(change: Partial<PoolFacts>): void {
    this.pool = { ...this.pool, ...change };
  }

  readonly admin: AdminSource = {
    metrics: () => Promise.resolve("x 1\n"),
    health: () => ({ pool: undefined, readyWorkers: 1 }),
  };

  look(): Promise<void> {
    return Promise.resolve();
  }

  requests(query: boolean): Promise<readonly RequestFacts[]> {
    return Promise.resolve(
      query
        ? this.open.map((one) => ({ ...one, path: `${one.path}?secret` }))
        : this.open,
    );
  }

  #order<Answer>(what: string, answer: Answer): Answer {
    this.orders.push(what);
    return answer;
  }

  reload(how: object): Promise<void> {
    const { reload = NEVER } = this.outcomes;
    return this.#order(`reload ${JSON.stringify(how)}`, reload);
  }

  canary(): CanaryFacts | undefined {
    return this.judged;
  }

  stop(mode: string): Promise<void> {
    return this.#order(`stop ${mode}`, this.outcomes.stop ?? NEVER);
  }

  scale(to: number | "auto"): void {
    this.#order(`scale ${to}`, undefined);
    if (to !== "auto") this.set({ wanted: to });
  }

  reopen(): readonly string[] {
    this.#order("reopen", undefined);
    return [];
  }

  recycle(age: number, how: string): void {
    this.#order(`${how} ${age}`, undefined);
  }

  kill(age: number): void {
    this.#order(`kill ${age}`, undefined);
  }

  stackOf(age: number): Promise<BlockedFacts | undefined> {
    return this.#order(`stack ${age}`, this.outcomes.stack ?? NEVER);
  }

  record(age: number, wish: RecordWish): Promise<string> {
    const { what, ms, drain, thread } = wish;
    const { record = NEVER } = this.outcomes;
    const which = thread === undefined ? "" : ` thread ${thread}`;
    return this.#order(`${what} ${age} ${ms} ${drain}${which}`, record);
  }

  forgoRecord(age: number): void {
    this.#order(`forgo ${age}`, undefined);
  }

  upgrade(): Promise<number> {
    return this.#order("upgrade", this.outcomes.upgrade ?? NEVER);
  }
}

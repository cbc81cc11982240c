/** A running corn that does nothing and remembers what it was told to do. */
import type { Config } from "../../../src/config/table/types.ts";
import type { AdminSource } from "../../../src/control/admin/routes.ts";
import type {
  PoolFacts,
  RecordWish,
  Subject,
  WorkerFacts,
} from "../../../src/control/subject.ts";

const NEVER = new Promise<never>(() => {});

function worker(slot: number): WorkerFacts {
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
  };
}

export class FakeSubject implements Subject {
  readonly version = "0.0.0";
  readonly runtime = { name: "node", version: "24.0.0" };
  readonly pid = 99;
  readonly config: Config;
  readonly orders: string[] = [];

  constructor(config: Config) {
    this.config = config;
  }

  now(): number {
    return 0;
  }

  date(): Date {
    return new Date(0);
  }

  after(): { close(): void } {
    return { close() {} };
  }

  facts(): PoolFacts {
    return {
      state: "serving",
      generation: 1,
      wanted: 2,
      ranged: true,
      range: { min: 1, max: 4 },
      rollout: undefined,
      listeners: [{ address: "http://127.0.0.1:8000", queues: [] }],
      waiting: 0,
      workers: [worker(1), worker(2)],
      tasks: [],
      live: undefined,
      arbiter: { cpu: null, rssBytes: 5e7 },
    };
  }

  readonly admin: AdminSource = {
    metrics: () => Promise.resolve("x 1\n"),
    health: () => ({ pool: undefined, readyWorkers: 1 }),
  };

  look(): Promise<void> {
    return Promise.resolve();
  }

  requests(): Promise<never[]> {
    return Promise.resolve([]);
  }

  #order<Answer>(what: string, answer: Answer): Answer {
    this.orders.push(what);
    return answer;
  }

  reload(how: object): Promise<never> {
    return this.#order(`reload ${JSON.stringify(how)}`, NEVER);
  }

  canary(): undefined {
    return undefined;
  }

  stop(mode: string): Promise<never> {
    return this.#order(`stop ${mode}`, NEVER);
  }

  scale(to: number | "auto"): void {
    this.#order(`scale ${to}`, undefined);
  }

  reopen(): void {
    this.#order("reopen", undefined);
  }

  recycle(age: number, how: string): void {
    this.#order(`${how} ${age}`, undefined);
  }

  kill(age: number): void {
    this.#order(`kill ${age}`, undefined);
  }

  stackOf(age: number): Promise<never> {
    return this.#order(`stack ${age}`, NEVER);
  }

  record(age: number, { what, ms, drain }: RecordWish): Promise<never> {
    return this.#order(`${what} ${age} ${ms} ${drain}`, NEVER);
  }

  upgrade(): Promise<never> {
    return this.#order("upgrade", NEVER);
  }
}

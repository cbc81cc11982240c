/** What can be read of a running pool: its workers, its addresses and what waits there. */
import type { OpenRequest } from "../exchange/open-request.ts";
import type { WorkerStatus } from "../hooks/types.ts";
import { OLDEST } from "../protocol/messages.ts";
import type { BlockedThread } from "../protocol/messages.ts";
import type { Clock, RuntimeName } from "../runtime/runtime.ts";
import type { QueueNow } from "../telemetry/pool-now.ts";
import type { ServedCertificate } from "./certificates/material.ts";
import type { Generations, ListenerNow } from "./generations/generations.ts";
import type { Loop } from "./loop/loop.ts";
import { findOpenRequests, readFlight } from "./open-requests.ts";
import type { OpenNow } from "./open-requests.ts";
import { describeStack, describeThreads } from "./telling/blocked-text.ts";
import type { Sight } from "../exchange/sight.ts";
import type { Child, PoolState } from "./pool/state.ts";
import { nameWorker } from "./telling/wording.ts";
import type { TaskPoolStatus } from "./tasks/task-pool.ts";
import type { TaskPools } from "./tasks/task-pools.ts";
import type { Processes } from "./workers/processes.ts";

/** So long may a worker be silent that is at work, or at rest. */
const BLOCKED_BUSY_MS = 600;
const BLOCKED_IDLE_MS = 2000;
/** Questions, of 300 ms each, until one that rests must have been heard of. */
const STACK_TRIES = 8;

/** Where a worker is blocked. */
export interface Blocked extends Omit<Sight, "waiting"> {
  readonly ms: number;
  /** In words. */
  readonly text: string;
  /** The thread that is; undefined where the worker is one alone. */
  readonly thread?: number;
}

export interface PoolViewParts {
  readonly clock: Clock;
  readonly generations: Generations;
  readonly loop: Loop;
  readonly processes: Processes;
  readonly tasks: Pick<TaskPools, "status">;
}

export class PoolView {
  readonly #parts: PoolViewParts;

  constructor(parts: PoolViewParts) {
    this.#parts = parts;
  }

  /** The state of the pool; undefined before the start. */
  get state(): PoolState | undefined {
    return this.#parts.loop.pool;
  }

  /** How many workers there are to be; undefined before the start. */
  get size(): number | undefined {
    return this.state?.wanted;
  }

  /** The number of the generation that serves. */
  get generation(): number {
    return this.state?.generation ?? 1;
  }

  /** The addresses in use. */
  addresses(): string[] {
    return this.#parts.generations.addressesOf(this.generation);
  }

  /** Connections that wait to be accepted over TCP; undefined where the system does not tell. */
  backlog(): number | undefined {
    return this.#parts.generations.backlog(this.generation);
  }

  /** Connections that wait in each queue of what is served; empty where the system does not tell. */
  queues(): QueueNow[] {
    return this.#parts.generations.queues(this.generation);
  }

  /** The certificates in use; none where no TLS is spoken. */
  certificates(): readonly ServedCertificate[] {
    return this.#parts.generations.certificatesOf(this.generation);
  }

  /** The addresses in use, with what waits in their queues. */
  listeners(): ListenerNow[] {
    return this.#parts.generations.listenersOf(this.generation);
  }

  /** Which requests are open in all workers, the oldest first; with their queries where that is asked for. */
  openRequests(query: boolean): Promise<OpenNow[]> {
    const { clock, processes } = this.#parts;
    return findOpenRequests({
      children: this.state?.children ?? [],
      processes,
      lived: () => clock.lived(),
      query,
    });
  }

  /** The oldest requests of a worker that is silent, by what was seen of its memory. */
  openIn(age: number, silentMs: number): OpenRequest[] {
    const { flight } = this.#parts.processes.factsOf(age);
    return readFlight(flight, silentMs).slice(0, OLDEST)
      .map(({ method, path, ms }) => ({ method, path, ms }));
  }

  /** What the workers of the generation that serves run on. */
  workerRuntime(): RuntimeName {
    return this.#parts.generations.get(this.generation).release.runtime;
  }

  workers(): WorkerStatus[] {
    const { processes } = this.#parts;
    return (this.state?.children ?? []).map(
      ({ age, slot, generation, phase }) => {
        const worker = processes.find(age);
        return {
          slot,
          pid: worker?.pid,
          generation,
          phase,
          ...worker?.counts ?? { requests: 0, open: 0 },
        };
      },
    );
  }

  /** The pools of tasks of the generation that serves. */
  tasks(): TaskPoolStatus[] {
    return this.#parts.tasks.status(this.generation);
  }

  /** The slot of the worker whose process has this id. */
  slotOf(pid: number): number | undefined {
    const { processes } = this.#parts;
    return this.state?.children
      .find(({ age }) => processes.find(age)?.pid === pid)?.slot;
  }

  /** Looks at where a worker is blocked; undefined where it is not. */
  async stackOf(age: number): Promise<Blocked | undefined> {
    const { clock, processes } = this.#parts;
    // One that says nothing may have been blocked just now, or be slow to answer.
    for (let tries = 0; tries < STACK_TRIES; tries++) {
      const child = this.state?.children.find((one) => one.age === age);
      if (child === undefined) return undefined;
      const ms = silenceOf(child, clock.lived());
      if (ms > 0) return await this.#lookAt(child, ms);
      const said = (await processes.requests.list([age], false)).get(age);
      const name = nameWorker(child, processes.factsOf(age));
      if (said !== undefined) return blockedThread(said.blocked ?? [], name);
    }
    return undefined;
  }

  /** For how long a worker has been blocked; 0 where it need not have beaten yet. */
  blockedMs(age: number): number {
    const child = this.state?.children.find((one) => one.age === age);
    return child === undefined
      ? 0
      : silenceOf(child, this.#parts.clock.lived());
  }

  /** Sees where a worker stands that has been silent for so long. */
  async #lookAt(child: Child, ms: number): Promise<Blocked> {
    const { processes } = this.#parts;
    const sight = await processes.find(child.age)?.lookNow();
    processes.watchAll();
    const facts = processes.factsOf(child.age);
    const text = describeStack({ child, ms }, { facts, sight });
    return { ms, text, by: sight?.by, frames: sight?.frames ?? [] };
  }
}

/** Where threads of a worker are blocked whose process is not; undefined where none is. */
function blockedThread(
  threads: readonly BlockedThread[],
  worker: string,
): Blocked | undefined {
  const [longest] = threads;
  if (longest === undefined) return undefined;
  const { thread, ms, by, frames = [] } = longest;
  return { thread, ms, text: describeThreads(threads, worker), by, frames };
}

/** How long one has been silent by now; 0 where it need not have beaten yet. */
function silenceOf({ lastBeat, busy }: Child, now: number): number {
  const ms = now - lastBeat;
  return ms < (busy ? BLOCKED_BUSY_MS : BLOCKED_IDLE_MS) ? 0 : ms;
}

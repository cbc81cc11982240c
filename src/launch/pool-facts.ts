/** The pool as the control socket tells of it. */
import type { Arbiter } from "../arbiter/arbiter.ts";
import type { Onlookers } from "../arbiter/onlookers.ts";
import type { Child, PoolState } from "../arbiter/pool/state.ts";
import type {
  PoolFacts,
  RequestFacts,
  RolloutFacts,
} from "../control/subject.ts";
import type { LiveWorker } from "../telemetry/live-figures.ts";

export function factsOf(
  arbiter: Arbiter,
  live: Onlookers,
  lived: number,
): PoolFacts {
  const { view } = arbiter;
  const pool = view.state;
  const counts = view.workers();
  const listeners = view.listeners();
  const queues = listeners.flatMap((listener) => listener.queues);
  const workers = (pool?.children ?? []).map((child, at) => ({
    slot: child.slot,
    pid: counts[at]?.pid,
    age: child.age,
    generation: child.generation,
    state: workerState(child),
    stateMs: Math.max(0, lived - child.since),
    requests: counts[at]?.requests ?? 0,
    open: counts[at]?.open ?? 0,
    silentMs: Math.max(0, lived - child.lastBeat),
    live: liveOf(arbiter, live, { child, lived }),
  }));
  return {
    state: stateOf(pool, arbiter.stopping),
    generation: view.generation,
    wanted: view.size ?? 0,
    ranged: pool?.range !== undefined,
    range: pool?.range && { min: pool.range.min, max: pool.range.max },
    rollout: pool && rolloutOf(pool, lived),
    listeners,
    certificates: view.certificates().map(({ name, file, until }) => ({
      ...{ name, file },
      until: until.toISOString(),
    })),
    waiting: queues.length === 0
      ? null
      : queues.reduce((sum, { waiting }) => sum + waiting, 0),
    workers,
    live: workers.some((worker) => worker.live !== undefined)
      ? live.all()
      : undefined,
    arbiter: live.arbiter(),
    tasks: view.tasks(),
  };
}

/** How a worker is doing; of one that is late what its memory says. */
function liveOf(
  arbiter: Arbiter,
  live: Onlookers,
  { child, lived }: { readonly child: Child; readonly lived: number },
): LiveWorker | undefined {
  const told = live.of(child.age);
  if (told === undefined || !child.late) return told;
  const silentMs = Math.round(lived - child.lastBeat);
  return {
    ...told,
    lagMs: Math.max(told.lagMs, silentMs),
    oldest: arbiter.view.openIn(child.age, silentMs),
  };
}

/** The requests that are open in all workers. */
export async function requestsOf(
  arbiter: Arbiter,
  query: boolean,
): Promise<RequestFacts[]> {
  const open = await arbiter.view.openRequests(query);
  const workers = new Map(
    arbiter.view.workers().map(({ slot, pid, generation }, at) => [
      arbiter.view.state?.children[at]?.age,
      { slot, pid: pid ?? null, generation },
    ]),
  );
  return open.flatMap(({ age, client = null, running: _, ...request }) => {
    const worker = workers.get(age);
    // It may be gone by now.
    return worker === undefined
      ? []
      : [{ ...request, client, worker: { ...worker, age } }];
  });
}

function rolloutOf(pool: PoolState, lived: number): RolloutFacts | undefined {
  const { rollout, children } = pool;
  if (rollout === undefined) return undefined;
  const { generation, wanted, startedAt, canary } = rollout;
  return {
    generation,
    ready:
      children.filter((one) =>
        one.generation === generation && one.phase === "ready"
      ).length,
    wanted,
    ms: Math.max(0, lived - startedAt),
    canary: canary !== undefined,
  };
}

function stateOf(
  pool: PoolState | undefined,
  stopping: boolean,
): PoolFacts["state"] {
  if (stopping) return "stopping";
  if (pool === undefined || !pool.everReady) return "starting";
  if (pool.paused) return "paused";
  return pool.rollout === undefined && pool.conclusion === undefined
    ? "serving"
    : "reloading";
}

function workerState(
  { phase, late }: Child,
): PoolFacts["workers"][number]["state"] {
  return phase === "ready" && late ? "late" : phase;
}

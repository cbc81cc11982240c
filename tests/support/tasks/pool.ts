/** A pool of tasks in this process: its engine, and a client over its socket. */
import { join } from "node:path";
import { taskMachine } from "../../../adapters/shared/tasks.ts";
import { servingRuntime } from "../../../adapters/mod.ts";
import { Inflight } from "../../../src/gateway/call/inflight.ts";
import type { Engine, Listener } from "../../../src/runtime/runtime.ts";
import type { ServingRuntime } from "../../../src/runtime/serving.ts";
import { createClient } from "../../../src/tasks/client.ts";
import type { TaskClient } from "../../../src/tasks/types.ts";
import { createTaskEngine } from "../../../src/worker/tasks/engine.ts";
import type { Lab } from "../promise.ts";

export const runtime: ServingRuntime = await servingRuntime();

/** What node:net was given must not be closed twice. */
const kept: Listener[] = [];

export interface OpenPool<Module> extends AsyncDisposable {
  readonly client: TaskClient<Module>;
  /** Another process' client, so to speak. */
  otherClient(): TaskClient<Module>;
  /** How many connections all clients have made. */
  readonly connections: () => number;
  /** Whether it would take another connection. */
  readonly accepting: () => boolean;
  readonly engine: Engine;
  readonly path: string;
  readonly inflight: Inflight;
  /** What it says of tasks that do not end. */
  readonly stuck: readonly string[];
}

export interface PoolQuery {
  readonly timeoutMs?: number;
  readonly cancelMs?: number;
  readonly backlog?: number;
  /** Calls of one client that may wait, any number unless given. */
  readonly most?: number;
  /** False to let calls wait. */
  readonly serves?: boolean;
  /** True where no time passes for a call that waits: a busy machine may stop this process for longer than one may take to begin. */
  readonly timeless?: boolean;
}

/** Opens one with a module's tasks. */
export async function openPool<Module extends object>(
  lab: Lab,
  module: Module,
  query: PoolQuery = {},
): Promise<OpenPool<Module>> {
  const { most = 1e6 } = query;
  const { timeoutMs = 0, cancelMs = 200, backlog = 16, serves = true } = query;
  const { timeless = false } = query;
  const monotonic = timeless ? () => 0 : undefined;
  const clock = { ...runtime.clock, ...monotonic && { monotonic } };
  const path = join(lab.folder, "tasks.sock");
  lab.forgive(path);
  const listener = await runtime.listen({ kind: "unix", path }, {
    queues: 1,
    reusePort: false,
    backlog,
    unixMode: 0o600,
  });
  const inflight = new Inflight(() => clock.now());
  const stuck: string[] = [];
  const transport = await runtime.loadTransport("tasks");
  let accepting = serves;
  const engine = createTaskEngine({
    pool: "pool",
    module: module as Readonly<Record<string, unknown>>,
    transport: {
      ...transport,
      async listen(source, options) {
        const listener = await transport.listen(source, options);
        const accept = (on: boolean) => {
          const may = listener.accept(on);
          if (may) accepting = on;
          return may;
        };
        return { ...listener, accept };
      },
    },
    clock,
    inflight,
    backlog,
    timeoutMs,
    cancelMs,
    maxTasks: 0,
    onLimit() {},
    onBusy() {},
    onStuck: (task) => void stuck.push(task),
  });
  const descriptor = listener.queues[0] as number;
  await engine.open({
    kind: "descriptor",
    descriptor,
    address: listener.address,
  });
  if (!serves) engine.release(descriptor);
  let connections = 0;
  const otherClient = () =>
    createClient<Module>("pool", {
      ...taskMachine,
      clock: { ...taskMachine.clock, ...monotonic && { monotonic } },
      env: () => JSON.stringify({ pool: { path, most } }),
      connect(to, events) {
        connections++;
        return taskMachine.connect(to, events);
      },
    });
  return {
    client: otherClient(),
    otherClient,
    connections: () => connections,
    accepting: () => accepting,
    engine,
    path,
    inflight,
    stuck,
    [Symbol.asyncDispose]() {
      engine.close();
      kept.push(listener);
      return Promise.resolve();
    },
  };
}

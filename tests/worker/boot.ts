import type { BootMessage } from "../../src/protocol/messages.ts";
import type { TasksPlan, WorkerPlan } from "../../src/protocol/worker-plan.ts";
import type { HookSource } from "../../src/hooks/source.ts";
import { defaultLimits } from "../../src/http/h1/limits.ts";

type Slices = {
  readonly [Slice in keyof WorkerPlan]?: Partial<WorkerPlan[Slice]>;
};

/** The boot message of a worker of `app.ts` with one queue, apart from what is given. */
export function bootOf(
  given: Partial<Omit<BootMessage, "plan">> & { readonly plan?: Slices } = {},
): BootMessage {
  return {
    type: "boot",
    check: false,
    runtime: "node",
    slot: 1,
    age: 1,
    generation: 1,
    tells: true,
    listeners: [{
      address: { kind: "tcp", host: "127.0.0.1", port: 8000 },
      descriptors: [4],
    }],
    proofMs: 0,
    served: false,
    queue: 0,
    dev: false,
    ...given,
    plan: planOf(given.plan),
  };
}

/** The plan of such a worker, apart from what is given of a slice. */
export function planOf(given: Slices = {}): WorkerPlan {
  return {
    workerClass: {
      name: "async",
      everyQueue: false,
      threads: 0,
      ...given.workerClass,
    },
    app: {
      text: "app.ts",
      url: "file:///srv/app.ts",
      gateway: "auto",
      allowListen: [],
      ...given.app,
    },
    http: {
      engine: "native",
      lightResponse: true,
      limits: defaultLimits,
      serving: { keepAliveMs: 5000, backlog: 2048, unixMode: 0o660 },
      ...given.http,
    },
    limits: {
      requestTimeoutMs: 0,
      workerConnections: 0,
      maxQueue: 0,
      maxQueueTimeMs: 0,
      maxBody: 0,
      ...given.limits,
    },
    folders: given.folders as WorkerPlan["folders"] ?? [],
    sockets: {
      drainMs: 5000,
      most: 0,
      mostBytes: 16 * 1024 * 1024,
      pingMs: 30_000,
      ...given.sockets,
    },
    proxies: {
      forwarding: {
        allow: [],
        hops: 1,
        headers: [],
        secureSchemes: {},
        unbelieved: "keep",
      },
      basePath: "",
      ...given.proxies,
    },
    logs: { ...given.logs },
    telemetry: { ...given.telemetry },
    process: { ...given.process },
    ...given.hooks && { hooks: given.hooks as HookSource },
    ...given.tasks && { tasks: given.tasks as TasksPlan },
    recycle: {
      maxRequests: 0,
      maxLifetimeMs: 0,
      maxMemory: 0,
      maxMemoryHard: 0,
      ...given.recycle,
    },
    life: {
      gracefulMs: 30_000,
      idleBeatMs: 1000,
      listenMs: 54_000,
      blockStack: "off",
      lookMs: 1000,
      slowMs: 1000,
      silenceMs: 30_000,
      ...given.life,
    },
  };
}

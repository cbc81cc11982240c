import type { BootMessage } from "../../src/protocol/messages.ts";
import { defaultLimits } from "../../src/http/h1/limits.ts";

/** The boot message of a worker of `app.ts` with one queue, apart from what is given. */
export function bootOf(given: Partial<BootMessage> = {}): BootMessage {
  return {
    type: "boot",
    check: false,
    runtime: "node",
    slot: 1,
    age: 1,
    generation: 1,
    app: { text: "app.ts", url: "file:///srv/app.ts" },
    gateway: "auto",
    http: "native",
    lightResponse: true,
    limits: defaultLimits,
    listeners: [{
      address: { kind: "tcp", host: "127.0.0.1", port: 8000 },
      descriptors: [4],
    }],
    forwarding: {
      allow: [],
      hops: 1,
      headers: [],
      secureSchemes: {},
      unbelieved: "keep",
    },
    basePath: "",
    proofMs: 0,
    queue: 0,
    backlog: 2048,
    unixMode: 0o660,
    keepAliveMs: 5000,
    gracefulMs: 30_000,
    idleBeatMs: 1000,
    maxRequests: 0,
    maxLifetimeMs: 0,
    maxMemory: 0,
    maxMemoryHard: 0,
    requestTimeoutMs: 0,
    workerConnections: 0,
    maxQueue: 0,
    maxQueueTimeMs: 0,
    maxBody: 0,
    dev: false,
    ...given,
  };
}

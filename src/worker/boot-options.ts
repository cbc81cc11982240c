/** What a boot works with, and what it gives. */
import type { App } from "../gateway/app/app.ts";
import type { Inflight } from "../gateway/call/inflight.ts";
import type { OpenSockets } from "../gateway/sockets/open-sockets.ts";
import type { Engine, Farewell } from "../runtime/runtime.ts";
import type { OnePlace } from "./classes/one-place.ts";
import type { Ending } from "./ending.ts";
import type { Figures } from "./observe/figures.ts";
import type { LoopLook } from "./observe/loop-look.ts";
import type { Observers } from "./observe/observers.ts";
import type { WorkerHost } from "./observe/worker-host.ts";

/** The parts of a worker that are there before its boot message. */
export interface BootOptions {
  readonly host: WorkerHost;
  readonly inflight: Inflight;
  readonly ending: Ending;
  readonly observers: Observers;
  readonly figures: Figures;
  readonly look: LoopLook;
  readonly openSockets: OpenSockets;
  /** What the app wants done at the end. */
  readonly farewell: Farewell;
  /** Takes what the app fails with while it is not awaited. */
  onFailure(error: unknown): void;
  /** Called once, at the request that reaches `maxRequests`. */
  onLimit(): void;
  /** Called when a server has ended that was not to. */
  onEnd(reason: string): void;
}

/** What a worker serves with. */
export interface Booted {
  readonly engine: Engine;
  readonly app: App;
  /** True where the engine can serve on inherited descriptors. */
  readonly servesDescriptors: boolean;
  /** There where it has one request in hand at a time. */
  readonly place: OnePlace | undefined;
}

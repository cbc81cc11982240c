/**
 * What the settings make of a worker, in slices that are each their room's own:
 * a part of the worker takes its slice and sees no other. `src/plan` makes it.
 * It is sent as JSON; durations are milliseconds.
 */
import type { AppPlan } from "../gateway/app/app-plan.ts";
import type { ServedFolder } from "../gateway/files/files-plan.ts";
import type { RequestLimits } from "../gateway/limits/request-limits.ts";
import type { SocketsPlan } from "../gateway/sockets/sockets-plan.ts";
import type { ProxiesPlan } from "../gateway/proxies/proxies-plan.ts";
import type { HookSource } from "../hooks/source.ts";
import type { HttpPlan } from "../http/engine/http-plan.ts";
import type { AccessSettings } from "../log/access/access-settings.ts";
import type { Identity } from "../runtime/runtime.ts";
import type { RequestFiguresPlan } from "../telemetry/request-figures.ts";
import type { StatsdOptions } from "../telemetry/statsd.ts";

export interface WorkerPlan {
  readonly workerClass: WorkerClassPlan;
  readonly app: AppPlan;
  /** Where it runs tasks, and no app. */
  readonly tasks?: TasksPlan;
  /** Where its hooks are; left out where it has none. */
  readonly hooks?: HookSource;
  readonly http: HttpPlan;
  /** What it takes on of requests. */
  readonly limits: RequestLimits;
  readonly sockets: SocketsPlan;
  /** Folders that are served before the app. */
  readonly folders: readonly ServedFolder[];
  readonly proxies: ProxiesPlan;
  readonly logs: LogsPlan;
  readonly telemetry: TelemetryPlan;
  readonly process: ProcessPlan;
  readonly recycle: RecyclePlan;
  readonly life: LifePlan;
}

/** How many requests a worker has in hand, any number or one; or any number in each of several threads. */
export type WorkerClassName = "async" | "sync" | "thread";

export interface WorkerClassPlan {
  readonly name: WorkerClassName;
  /** True where it accepts from every queue of an address, which an arbiter has opened for workers of another class. */
  readonly everyQueue: boolean;
  /** Threads that each load and serve the app; 0 where the process does so itself. */
  readonly threads: number;
}

/** How tasks are run. */
export interface TasksPlan {
  readonly pool: string;
  /** How long one may run; 0 for any time. */
  readonly timeoutMs: number;
  /** How long one may take to end once its signal is aborted. */
  readonly cancelMs: number;
  /** How much others go first for the processor. */
  readonly nice: number;
}

export interface LogsPlan {
  /** Left out where there is none. */
  readonly access?: AccessSettings;
}

export interface TelemetryPlan {
  /** Where requests are told of; left out where they are not. */
  readonly statsd?: StatsdOptions;
  /** How requests are measured for the arbiter; left out where they are not. */
  readonly requests?: RequestFiguresPlan;
}

/** What the process makes of itself before anything of the app is loaded. */
export interface ProcessPlan {
  /** The identity to take on. */
  readonly identity?: Identity;
  readonly umask?: number;
  /** The server's name, which `ps` shows. */
  readonly name?: string;
}

/** When it asks to be replaced; 0 is never. */
export interface RecyclePlan {
  /** Requests that it answers. */
  readonly maxRequests: number;
  /** Its time of service. */
  readonly maxLifetimeMs: number;
  /** Bytes of resident memory. */
  readonly maxMemory: number;
  /** Bytes beyond which it does not wait for its replacement. */
  readonly maxMemoryHard: number;
}

/** Whether the stack of a blocked event loop is told; `auto` where that costs nothing that can be measured. */
export type BlockStack = "auto" | "on" | "off";

/** Times of its life. */
export interface LifePlan {
  /** How long it may drain. */
  readonly gracefulMs: number;
  /** How long a module that exports no app may take until it listens. */
  readonly listenMs: number;
  /** Between two beats while there is no work. */
  readonly idleBeatMs: number;
  /** What is made ready to tell where it stands when it blocks. */
  readonly blockStack: BlockStack;
  /** The silence after which it looks at itself, where it does. */
  readonly lookMs: number;
  /** How long a thread may be blocked before the log says by what; 0 for any time. */
  readonly slowMs: number;
  /** How long a thread may be silent before its process is replaced; 0 for any time. */
  readonly silenceMs: number;
}

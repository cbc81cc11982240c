/** How workers are doing, as far as a corn tells. */
import type { Status, WorkerStatus } from "../snapshot.ts";

interface Live {
  readonly perSecond: number | null;
  readonly failed: number | null;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
}

interface LiveWorker extends Live {
  readonly queued: number;
  readonly lagMs: number;
  readonly cpu: number | null;
  readonly busy: number | null;
  readonly rssBytes: number;
}

export type Figured<S extends Status> =
  & Omit<S, "workers" | "listeners" | "totals">
  & {
    readonly workers: readonly (WorkerStatus & {
      readonly live?: LiveWorker | null;
      readonly silentMs?: number;
    })[];
    readonly totals: Status["totals"] & { readonly live?: Live | null };
    readonly listeners: readonly {
      readonly address: string;
      readonly queues?: readonly {
        readonly queue: number;
        readonly waiting: number;
      }[];
    }[];
    readonly scale?: {
      readonly min: number | null;
      readonly max: number | null;
      readonly why: string | null;
    };
    readonly rollout?: {
      readonly generation: number;
      readonly ready: number;
      readonly wanted: number;
      readonly canary: boolean;
    };
  };

export interface OpenRequests {
  readonly requests: readonly {
    readonly method: string;
    readonly path: string;
    readonly ms: number;
    readonly state: "running" | "waiting";
    readonly client: string | null;
    readonly worker: { readonly slot: number; readonly age: number };
  }[];
  readonly more: number;
}

/** What an arbiter is given. */
import type { Bind } from "../config/values/address.ts";
import type { Config } from "../config/table/types.ts";
import type { ErrorLog } from "../log/error/error-log.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { HandedAddress } from "./sockets/handed-address.ts";
import type { Names } from "./generations/names.ts";
import type { FiguresMessage, MetricsMessage } from "../protocol/messages.ts";
import type { PoolStep } from "./loop/loop.ts";
import type { SpawnOrder } from "./workers/spawn-order.ts";
import type { Notifier } from "./host/systemd.ts";
import type { ToldNote } from "./telling/child-facts.ts";
import type { Note } from "./pool/state.ts";

/** What sees what the pool does. */
export interface Witness {
  onStep(step: PoolStep): void;
  /** Takes what a worker tells, whose requests were counted in these buckets. */
  onFigures(
    order: SpawnOrder,
    figures: FiguresMessage,
    bucketsMs: readonly number[],
  ): void;
  /** Takes the app's own metrics of a worker. */
  onMetrics(order: SpawnOrder, metrics: MetricsMessage): void;
  /** A reload changed nothing. */
  onRefused(): void;
}

/** A person who looks at the workers' figures. */
export interface Onlooker {
  onFigures(age: number, figures: FiguresMessage): void;
  onExited(age: number): void;
}

export interface ArbiterOptions {
  readonly runtime: Runtime;
  readonly log: ErrorLog;
  readonly config: Config;
  /** Reads the config anew, for a reload. */
  reread(): Promise<Config>;
  /** Is told of a config that is reloaded, before its roll-out. @throws where what it asks for cannot be had: the reload is refused then */
  onConfig?(config: Config): Promise<void>;
  /** What everything is looked for by, at each reload anew. */
  readonly names: Names;
  /** Listening sockets that a service manager passed; they stand for all others. */
  readonly passed: readonly Bind[];
  /** Addresses that the arbiter before this one handed over. */
  readonly handed: readonly HandedAddress[];
  /** Takes what happens in the pool, and in those of tasks. */
  onNote?(note: Note, told: ToldNote): void;
  /** How many workers it had. */
  readonly handedSize?: number | undefined;
  /** True while another arbiter serves the same addresses. */
  shared(): boolean;
  /** Is told when workers are ready, and of reloads and the end. */
  readonly notifier: Notifier;
  /** Sees what the pool does, where anything is measured. */
  witness?(): Witness | undefined;
  /** A person who looks; undefined where there was none. */
  onlooker?(): Onlooker | undefined;
  /** Called once, before the first hook: what hooks leave running may throw outside of any call. */
  guard?(): void;
  /** True to check the pool after every step and to show failures to clients. */
  readonly dev: boolean;
}

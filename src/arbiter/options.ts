/** What an arbiter is given, and what it tells of its workers. */
import type { Bind } from "../config/address.ts";
import type { Config } from "../config/types.ts";
import type { ErrorLog } from "../log/error-log.ts";
import type { Runtime } from "../runtime.ts";
import type { HandedAddress } from "./handover.ts";
import type { Notifier } from "./systemd.ts";

export interface ArbiterOptions {
  readonly runtime: Runtime;
  readonly log: ErrorLog;
  readonly config: Config;
  /** Reads the config anew, for a reload. */
  reread(): Promise<Config>;
  /** Is told of a config that is reloaded, once nothing can fail any more. */
  onConfig?(config: Config): void;
  /** URL of corn's own module, which workers are started from. */
  readonly module: string;
  /** Listening sockets that a service manager passed; they stand for all others. */
  readonly passed: readonly Bind[];
  /** Addresses that the arbiter before this one handed over. */
  readonly handed: readonly HandedAddress[];
  /** True while another arbiter serves the same addresses. */
  shared(): boolean;
  /** Is told when workers are ready, and of reloads and the end. */
  readonly notifier: Notifier;
  /** Called once, before the first hook: what hooks leave running may throw when nobody looks. */
  guard?(): void;
  /** True to check the pool after every step and to show failures to clients. */
  readonly dev: boolean;
}

/** What `status()` tells of a worker. */
export interface WorkerStatus {
  /** Its number, 1 to N. */
  readonly slot: number;
  /** Undefined where its process could not be started. */
  readonly pid: number | undefined;
  /** The load of config and code that it is of, from 1. */
  readonly generation: number;
  /** What it does. */
  readonly phase: "booting" | "ready" | "draining" | "ending";
  /** Requests answered, by the last beat. */
  readonly requests: number;
  /** Requests open, by the last beat. */
  readonly open: number;
}

/** Which hooks there are, by the process that calls them. */
import type { ArbiterHooks, WorkerHooks } from "./types.ts";

/** Hooks that the arbiter calls. */
export const ARBITER_HOOKS: readonly (keyof ArbiterHooks)[] = [
  "onStarting",
  "whenReady",
  "onReload",
  "reloadFailed",
  "nworkersChanged",
  "preFork",
  "workerReady",
  "childExit",
  "preExec",
  "onExit",
];

/** Hooks that workers call, which load the config file for them. */
export const WORKER_HOOKS: readonly (keyof WorkerHooks)[] = [
  "postFork",
  "postWorkerInit",
  "preRequest",
  "postRequest",
  "workerInt",
  "workerAbort",
  "workerExit",
];

/** The name of a hook. */
export type HookName = keyof ArbiterHooks | keyof WorkerHooks;

/** All hooks. */
export const HOOKS: readonly HookName[] = [...ARBITER_HOOKS, ...WORKER_HOOKS];

/** Tells whether the name is a hook's. */
export function isHookName(name: string): name is HookName {
  return (HOOKS as readonly string[]).includes(name);
}

/** True where a worker has hooks to load. */
export function hasWorkerHooks(hooks: object): boolean {
  return WORKER_HOOKS.some((name) => name in hooks);
}

/** Calls a hook: whatever it does, the server goes on. */
import { stackOf } from "../base/stack.ts";
import { isThenable } from "../base/promise.ts";
import type { Clock } from "../runtime/runtime.ts";
import type { HookLog } from "./types.ts";

/** What became of a call: a value, a failure, or neither in time. */
export type Outcome =
  | { readonly end: "done"; readonly value: unknown }
  | { readonly end: "failed"; readonly error: unknown }
  | { readonly end: "late" };

export interface CallOptions {
  readonly clock: Pick<Clock, "after">;
  readonly log: Pick<HookLog, "warning" | "error">;
  /** How long it may take. */
  readonly limitMs: number;
}

/**
 * Calls a hook and says in the log what goes wrong. The outcome is there at
 * once where the hook returns no promise.
 */
export function callHook(
  name: string,
  run: () => unknown,
  { clock, log, limitMs }: CallOptions,
): Outcome | Promise<Outcome> {
  const fail = (error: unknown): Outcome => {
    log.error(`Hook ${name} failed\n${stackOf(error)}`);
    return { end: "failed", error };
  };
  let value: unknown;
  try {
    value = run();
    if (!isThenable(value)) return { end: "done", value };
  } catch (error) {
    return fail(error);
  }
  const promise = Promise.resolve(value);
  return new Promise((resolve) => {
    const timer = clock.after(limitMs, () => {
      log.warning(
        `Hook ${name} is not done within ${
          limitMs / 1000
        } s: corn goes on without it`,
      );
      resolve({ end: "late" });
    });
    promise.then(
      (value) => {
        timer.close();
        resolve({ end: "done", value });
      },
      (error) => {
        timer.close();
        resolve(fail(error));
      },
    );
  });
}

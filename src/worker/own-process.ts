/** What a process of corn's is, and makes of itself, before it has anything of the app. */
import { BootError } from "../base/errors.ts";
import type { BootMessage } from "../protocol/messages.ts";
import type { ProcessPlan } from "../protocol/worker-plan.ts";
import type { Runtime, Self } from "../runtime/runtime.ts";

/** A program may be named as another: bunx puts a `node` into PATH that is Bun (1.4.5, BUN-FALSE-NODE). @throws BootError */
export function demandRuntime(
  { runtime: asked }: Pick<BootMessage, "runtime">,
  { name, version, self }: Runtime,
): void {
  if (name === asked) return;
  throw new BootError(
    `Cannot start workers on ${asked}: ${self.executable} is ${name} ${version}; install ${asked}, or leave out --runtime`,
  );
}

/** Makes this process what the settings say. */
export function applyProcessPlan(
  { name, umask }: ProcessPlan,
  slot: number,
  self: Self,
): void {
  if (name !== undefined) self.setTitle(`corn: worker ${slot} [${name}]`);
  if (umask !== undefined) self.umask(umask);
}

/** From the boot message to an engine that runs tasks. */
import { AppError } from "../base/errors.ts";
import type { App } from "../gateway/app/app.ts";
import type { Module } from "../gateway/app/exports.ts";
import type { BootMessage } from "../protocol/messages.ts";
import type { TasksPlan } from "../protocol/worker-plan.ts";
import { taskNames } from "../tasks/run-task.ts";
import type { Booted, BootOptions } from "./boot-options.ts";
import { startHeartbeat } from "./observe/heartbeat.ts";
import { loadModule, startApp } from "./loader.ts";
import type { OwnHooks } from "./own-hooks.ts";
import { createTaskEngine } from "./tasks/engine.ts";

export interface TaskBootOptions extends BootOptions {
  readonly tasks: TasksPlan;
  readonly hooks: OwnHooks;
}

/** Undefined where the worker is on its way out. @throws AppError for the module's failures */
export async function bootTasks(
  { plan, check }: BootMessage,
  options: TaskBootOptions,
): Promise<Booted | undefined> {
  const { host, inflight, ending, hooks, tasks } = options;
  const { runtime, send } = host;
  const transport = await runtime.loadTransport("tasks");
  const { identity } = plan.process;
  if (identity !== undefined) runtime.become(identity);
  if (tasks.nice > 0) runtime.lowerPriority(tasks.nice);
  const module = await loadModule(plan.app, runtime, "tasks");
  const app = lifecycleOf(module, plan.app.text);
  if (check) {
    runtime.self.exit(0);
    return undefined;
  }
  await startApp(app, plan.app, hooks.worker, "tasks");
  ending.useApp(app, options.farewell);
  const heartbeat = startHeartbeat({
    clock: runtime.clock,
    inflight,
    idleMs: plan.life.idleBeatMs,
    send,
    onLate: (ms) => options.figures.noteLag(ms),
  });
  if (ending.begun) return undefined;
  const engine = createTaskEngine({
    pool: tasks.pool,
    module,
    transport,
    clock: runtime.clock,
    inflight,
    backlog: plan.http.serving.backlog,
    timeoutMs: tasks.timeoutMs,
    cancelMs: tasks.cancelMs,
    maxTasks: plan.recycle.maxRequests,
    onLimit: options.onLimit,
    onBusy: () => heartbeat.busy(),
    onStuck(task) {
      host.say(
        "error",
        `Task ${task} has not ended ${
          tasks.cancelMs / 1000
        } s after its signal was aborted: its process ends`,
      );
      ending.end({ code: 1, stop: false });
    },
  });
  return { engine, app, servesDescriptors: true, place: undefined };
}

/** @throws AppError for a module without tasks */
function lifecycleOf(module: Module, text: string): App {
  if (taskNames(module).length === 0) {
    const only = typeof module.default === "function"
      ? " by name, and a default export is no task"
      : "";
    throw new AppError(
      `Cannot use "${text}" as tasks: it exports no function${only}`,
    );
  }
  const { onStart, onStop, metrics } = module as Partial<
    Pick<App, "onStart" | "onStop" | "metrics">
  >;
  return {
    style: "fetch",
    call: () => new Response(null, { status: 404 }),
    ...(onStart && { onStart }),
    ...(onStop && { onStop }),
    ...(metrics && { metrics }),
  };
}

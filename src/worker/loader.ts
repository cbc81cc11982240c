/** Loads the user's app. */
import { AppError } from "../base/errors.ts";
import type { AppPlan } from "../gateway/app/app-plan.ts";
import type { App } from "../gateway/app/app.ts";
import { findApp } from "../gateway/app/find-app.ts";
import type { HookWorker } from "../hooks/types.ts";
import type { Runtime } from "../runtime/runtime.ts";

/** Imports the module and finds the app in it. @throws AppError with the module's own failure as `cause`. */
export async function loadApp(
  app: AppPlan,
  runtime: Runtime,
): Promise<App> {
  let module: Record<string, unknown>;
  try {
    module = await runtime.importModule(app.url);
  } catch (cause) {
    // Only here: an app that loads needs none.
    const { adviceFor } = await import("./advice.ts");
    const advice = adviceFor(cause, app.url, runtime);
    const why = advice === undefined ? "" : `: ${advice}`;
    throw new AppError(`Cannot load app "${app.text}"${why}`, { cause });
  }
  const beside = runtime.importBeside;
  return findApp(module, app, beside && ((name) => beside(name, app.url)));
}

/** Calls the app's `onStart`. @throws AppError with what it threw as `cause` */
export async function startApp(
  { onStart }: App,
  { text }: Pick<AppPlan, "text">,
  worker: HookWorker,
): Promise<void> {
  try {
    await onStart?.(worker);
  } catch (cause) {
    throw new AppError(`Cannot start app "${text}": onStart() failed`, {
      cause,
    });
  }
}

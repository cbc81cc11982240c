/** Loads the user's app. */
import { AppError, messageOf } from "../base/errors.ts";
import type { AppPlan } from "../gateway/app/app-plan.ts";
import type { App } from "../gateway/app/app.ts";
import type { Capture } from "../gateway/app/capture.ts";
import type { Module } from "../gateway/app/exports.ts";
import {
  appOfServer,
  findApp,
  socketsOfServer,
} from "../gateway/app/find-app.ts";
import type { HookWorker } from "../hooks/types.ts";
import type { Farewell, ListeningServer } from "../runtime/runtime.ts";
import type { ServingRuntime } from "../runtime/serving.ts";

/** A module that listens, and waits for that before it ends, would wait for corn while corn waits for its exports. */
const MODULE_MS = 50;

/** When it is said that corn waits for a module to listen. */
const SAY_MS = 1000;

/** What a module that exports no app may be waited for with. */
export interface Waiting {
  readonly capture: Capture;
  readonly farewell: Pick<Farewell, "onIdle">;
  /** How long it may take to listen. */
  readonly limitMs: number;
  /** Says what corn waits for. */
  say(text: string): void;
  /** Takes what the module fails with after it has listened. */
  onFailure(error: unknown): void;
}

/**
 * Imports the module and finds the app: an export, or the server that it
 * listens with. @throws AppError with the module's own failure as `cause`
 */
export async function loadApp(
  app: AppPlan,
  runtime: ServingRuntime,
  waiting: Waiting,
): Promise<App> {
  const { capture } = waiting;
  const module = await load(app, runtime, waiting);
  const exported = module && await exportedApp(module, app, runtime);
  if (exported !== undefined && !(exported instanceof Error)) {
    const server = capture.yield(exported.made);
    if (server === undefined) return exported;
    return capture.isBeside
      ? withServer(exported, server)
      : appOfServer(server, module ?? {}, app);
  }
  const server = await waitForServer(exported, runtime, waiting);
  return appOfServer(server, module ?? {}, app);
}

/** The app that a module exports, or why it exports none. @throws AppError where it was asked for an export */
async function exportedApp(
  module: Module,
  { gateway, ...app }: AppPlan,
  { name: runtime, importBeside: beside, withRoutes }: ServingRuntime,
): Promise<App | Error> {
  if (gateway === "listen") {
    return new AppError(`Cannot use "${app.text}" as an app`);
  }
  try {
    return await findApp(
      module,
      { ...app, gateway, serving: { runtime, withRoutes } },
      beside && ((name) => beside(name, app.url)),
    );
  } catch (error) {
    const named = app.exportName !== undefined || app.args !== undefined;
    if (named || !(error instanceof AppError)) throw error;
    return error;
  }
}

/** The module. @throws AppError with its own failure as `cause` */
export function loadModule(
  app: Pick<AppPlan, "text" | "url">,
  runtime: ServingRuntime,
  what: "app" | "tasks" = "app",
): Promise<Module> {
  return runtime.importModule(app.url).catch(async (cause) => {
    // Only here: an app that loads needs none.
    const { adviceFor } = await import("./advice.ts");
    const advice = await adviceFor(cause, { ...app, what }, runtime);
    const why = advice === undefined ? "" : `: ${advice}`;
    throw new AppError(`Cannot load ${what} "${app.text}"${why}`, { cause });
  });
}

/** The module; undefined where it has a server that listens and does not end before that. */
async function load(
  app: AppPlan,
  runtime: ServingRuntime,
  { capture, onFailure }: Waiting,
): Promise<Module | undefined> {
  const loading = loadModule(app, runtime);
  const { clock } = runtime;
  const late = capture.first.then(() =>
    new Promise<undefined>((resolve) =>
      void clock.after(MODULE_MS, () => resolve(undefined))
    )
  );
  const module = await Promise.race([loading, late]);
  if (module === undefined) loading.catch(onFailure);
  return module;
}

/** An exported app, with the server that the module listens with besides. */
function withServer(found: App, listens: ListeningServer): App {
  const sockets = found.sockets ?? socketsOfServer(listens);
  return { ...found, listens, ...(sockets && { sockets }) };
}

/**
 * Waits for a server as long as the module has something to do. @throws what it
 * is not an app by, where there is none
 */
async function waitForServer(
  refusal: Error | undefined,
  { clock }: Pick<ServingRuntime, "clock">,
  { capture, farewell, limitMs, say }: Waiting,
): Promise<ListeningServer> {
  if (capture.server !== undefined) return capture.server;
  const why = messageOf(refusal);
  const timers = [
    clock.after(SAY_MS, () => say(`Waiting for the app to listen: ${why}`)),
  ];
  const over = new Promise<void>((resolve) =>
    void timers.push(clock.after(limitMs, resolve))
  );
  const idle = new Promise<void>((resolve) =>
    void timers.push(farewell.onIdle(resolve))
  );
  await Promise.race([capture.first, idle, over]);
  for (const timer of timers) timer.close();
  if (capture.server !== undefined) return capture.server;
  const nor = capture.letFree
    ? "its server at a free port is its own (--gateway listen takes it)"
    : "nor does it listen";
  throw new AppError(`${why}; ${nor}`);
}

/** Calls the app's `onStart`. @throws AppError with what it threw as `cause` */
export async function startApp(
  { onStart }: App,
  { text }: Pick<AppPlan, "text">,
  worker: HookWorker,
  what: "app" | "tasks" = "app",
): Promise<void> {
  try {
    await onStart?.(worker);
  } catch (cause) {
    throw new AppError(`Cannot start ${what} "${text}": onStart() failed`, {
      cause,
    });
  }
}

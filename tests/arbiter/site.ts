/** An arbiter on a fake machine, and what is asked of it. */
import { Arbiter } from "../../src/arbiter/arbiter.ts";
import type { ArbiterOptions } from "../../src/arbiter/options.ts";
import { namesOf } from "../../src/arbiter/generations/names.ts";
import { createNotifier } from "../../src/arbiter/host/systemd.ts";
import type { Config, CornConfig } from "../../src/config/table/types.ts";
import { openErrorLog } from "../../src/log/error/error-log.ts";
import { load } from "../config/support.ts";
import { ALONE, FakeRuntime, settle } from "../support/fake/runtime.ts";

/** An arbiter and the machine it is on. */
export interface Site {
  readonly runtime: FakeRuntime;
  readonly arbiter: Arbiter;
  /** What the next reload reads; an error to refuse it, a promise to have it wait. */
  next: CornConfig | Error | Promise<CornConfig>;
  /** Log lines so far, without time and pid. */
  log(): string[];
}

/** The config of these settings and an app. */
export function configOf(options: CornConfig): Promise<Config> {
  return load({ options: { app: "app.ts", ...options } });
}

/** An arbiter on a fake machine. */
export async function build(
  options: CornConfig = {},
  inheritance: Partial<ArbiterOptions> = {},
): Promise<Site> {
  const runtime = new FakeRuntime();
  runtime.files.texts.set("/srv/app.ts", "");
  const config = await configOf({ workers: 2, ...options });
  const log = openErrorLog(runtime, {
    errorLogfile: "-",
    logFormat: "text",
    logLevel: "debug",
  });
  const site: Site = {
    runtime,
    next: { workers: 2, ...options },
    log: () =>
      runtime.stderr.text.split("\n").filter((line) => line !== "")
        .map((line) => line.replace(/^\[[^\]]*\] \[\d+\] /, "")),
    arbiter: new Arbiter({
      runtime,
      notifier: createNotifier(runtime, ALONE),
      passed: [],
      handed: [],
      shared: () => false,
      log,
      config,
      reread: () =>
        site.next instanceof Error
          ? Promise.reject(site.next)
          : site.next instanceof Promise
          ? site.next.then(configOf)
          : configOf(site.next),
      names: namesOf(runtime, "file:///corn/worker.ts"),
      dev: true,
      ...inheritance,
    }),
  };
  return site;
}

/** An arbiter with its addresses open. */
export async function prepare(
  ...given: Parameters<typeof build>
): Promise<Site> {
  const site = await build(...given);
  await site.arbiter.prepare();
  return site;
}

/** One whose workers are started. */
export async function start(
  ...given: Parameters<typeof build>
): Promise<Site> {
  const site = await prepare(...given);
  site.arbiter.start();
  return site;
}

/** One whose workers are ready. */
export async function serve(
  ...given: Parameters<typeof build>
): Promise<Site> {
  const site = await start(...given);
  for (const child of [...site.runtime.children]) child.boot();
  return site;
}

/** How a promise ended, or `pending`. */
export async function endOf(promise: Promise<unknown>): Promise<string> {
  let end = "pending";
  promise.then(() => end = "resolved", (error) => end = error.message);
  await settle();
  return end;
}

/** What a worker says of an app that cannot be loaded. */
export const FAILED = {
  type: "failed",
  kind: "app",
  message: 'Cannot load app "app.ts"',
  stack: "SyntaxError: no\n    at app.ts:1",
};

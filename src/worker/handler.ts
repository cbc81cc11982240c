/** What an engine calls for each request: the app, and all that stands around it. */
import type { App } from "../gateway/app/app.ts";
import { withBasePath } from "../gateway/proxies/base-path.ts";
import type { Inflight } from "../gateway/call/inflight.ts";
import { createLimitedGateway } from "../gateway/limits/limits.ts";
import { Refusals } from "../gateway/proxies/refusals.ts";
import type { BootMessage } from "../protocol/messages.ts";
import type { RequestHandler } from "../runtime/runtime.ts";
import { createTally } from "../base/summarised-report.ts";
import { engineFor } from "./engine.ts";
import type { OwnHooks } from "./hooks.ts";
import type { Host } from "./host.ts";
import { createSummary } from "./summary.ts";

export interface HandlerOptions {
  readonly host: Host;
  readonly hooks: OwnHooks;
  readonly inflight: Inflight;
  /** Called when the worker turns from idle to busy, before the app is. */
  onBusy(): void;
  /** Called once, at the request that reaches `maxRequests`. */
  onLimit(): void;
}

export interface Handler {
  readonly handler: RequestHandler;
  /** Takes the requests that shall not come to the app. */
  readonly refusals: Refusals;
}

/** Wraps an app into what the settings ask for. */
export function createHandler(
  app: App,
  boot: BootMessage,
  { host, hooks, inflight, onBusy, onLimit }: HandlerOptions,
): Handler {
  const { runtime, say, sayThrown } = host;
  const { clock, view: { upgradeOf, unsendable } } = runtime;
  const refusals = new Refusals(createTally({
    clock,
    report: (text) => say("warning", text),
    more: (count, seconds) =>
      `Refused ${count} more requests of trusted proxies in the last ${seconds} s`,
  }));
  const based = boot.basePath === "" ? app : withBasePath(app, boot.basePath);
  const http = engineFor(boot, runtime, app.style);
  const handler = createLimitedGateway(refusals.wrap(based), {
    clock,
    hooks: {
      ...hooks,
      log: hooks.worker.log,
      hold: (promise) => inflight.hold(promise),
    },
    // The wire engine measures bodies as it reads them.
    limits: http === "wire" ? { ...boot, maxBody: 0 } : boot,
    inflight,
    onBusy,
    onLimit,
    onFailure: createSummary({ clock, report: sayThrown }),
    onTimeout: (text) => say("error", text),
    onOverload: (text) => say("warning", text),
    maxRequests: boot.maxRequests,
    dev: boot.dev,
    ...(http === "native" && upgradeOf && { upgradeOf }),
    ...(http === "native" && unsendable && { unsendable }),
  });
  return { handler, refusals };
}

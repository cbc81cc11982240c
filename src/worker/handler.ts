/** What an engine calls for each request: the app, and all that stands around it. */
import type { App } from "../gateway/app/app.ts";
import { withBasePath } from "../gateway/proxies/base-path.ts";
import type { Inflight } from "../gateway/call/inflight.ts";
import { createLimitedGateway } from "../gateway/limits/limits.ts";
import { withRedirect } from "../gateway/proxies/redirect-https.ts";
import { Refusals } from "../gateway/proxies/refusals.ts";
import type { WorkerPlan } from "../protocol/worker-plan.ts";
import type { RedirectHttps } from "../http/engine/http-plan.ts";
import type { RequestHandler, SocketOptions } from "../runtime/runtime.ts";
import { amongRefused, createMisses } from "../gateway/sockets/misses.ts";
import type { OpenSockets } from "../gateway/sockets/open-sockets.ts";
import { createPollingAdvice } from "../gateway/sockets/polling.ts";
import { withSocketLimit } from "../gateway/sockets/socket-limit.ts";
import { withUpgrade } from "../gateway/sockets/with-upgrade.ts";
import { summarisedReport } from "../base/summarised-report.ts";
import type { OwnHooks } from "./own-hooks.ts";
import type { WorkerHost } from "./observe/worker-host.ts";
import { createSummary } from "./observe/summary.ts";

/** What the handler is told of the settings. */
export interface HandlerPlans
  extends Pick<WorkerPlan, "limits" | "proxies" | "recycle" | "sockets"> {
  /** True where failures may be shown to clients. */
  readonly dev: boolean;
  /** Where requests without TLS are sent. */
  readonly redirectHttps?: RedirectHttps | undefined;
}

export interface HandlerOptions {
  /** What calls it. */
  readonly engine: "native" | "wire";
  readonly host: WorkerHost;
  readonly hooks: OwnHooks;
  readonly inflight: Inflight;
  readonly openSockets: OpenSockets;
  /** Called when the worker turns from idle to busy, before the app is. */
  onBusy(): void;
  /** Called once, at the request that reaches `maxRequests`. */
  onLimit(): void;
}

export interface Handler {
  readonly handler: RequestHandler;
  /** Takes the requests that shall not come to the app. */
  readonly refusals: Refusals;
  readonly onMiss?: SocketOptions["onMiss"];
}

/** Wraps an app into what the settings ask for. */
export function createHandler(
  app: App,
  { limits, proxies: { basePath }, recycle, sockets, dev, redirectHttps }:
    HandlerPlans,
  { engine, host, hooks, inflight, openSockets, onBusy, onLimit }:
    HandlerOptions,
): Handler {
  const { runtime, say, sayThrown } = host;
  const { clock, nativeRequests } = runtime;
  const { upgradeOf, own, unsendable } = nativeRequests;
  const onFailure = createSummary({ clock, report: sayThrown });
  const refusals = new Refusals(summarisedReport({
    clock,
    report: (text) => say("warning", text),
    more: (count, seconds) =>
      `Refused ${count} more requests of trusted proxies in the last ${seconds} s`,
  }));
  const { most } = sockets;
  const switching = app.sockets?.style === "node"
    ? withUpgrade(app, app.sockets, {
      ...{ clock, keeper: openSockets, nativeRequests, basePath, onFailure },
    })
    : app;
  const limited = most === 0
    ? switching
    : withSocketLimit(switching, { most, sockets: openSockets });
  const based = basePath === "" ? limited : withBasePath(limited, basePath);
  const sent = redirectHttps === undefined
    ? based
    : withRedirect(based, { ...redirectHttps, peerOf: runtime.peerOf });
  const onMiss = createMisses(app.sockets, { engine, runtime, say });
  const onPolling = createPollingAdvice(say);
  const missed = onMiss && app.style === "fetch"
    ? amongRefused(onMiss)
    : undefined;
  const handler = createLimitedGateway(refusals.wrap(sent), {
    clock,
    hooks: {
      ...hooks,
      log: hooks.worker.log,
      hold: (promise) => inflight.hold(promise),
    },
    // The wire engine measures bodies as it reads them.
    limits: engine === "wire" ? { ...limits, maxBody: 0 } : limits,
    inflight,
    onBusy,
    onLimit,
    onFailure,
    onRefused(request) {
      onPolling(request);
      missed?.(request as Request);
    },
    onTimeout: (text) => say("error", text),
    onOverload: (text) => say("warning", text),
    maxRequests: recycle.maxRequests,
    dev,
    ...(upgradeOf && { upgradeOf }),
    ...(engine === "native" && own && { own }),
    ...(engine === "native" && unsendable && { unsendable }),
  });
  return { handler, refusals, ...(onMiss && { onMiss }) };
}

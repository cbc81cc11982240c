/** How a worker speaks HTTP. */
import { chooseHttp } from "../config/checks/http.ts";
import type { Config, Settings } from "../config/table/types.ts";
import type { HttpPlan } from "../http/engine/http-plan.ts";
import type { WireLimits } from "../http/h1/limits.ts";
import type { ProxyRules } from "../http/proxy-protocol/proxy-header.ts";
import type { FileOwner } from "../runtime/runtime.ts";
import { keepAliveMs } from "./worker-class.ts";

export function planHttp(
  config: Config,
  { unixOwner, httpsPort: port }: {
    readonly unixOwner: FileOwner | undefined;
    /** The port that speaks TLS. */
    readonly httpsPort?: number | undefined;
  },
): HttpPlan {
  const { settings } = config;
  const rules = proxyRules(settings);
  return {
    engine: chooseHttp(config),
    lightResponse: settings.lightResponse,
    limits: wireLimits(settings),
    ...(rules && { proxyRules: rules }),
    ...(settings.redirectHttps && port !== undefined &&
      { redirectHttps: { port } }),
    serving: {
      keepAliveMs: keepAliveMs(config),
      backlog: settings.backlog,
      unixMode: settings.unixMode,
      ...(unixOwner && { unixOwner }),
    },
  };
}

/** The peers that may put a PROXY header before a connection; undefined where the protocol is off. */
export function proxyRules(
  { proxyProtocol, proxyAllowFrom }: Settings,
): ProxyRules | undefined {
  if (proxyProtocol === "off") return undefined;
  return { versions: proxyProtocol, allowFrom: proxyAllowFrom };
}

/** The limits as the engine takes them. */
export function wireLimits(settings: Settings): WireLimits {
  return {
    requestLine: settings.limitRequestLine,
    requestFields: settings.limitRequestFields,
    requestFieldSize: settings.limitRequestFieldSize,
    requestBody: settings.limitRequestBody,
    headerMs: settings.headerTimeout * 1000,
    bodyMs: settings.bodyTimeout * 1000,
    bodyRate: settings.bodyRate,
    writeMs: settings.writeTimeout * 1000,
  };
}

/** What a worker's engine lets clients and proxies send. */
import type { Settings } from "../config/table/types.ts";
import type { WireLimits } from "../http/h1/limits.ts";
import type { ProxyRules } from "../http/proxy-protocol/proxy-header.ts";

/** Who may put a PROXY header before a connection; undefined where nobody does. */
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

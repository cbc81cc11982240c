/** Which engine speaks HTTP. */
import { ConfigError } from "../errors.ts";
import type { HttpEngine } from "../messages.ts";
import type { WireLimits } from "../wire/limits.ts";
import type { ProxyRules } from "../wire/proxy-header.ts";
import { quote } from "./refusal.ts";
import { wire } from "./settings/wire.ts";
import type { SettingName } from "./settings.ts";
import type { Config, Settings } from "./types.ts";

type Choosing = Pick<Config, "settings" | "origins">;

/** Settings that somebody gave and that only the wire engine honours. */
function wanted({ settings, origins }: Choosing): SettingName[] {
  const limits = (Object.keys(wire) as SettingName[]).filter((name) =>
    (origins[name] ?? "default") !== "default"
  );
  return settings.proxyProtocol === "off"
    ? limits
    : [...limits, "proxyProtocol"];
}

/** The engine for a config; `auto` is left to the worker, which knows its runtime and the app, unless a setting asks for wire. */
export function chooseHttp(config: Choosing): HttpEngine {
  const { http } = config.settings;
  if (http !== "auto") return http;
  return wanted(config).length > 0 ? "wire" : "auto";
}

/** Refuses what the chosen engine would ignore. @throws ConfigError */
export function checkHttp(config: Choosing): void {
  if (chooseHttp(config) !== "native") return;
  const [name] = wanted(config);
  if (name === undefined) return;
  throw new ConfigError(
    `Cannot use ${name} ${quote(config.settings[name])} from ${
      config.origins[name]
    }: no runtime's own server can do it, give --http wire`,
  );
}

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

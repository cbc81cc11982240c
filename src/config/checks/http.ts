/** Which engine speaks HTTP. */
import { ConfigError } from "../../base/errors.ts";
import type { HttpEngine } from "../../runtime/runtime.ts";
import { quote } from "../../base/refusal.ts";
import {
  type SettingName,
  settingNames,
  settingOf,
} from "../table/settings.ts";
import type { Config } from "../table/types.ts";

type Choosing = Pick<Config, "settings" | "origins">;

/** Settings that count only while another one is on. */
const SWITCHED: Readonly<Partial<Record<SettingName, SettingName>>> = {
  proxyProtocol: "proxyProtocol",
  proxyAllowFrom: "proxyProtocol",
};

/** The settings that were given and that the native engine does not honour. */
function wanted({ settings, origins }: Choosing): SettingName[] {
  return settingNames.filter((name) => {
    const { engines } = settingOf(name);
    if (engines === undefined || engines.includes("native")) return false;
    const by = SWITCHED[name];
    if (by !== undefined) return settings[by] !== "off";
    return (origins[name] ?? "default") !== "default";
  });
}

/** The engine for a config; `auto` is left to the worker, which knows its runtime and the app, unless a setting asks for wire. */
export function chooseHttp(config: Choosing): HttpEngine {
  const { http } = config.settings;
  if (http !== "auto") return http;
  return wanted(config).length > 0 ? "wire" : "auto";
}

/** Refuses what the chosen engine would ignore, or could not do. @throws ConfigError */
export function checkHttp(config: Choosing): void {
  const { settings, origins } = config;
  const engine = chooseHttp(config);
  const [name] = wanted(config);
  const refuse = (name: SettingName, reason: string) => {
    throw new ConfigError(
      `Cannot use ${name} ${quote(settings[name])} from ${
        origins[name]
      }: ${reason}`,
    );
  };
  if (engine === "native" && name !== undefined) {
    refuse(
      name,
      "the native engine cannot do it on any runtime, give --http wire",
    );
  }
  if (engine !== "wire" || settings.gateway !== "node") return;
  refuse(
    "gateway",
    "the wire engine calls no Node listeners, " +
      (name === undefined
        ? "give --http native"
        : `leave out ${name} from ${
          origins[name]
        }, which the native engine cannot do`),
  );
}

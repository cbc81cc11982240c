import { accessLog } from "./settings/access-log.ts";
import { control } from "./settings/control.ts";
import { debugging } from "./settings/debugging.ts";
import { engine } from "./settings/engine.ts";
import { files } from "./settings/files.ts";
import { limits } from "./settings/limits.ts";
import { proxies } from "./settings/proxies.ts";
import { proxyProtocol } from "./settings/proxy-protocol.ts";
import { wire } from "./settings/wire.ts";
import { loading } from "./settings/loading.ts";
import { logging } from "./settings/logging.ts";
import { mechanics } from "./settings/mechanics.ts";
import { metrics } from "./settings/metrics.ts";
import { serverSocket } from "./settings/server-socket.ts";
import { tls } from "./settings/tls.ts";
import { workers } from "./settings/workers.ts";
import { websockets } from "./settings/websockets.ts";
import type { Setting } from "../values/setting.ts";

/**
 * The type of `settings`, with each entry's literal values.
 *
 * @internal
 */
export type SettingsTable =
  & typeof serverSocket
  & typeof tls
  & typeof workers
  & typeof loading
  & typeof files
  & typeof limits
  & typeof mechanics
  & typeof logging
  & typeof accessLog
  & typeof metrics
  & typeof control
  & typeof engine
  & typeof wire
  & typeof websockets
  & typeof proxies
  & typeof proxyProtocol
  & typeof debugging;

/** The name of a setting, as in the config file. */
export type SettingName = keyof SettingsTable;

/** The table of settings, in the order they are shown. */
export const settings: SettingsTable = {
  ...serverSocket,
  ...tls,
  ...workers,
  ...loading,
  ...files,
  ...limits,
  ...mechanics,
  ...logging,
  ...accessLog,
  ...metrics,
  ...control,
  ...engine,
  ...wire,
  ...websockets,
  ...proxies,
  ...proxyProtocol,
  ...debugging,
};

/** The names of all settings, in the order they are shown. */
export const settingNames: readonly SettingName[] = Object.keys(
  settings,
) as SettingName[];

/** Tells whether the name is a setting's. */
export function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(settings, name);
}

/** The entry of a setting, with the optional fields that its literal type hides. */
export function settingOf(name: SettingName): Setting {
  return settings[name];
}

/** The long flag of a setting, with its dashes: `--graceful-timeout`. */
export function flagOf(name: SettingName): string {
  return `--${
    name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  }`;
}

/** The environment variable of a setting: `CORN_GRACEFUL_TIMEOUT`. */
export function variableOf(name: SettingName): string {
  return `CORN_${flagOf(name).slice(2).replaceAll("-", "_").toUpperCase()}`;
}

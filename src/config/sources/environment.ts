import {
  ConfigError,
  together,
  UnknownVariableError,
} from "../../base/errors.ts";
import { didYouMean } from "../../base/nearest.ts";
import {
  flagOf,
  type SettingName,
  settingNames,
  settingOf,
  variableOf,
} from "../table/settings.ts";
import type { Given, Layer } from "../table/types.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Variables that are corn's but no setting's. `CORN_APP` names the app. */
const OTHERS: readonly string[] = [
  "CORN_APP",
  "CORN_CMD_ARGS",
  "CORN_FD",
  "CORN_SIZE",
  "CORN_WAITING",
  "CORN_WORKER_ID",
  "CORN_TASKS",
  "CORN_TASK_POOL",
];

/**
 * What Kubernetes sets in every pod for a service whose name begins with
 * "corn", see https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
 */
const SERVICE_LINK =
  /^CORN_(\w+_)?(SERVICE_(HOST|PORT(_\w+)?)|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)$/;

/**
 * What the `CORN_*` variables give. One that is empty counts as unset.
 *
 * @throws ConfigError for a variable that is no setting's
 */
export function environmentLayer(env: Environment): Layer {
  const names = new Map(settingNames.map((name) => [variableOf(name), name]));
  const values: { [Name in SettingName]?: Given } = {};
  const refused: ConfigError[] = [];
  for (const [variable, value] of Object.entries(env)) {
    if (!variable.startsWith("CORN_") || !value) continue;
    if (isForeign(variable, value)) continue;
    const name = names.get(variable);
    if (name === undefined) refused.push(unknown(variable));
    else if (settingOf(name).inEnvironment === false) {
      refused.push(
        new ConfigError(
          `Cannot use ${variable} from the environment: it is a flag only, give ${
            flagOf(name)
          }`,
        ),
      );
    } else values[name] = { value, origin: variable };
  }
  if (refused.length > 0) throw together(refused);
  return { app: env.CORN_APP || undefined, values };
}

/** What the platform's own variables (`PORT`, `WEB_CONCURRENCY`) give. */
export function platformLayer(env: Environment): Layer {
  const values: { [Name in SettingName]?: Given } = {};
  for (const name of settingNames) {
    for (
      const [variable, form] of Object.entries(settingOf(name).variables ?? {})
    ) {
      const text = env[variable];
      if (!text) continue;
      values[name] = { value: form.replace("$", () => text), origin: variable };
    }
  }
  return { values };
}

function isForeign(variable: string, value: string): boolean {
  if (OTHERS.includes(variable) || SERVICE_LINK.test(variable)) return true;
  // The service link of a port is a URL: `CORN_PORT=tcp://10.0.0.11:80`.
  if (/^CORN_(\w+_)?PORT$/.test(variable) && /^\w+:\/\//.test(value)) {
    return true;
  }
  // An arbiter tells its own pid under the name of the setting `pid`, which is a path.
  return variable === "CORN_PID" && /^\d+$/.test(value);
}

function unknown(variable: string): UnknownVariableError {
  // Without the prefix, or all that share it are near to each other.
  const candidates = new Map<string, string>();
  for (const name of settingNames) {
    const setting = settingOf(name);
    if (setting.inEnvironment !== false) candidates.set(name, variableOf(name));
    for (const other of Object.keys(setting.variables ?? {})) {
      candidates.set(other, other);
    }
  }
  candidates.set("APP", "CORN_APP").set("CMD_ARGS", "CORN_CMD_ARGS");
  const hint = didYouMean(variable.slice("CORN_".length), candidates.keys())
    .replace(/mean (\w+)/, (_, near: string) => `mean ${candidates.get(near)}`);
  return new UnknownVariableError(variable, `no such setting${hint}`);
}

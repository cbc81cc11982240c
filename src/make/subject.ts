/** What the files are made from: a config, and how corn was started to read it. */
import { ConfigError } from "../base/errors.ts";
import { maskCommand, maskedPair, maskSecrets } from "../base/secrets.ts";
import type { Config } from "../config/table/types.ts";
import { formatValue } from "../config/table/values.ts";
import type { SettingName } from "../config/table/settings.ts";
import type { RuntimeName } from "../runtime/runtime.ts";

/** How corn was started, which no setting says. */
export interface Place {
  readonly runtime: RuntimeName;
  /** The runtime's, such as `24.21.0`. */
  readonly version: string;
  /** The command that starts corn, the runtime's program first, without what corn itself reads. */
  readonly start: readonly string[];
  /** The settings and the app of the command line, as they were given. */
  readonly given: readonly string[];
  /** The folder that it was started in. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** True for a file of that name in the folder. */
  has(name: string): boolean;
}

export interface Subject extends Place {
  readonly config: Config;
  /** What the service is called: the setting `name`, else the folder's. */
  readonly name: string;
  /** The runtime that the app runs on. */
  readonly workers: RuntimeName;
  /** The variables of the environment that gave a setting. */
  readonly variables: Readonly<Record<string, string>>;
}

/** What a service manager gives beyond the time in which corn ends by itself, in seconds. */
const MARGIN = 5;

export function subjectOf(config: Config, place: Place): Subject {
  const { runtime, name } = config.settings;
  const origins = new Set(Object.values(config.origins));
  return {
    ...place,
    config,
    name: wordOf(name ?? place.folder.split("/").at(-1) ?? ""),
    workers: runtime === "auto" ? place.runtime : runtime,
    variables: Object.fromEntries(
      Object.entries(place.env).filter(([name]) => origins.has(name)),
    ),
  };
}

/** A name that systemd, nginx and Kubernetes take alike (RFC 1123), `app` where nothing is left. */
function wordOf(text: string): string {
  return text.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, 50).replaceAll(/^-+|-+$/g, "") || "app";
}

/** How long a stop takes at most, in whole seconds; `drainDelay` where it is another than the config's. */
export function stopSeconds(
  { settings, hooks }: Config,
  drainDelay: number = settings.drainDelay,
): number {
  const hooked = Object.keys(hooks).length > 0 ? settings.hookTimeout : 0;
  return Math.ceil(drainDelay + settings.gracefulTimeout + hooked + MARGIN);
}

/** Which settings make up that time, in words for a comment. */
export function stopReasons(
  { settings, hooks }: Config,
  drainDelay: number = settings.drainDelay,
): string {
  const hooked = Object.keys(hooks).length > 0
    ? `, hookTimeout ${settings.hookTimeout}`
    : "";
  return `drainDelay ${drainDelay}, gracefulTimeout ${settings.gracefulTimeout}${hooked}, and some more`;
}

/** How long a start takes at most, in whole seconds. */
export function startSeconds({ settings, hooks }: Config): number {
  const hooked = Object.keys(hooks).length > 0 ? settings.hookTimeout : 0;
  return Math.ceil(settings.bootTimeout + hooked + MARGIN);
}

/** Refuses to make files of a kind with a setting's value. */
export function refuse(
  { config }: Subject,
  { kind, setting, why }: {
    readonly kind: string;
    readonly setting: SettingName;
    readonly why: string;
  },
): never {
  const value = formatValue(setting, config.settings[setting]);
  throw new ConfigError(
    `Cannot make ${kind}: ${setting} is ${value} from ${
      config.origins[setting]
    }, ${why}`,
  );
}

/** Settings for development. */
const AT_A_DESK = ["reload", "inspect", "inspectBrk"] as const;

/** Refuses what must not be in a file that starts corn. @throws ConfigError */
export function checkStart(subject: Subject, kind: string): void {
  const { config, given, variables } = subject;
  if (config.app === undefined) {
    throw new ConfigError(
      `Cannot make ${kind}: no app is named, write it behind: corn make ${kind} app.ts`,
    );
  }
  if (config.settings.daemon) {
    const why =
      "and what starts corn here watches the process that it started: leave it out";
    refuse(subject, { kind, setting: "daemon", why });
  }
  for (const setting of AT_A_DESK) {
    if (!config.settings[setting]) continue;
    const why = "which is for work on the app alone: leave it out";
    refuse(subject, { kind, setting, why });
  }
  const pairs = Object.entries(variables);
  const plain = [given.join(" "), ...pairs.map((pair) => pair.join("="))];
  const masked = [
    maskCommand(given),
    // A variable may hold settings, as CORN_CMD_ARGS does.
    ...pairs.map(([name, value]) => maskedPair([name, maskSecrets(value)])),
  ];
  const at = masked.findIndex((text, index) => text !== plain[index]);
  if (at !== -1) {
    throw new ConfigError(
      `Cannot make ${kind}: ${
        masked[at]
      } has what looks like a secret, which no such file should have; leave it out here, and put it into the service's own environment`,
    );
  }
}

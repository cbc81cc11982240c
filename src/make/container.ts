/** How corn is started in a container: the same command, in another folder. */
import { ConfigError } from "../base/errors.ts";
import type { RuntimeName } from "../runtime/runtime.ts";
import { isWithin } from "../base/path.ts";
import { checkStart, refuse } from "./subject.ts";
import type { Subject } from "./subject.ts";
import { openPorts } from "./upstream.ts";
import type { OpenPort } from "./upstream.ts";

/** Where the app is in its image. */
export const HOME = "/srv/app";

export interface Image {
  /** What it is built from. */
  readonly base: string;
  /** The user in it that is not root, by name and number. */
  readonly user: string;
  readonly uid: number;
}

/** The official image of the runtime in use. */
export function imageOf({ workers, runtime, version }: Subject): Image {
  const [major = ""] = version.split(".");
  const own = workers === runtime;
  const images: Readonly<Record<RuntimeName, Image>> = {
    node: {
      base: `node:${own ? major : "24"}-slim`,
      user: "node",
      uid: 1000,
    },
    bun: {
      base: `oven/bun:${own ? version : "1"}-slim`,
      user: "bun",
      uid: 1000,
    },
    deno: {
      base: `denoland/deno:${own ? `debian-${version}` : "debian"}`,
      user: "deno",
      uid: 1993,
    },
  };
  return images[workers];
}

export interface ContainerStart {
  readonly command: readonly string[];
  readonly ports: readonly OpenPort[];
}

/** The command line in the container, and the ports that it serves. @throws ConfigError where it could serve none */
export function containerStart(
  subject: Subject,
  { kind, more = [] }: {
    readonly kind: string;
    /** What it is told besides. */
    readonly more?: readonly string[];
  },
): ContainerStart {
  checkStart(subject, kind);
  checkContainer(subject, kind);
  const { folder, given } = subject;
  const { ports, flags } = openPorts(subject, kind);
  const words = given.map((word) =>
    folder === "/" ? word : word.replaceAll(`${folder}/`, `${HOME}/`).replace(
      new RegExp(`(^|=)${literal(folder)}$`),
      `$1${HOME}`,
    )
  );
  return { command: [...program(subject), ...words, ...flags, ...more], ports };
}

/** Settings for what root alone may do. */
const OF_ROOT = ["user", "group", "unixOwner", "controlOwner"] as const;

/** Refuses what an image with one runtime and a user that is not root does not have. @throws ConfigError */
function checkContainer(subject: Subject, kind: string): void {
  const { config: { settings, tasks, origins }, workers } = subject;
  const { user } = imageOf(subject);
  const alone = `which only root may do, and in the image corn is ${user}`;
  for (const setting of OF_ROOT) {
    if (settings[setting] === undefined) continue;
    refuse(subject, { kind, setting, why: `${alone}: leave it out` });
  }
  for (const { name, runtime = workers, ...pool } of tasks) {
    const is = (what: string, why: string) =>
      new ConfigError(
        `Cannot make ${kind}: ${what} of the tasks "${name}" from ${origins.tasks}, ${why}`,
      );
    const other = pool.user ?? pool.group;
    if (other !== undefined) throw is(`${other} is the user or group`, alone);
    if (runtime !== workers) {
      throw is(
        `${runtime} is the runtime`,
        `and the image has ${workers} alone`,
      );
    }
  }
}

/** The runtime that the workers run on, for the arbiter too: an image has one. */
function program(subject: Subject): string[] {
  const { workers, runtime, start, folder } = subject;
  const file = start.at(-1) ?? "";
  const path = isWithin(folder, file)
    ? file.slice(folder.length).replace(/^\//, "")
    : "node_modules/corn/bin/corn.js";
  if (workers === runtime) return [workers, ...start.slice(1, -1), path];
  return workers === "deno" ? ["deno", "run", "-A", path] : [workers, path];
}

function literal(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

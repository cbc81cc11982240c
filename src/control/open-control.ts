/** Opens the control socket. */
import { BindError, codeOf, messageOf } from "../base/errors.ts";
import type { Logger } from "../log/error/logger.ts";
import type { Closeable, FileOwner, Runtime } from "../runtime/runtime.ts";
import { openDoor } from "./door/open-door.ts";
import type { Door } from "./door/open-door.ts";
import type { Route } from "./door/route.ts";
import { namesIn } from "../base/attempt.ts";
import { announcedPath, announcementIn } from "./announcement.ts";
import { removeDead } from "./dead-sockets.ts";
import { prepareDefaultFolder, socketIn } from "./place.ts";
import type { Wish } from "./place.ts";

/** The longest path that a unix socket can have, see unix(7), less what its first name has more. */
const MOST_PATH = 107 - 17;

export interface ControlOptions {
  readonly wish: Wish;
  readonly mode: number;
  readonly owner: FileOwner | undefined;
  readonly log: Pick<Logger, "debug" | "warning">;
  /** True where another arbiter hands over: its socket's name is taken. */
  takesOver(): boolean;
  /** The process that listens at a path; undefined where it is not known. */
  holderOf(path: string): string | undefined;
  routes(): Promise<readonly Route[]>;
}

/** An open control socket. */
export interface Control extends Door {
  readonly path: string;
}

type ControlRuntime = Pick<
  Runtime,
  | "acceptStreams"
  | "acceptsStreams"
  | "answers"
  | "clock"
  | "files"
  | "self"
  | "signals"
>;

/**
 * Opens it; undefined where the default path cannot be used.
 *
 * @throws BindError
 */
export async function openControl(
  runtime: ControlRuntime,
  options: ControlOptions,
): Promise<Control | undefined> {
  const { wish, log } = options;
  try {
    return await open(runtime, options);
  } catch (cause) {
    const text = `Cannot open the control socket${
      wish.path === undefined ? "" : ` "${wish.path}"`
    }: ${messageOf(cause)}`;
    if (wish.asked) throw new BindError(text, { cause });
    log.debug(`${text}; corn goes on without`);
    return undefined;
  }
}

async function open(
  runtime: ControlRuntime,
  { wish, mode, owner, log, takesOver, holderOf, routes }: ControlOptions,
): Promise<Control> {
  if (!runtime.acceptsStreams()) {
    throw new Error("this process may not listen or write files");
  }
  const path = wish.path ?? await prepareDefault(runtime);
  if (path.length > MOST_PATH) {
    throw new Error(`its path is longer than ${MOST_PATH} characters`);
  }
  const { files } = runtime;
  const kind = files.kind(path);
  if (kind !== undefined && kind !== "socket") {
    throw new Error(`there is a ${kind} of that name`);
  }
  const address = { kind: "unix", path } as const;
  const refusal = (options?: ErrorOptions) => {
    const holder = holderOf(path);
    return new Error(
      `another process listens there${
        holder === undefined ? "" : `: ${holder}`
      }; stop it or choose another path`,
      options,
    );
  };
  const taken = takesOver();
  if (kind !== undefined && !taken && await runtime.answers(address)) {
    throw refusal();
  }
  try {
    const door = await openDoor(runtime, address, {
      routes,
      readOnly: false,
      unixMode: mode,
      unixOwner: owner,
      exclusive: !taken,
      report: (text) => log.warning(text),
    });
    const announced = wish.path === undefined
      ? undefined
      : await announce(path, runtime, log);
    return {
      ...door,
      path,
      isNamed: () => door.isNamed() && announced?.isThere() !== false,
      close() {
        announced?.close();
        return door.close();
      },
    };
  } catch (cause) {
    if (taken || codeOf(cause) !== "EADDRINUSE") throw cause;
    throw refusal({ cause });
  }
}

/** @throws an Error where there can be none */
async function prepareDefault(runtime: ControlRuntime): Promise<string> {
  const folder = prepareDefaultFolder(runtime);
  await removeDead(folder, runtime);
  return socketIn(folder, runtime.self.pid);
}

/** A path that the commands are told of. */
interface Announced extends Closeable {
  /** False where what tells of it was removed. */
  isThere(): boolean;
}

/** Tells the commands of a path of its own; undefined where there is no folder for that. */
async function announce(
  path: string,
  runtime: ControlRuntime,
  log: ControlOptions["log"],
): Promise<Announced | undefined> {
  const { files, self } = runtime;
  try {
    const folder = prepareDefaultFolder(runtime);
    await removeDead(folder, runtime);
    // This process listens at the path now: announcements of it by a killed
    // arbiter, or by the one that hands over, are out of date.
    for (const name of namesIn(folder, files)) {
      const one = `${folder}/${name}`;
      if (announcedPath(one, { files }) === path) files.remove(one);
    }
    const file = announcementIn(folder, self.pid);
    files.replaceText(file, `${path}\n`);
    return {
      isThere: () => announcedPath(file, { files }) === path,
      close() {
        try {
          files.remove(file);
        } catch {
          // Its folder may have been closed meanwhile: the next start removes it.
        }
      },
    };
  } catch (error) {
    log.debug(`Commands find "${path}" by -s alone: ${messageOf(error)}`);
    return undefined;
  }
}

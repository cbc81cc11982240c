/** `--check-config`: what a start would refuse besides the app. Nothing that it tries is left behind. */
import { certificateRefusals } from "../arbiter/certificates/check.ts";
import { prepareGeneration } from "../arbiter/generations/generation.ts";
import type { Prepared } from "../arbiter/generations/generation.ts";
import {
  checkDescriptorLimit,
  readDescriptorLimit,
} from "../arbiter/sockets/descriptor-limit.ts";
import { Listeners } from "../arbiter/sockets/listeners.ts";
import type { Names } from "../arbiter/generations/names.ts";
import { writePidfile } from "../arbiter/host/pidfile.ts";
import { decideSharing } from "../arbiter/sockets/sharing.ts";
import { sharesQueue } from "../plan/worker-class.ts";
import { kindOf } from "../arbiter/sockets/unix-path.ts";
import { prepareAccessFile } from "../arbiter/generations/access-file.ts";
import { isAbstract } from "../base/addresses/unix-names.ts";
import { addressOf } from "../config/values/address.ts";
import type { Bind } from "../config/values/address.ts";
import type { Config } from "../config/table/types.ts";
import { codeOf, CornError, PidfileError } from "../base/errors.ts";
import { LogFile } from "../log/log-file.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { checkDaemon } from "./daemon.ts";

/**
 * Gives what would be refused; nothing where all is well or the app is missing,
 * which loading it reports. An address in use and a pid file of a
 * living process are none: they are those of the corn that is to be reloaded.
 */
export async function findRefusals(
  config: Config,
  runtime: Runtime,
  names: Names,
): Promise<CornError[]> {
  const { settings } = config;
  const { files } = runtime;
  const found: CornError[] = [];
  const attempt = async (run: () => unknown) => {
    try {
      await run();
    } catch (error) {
      if (!(error instanceof CornError)) throw error;
      found.push(error);
    }
  };
  if (settings.daemon) await attempt(() => checkDaemon(config, runtime));
  const { errorLogfile, pid } = settings;
  if (errorLogfile !== "-") {
    await attempt(() =>
      tryFile(
        errorLogfile,
        runtime,
        () => new LogFile(errorLogfile, files).close(),
      )
    );
  }
  if (pid !== undefined) await attempt(() => tryPidfile(pid, runtime));
  let prepared: Prepared;
  try {
    prepared = await prepareGeneration(config, runtime, names);
  } catch {
    return found; // Loading the app tells of it.
  }
  found.push(
    ...certificateRefusals(config, runtime, prepared.release.runtime),
  );
  const { accessLogfile } = settings;
  if (accessLogfile !== undefined && accessLogfile !== "-") {
    await attempt(() =>
      tryFile(
        accessLogfile,
        runtime,
        () => prepareAccessFile(prepared, runtime),
      )
    );
  }
  await attempt(() =>
    checkDescriptorLimit(readDescriptorLimit(files), {
      workers: prepared.most,
      threads: prepared.copies,
    })
  );
  // A service manager's sockets stand for all others.
  if (runtime.self.env().LISTEN_FDS === undefined) {
    for (const bind of settings.bind) {
      await attempt(() => tryBind(bind, prepared, runtime));
    }
  }
  return found;
}

/** Removes the file again where there was none. */
function tryFile(path: string, { files }: Runtime, open: () => void): void {
  const isNew = kindOf(path, files) === undefined;
  open();
  if (isNew) files.remove(path);
}

/** Writes another file beside it, since the real one may be in use. */
function tryPidfile(path: string, runtime: Runtime): void {
  if (kindOf(path, runtime.files) === "folder") {
    throw new PidfileError(`Cannot write pid file "${path}": it is a folder`);
  }
  const probe = `${path}.${runtime.self.pid}.check`;
  try {
    writePidfile(probe, runtime).close();
  } catch (cause) {
    if (!(cause instanceof PidfileError)) throw cause;
    throw new PidfileError(cause.message.replaceAll(probe, path), { cause });
  }
}

/** Opens the address for a moment, unless another process has it. */
async function tryBind(
  bind: Bind,
  { config, workers, unixOwner, ...prepared }: Prepared,
  runtime: Runtime,
): Promise<void> {
  if (bind.kind === "fd") return; // It is there at the start only.
  if (bind.kind === "unix" && !isAbstract(bind.path)) {
    // What stands there may be served, or is removed at the start.
    if (kindOf(bind.path, runtime.files) === "socket") return;
  }
  const { backlog, unixMode, reusePort, queues } = config.settings;
  const sharing = decideSharing({
    address: addressOf(bind),
    arbiterHolds: runtime.holdsListeners,
    workerRuntime: prepared.release.runtime,
    workers,
    reusePort,
    queues,
    preferOne: sharesQueue(config),
  });
  const listeners = new Listeners({
    runtime,
    handed: [],
    shared: () => false,
  });
  try {
    const one = { ...sharing, queues: Math.min(1, sharing.queues) };
    await listeners.open(bind, one, { backlog, unixMode, unixOwner });
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    if (codeOf(cause) !== "EADDRINUSE") throw error;
  } finally {
    listeners.closeOthers([]);
  }
}

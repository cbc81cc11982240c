/** The access log of a worker. */
import { joinObservers } from "../../exchange/exchange.ts";
import type { ExchangeObserver } from "../../exchange/exchange.ts";
import { messageOf } from "../../base/errors.ts";
import { createAccessLog } from "../../log/access/access-log.ts";
import type { AccessSink } from "../../log/access/access-log.ts";
import { createBatch } from "../../log/access/batch.ts";
import { LogFile } from "../../log/log-file.ts";
import type {
  AccessFile,
  AccessSettings,
} from "../../log/access/access-settings.ts";
import type { Files } from "../../runtime/runtime.ts";
import type { WorkerHost } from "./worker-host.ts";
import type { OpenSyslog } from "./access-syslog.ts";

export interface WorkerAccessLog {
  readonly observer: ExchangeObserver | undefined;
  /** Opens the file anew; where it cannot, lines go on into the old one. */
  reopen(): void;
  /** Writes what is held back, at the end, and says what is lost. */
  close(): void;
  /** Resolves when syslog has its lines, or after `ms`; undefined where none go there. */
  readonly end: ((ms: number) => Promise<void>) | undefined;
}

/** What stands for standard output. */
const STANDARD_OUTPUT = "-";

/**
 * Into anything but a file, so much of ASCII goes in one piece beside other
 * writers, see pipe(7); a character has three bytes at most.
 */
const PIECE = Math.floor(4096 / 3);

/** Opens the access log. @throws LogFileError unless a worker like this one has `served` before */
export type OpenAccessLog = (
  host: WorkerHost,
  served: boolean,
) => WorkerAccessLog;

/** Loads what the access log needs, and gives what opens it. */
export async function loadAccessLog(
  settings: AccessSettings,
): Promise<OpenAccessLog> {
  const openSyslog = settings.syslog &&
    (await import("./access-syslog.ts")).openSyslog;
  return (host, served) =>
    openAccessLog(settings, host, { served, openSyslog });
}

function openAccessLog(
  { skip, file, syslog }: AccessSettings,
  host: WorkerHost,
  { served, openSyslog }: {
    readonly served: boolean;
    readonly openSyslog: OpenSyslog | undefined;
  },
): WorkerAccessLog {
  const { runtime } = host;
  const written = file && openFile(file, host, served);
  const sent = syslog && openSyslog?.(syslog, host);
  const log = (format: string, sinks: readonly AccessSink[]) =>
    createAccessLog({
      ...{ format, skip, sinks },
      clock: runtime.clock,
      random: runtime.random,
      pid: runtime.self.pid,
    });
  const observers: ExchangeObserver[] = [];
  if (written && sent && file.format === syslog?.format) {
    observers.push(log(file.format, [written, sent]));
  } else {
    if (written) observers.push(log(file.format, [written]));
    if (sent && syslog) observers.push(log(syslog.format, [sent]));
  }
  return {
    observer: joinObservers(observers),
    reopen: () => written?.reopen(),
    close: () => written?.close(),
    end: sent?.end,
  };
}

/** What takes the place of a file that cannot be opened: its lines are lost, and counted. */
const NO_FILE: Pick<LogFile, "write" | "abandon" | "close"> = {
  write: () => false,
  abandon: () => 0,
  close() {},
};

const WITHOUT = "requests are served without it, and USR1 opens it";

/** Opens the file; where it was there before, its absence keeps no worker from serving. @throws LogFileError */
function openFirst(path: string, host: WorkerHost, served: boolean) {
  try {
    return new LogFile(path, host.runtime.files);
  } catch (error) {
    if (!served) throw error;
    host.say(
      "error",
      `${messageOf(error)}; ${WITHOUT}`,
    );
    return NO_FILE;
  }
}

/** Lines on their way to a file or to standard output. */
function openFile(
  { path, byArbiter }: AccessFile,
  host: WorkerHost,
  served: boolean,
) {
  const { clock, files, self } = host.runtime;
  let file = path === STANDARD_OUTPUT
    ? undefined
    : openFirst(path, host, served);

  function write(text: string): boolean {
    if (file !== undefined) return file.write(text);
    if (!byArbiter) return self.stdout.write(text);
    host.send({ type: "access", text });
    return true;
  }

  function abandon(): number {
    if (file !== undefined) return file.abandon();
    return byArbiter ? 0 : self.stdout.abandon();
  }

  const batch = createBatch({
    clock,
    write,
    abandon,
    report: host.say,
    ...(!isFile(path, files) && { piece: PIECE }),
  });
  return {
    ...batch,
    reopen() {
      if (file === undefined) return;
      batch.flush();
      try {
        const next = new LogFile(path, files);
        file.close();
        file = next;
      } catch (error) {
        host.say(
          "error",
          `${messageOf(error)}; ${
            file === NO_FILE
              ? WITHOUT
              : "the access log goes on in the file that was there"
          }`,
        );
      }
    },
  };
}

function isFile(path: string, files: Pick<Files, "kind">): boolean {
  try {
    return files.kind(path) === "file";
  } catch {
    // Deno lets a worker write what it may not look at.
    return false;
  }
}

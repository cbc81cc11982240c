/** The access log of a worker. */
import type { ExchangeObserver } from "../gateway/exchange.ts";
import { messageOf } from "../errors.ts";
import { createAccessLog } from "../log/access-log.ts";
import { createBatch } from "../log/batch.ts";
import { LogFile } from "../log/log-file.ts";
import type { AccessSettings, WorkerMessage } from "../messages.ts";
import type { Files, Runtime } from "../runtime.ts";

export interface WorkerAccessLog {
  readonly observer: ExchangeObserver;
  /** Opens the file anew; where it cannot, lines go on into the old one. */
  reopen(): void;
  /** Writes what is held back. */
  flush(): void;
}

/** What stands for standard output. */
const STANDARD_OUTPUT = "-";

/**
 * Into anything but a file, so much of ASCII goes in one piece whoever else
 * writes, see pipe(7); a character has three bytes at most.
 */
const PIECE = Math.floor(4096 / 3);

function isFile(path: string, files: Pick<Files, "kind">): boolean {
  try {
    return files.kind(path) === "file";
  } catch {
    // Deno lets a worker write what it may not look at.
    return false;
  }
}

/** Opens the access log. @throws LogFileError */
export function openAccessLog(
  settings: AccessSettings,
  runtime: Runtime,
  send: (message: WorkerMessage) => void,
): WorkerAccessLog {
  const { path } = settings;
  const { clock, files, self, random } = runtime;
  const say = (level: "error" | "warning", text: string) =>
    send({ type: "log", level, text });
  let file = path === STANDARD_OUTPUT ? undefined : new LogFile(path, files);

  function write(text: string): boolean {
    if (file !== undefined) return file.write(text);
    if (!settings.byArbiter) return self.stdout.write(text);
    send({ type: "access", text });
    return true;
  }

  const batch = createBatch({
    clock,
    write,
    report: say,
    ...(!isFile(path, files) && { piece: PIECE }),
  });
  return {
    observer: createAccessLog({
      ...settings,
      sinks: [batch],
      clock,
      random,
      pid: self.pid,
    }),
    reopen() {
      if (file === undefined) return;
      batch.flush();
      try {
        const next = new LogFile(path, files);
        file.close();
        file = next;
      } catch (error) {
        say(
          "error",
          `${
            messageOf(error)
          }; the access log goes on in the file that was there`,
        );
      }
    },
    flush: () => batch.flush(),
  };
}

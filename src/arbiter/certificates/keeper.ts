/** Keeps the certificates of every config that is served: reads them again when their files change, and says when they end. */
import type { Config } from "../../config/table/types.ts";
import type { Logger } from "../../log/error/logger.ts";
import type { Closeable, Runtime, RuntimeName } from "../../runtime/runtime.ts";
import { Reminders } from "./expiry.ts";
import { KeptCertificates } from "./kept.ts";

/** How often the files are read. */
const LOOK_MS = 10_000;

/** When they are read again that could not be served: one of a pair may be written before the other. */
const AGAIN_MS = 1000;

/** How long a key for session tickets is used. */
const TICKETS_MS = 12 * 3600 * 1000;

export interface KeeperOptions {
  readonly runtime: Pick<
    Runtime,
    "name" | "clock" | "files" | "certificates" | "forbidCoreDumps"
  >;
  readonly log: Pick<Logger, "info" | "warning" | "error" | "debug">;
  /** Tells the workers that were given these what they are now; `done` is called once they have them. */
  tell(kept: KeptCertificates, done?: () => void): void;
}

/** What is known of one config's certificates. */
interface Entry {
  /** By what they were asked for. */
  readonly key: string;
  readonly kept: KeptCertificates;
  readonly reminders: Reminders;
  /** Why the newest cannot be served, and what was said of it last. */
  trouble: { readonly reason: string; said: string | undefined } | undefined;
}

export class CertificateKeeper {
  readonly #options: KeeperOptions;
  #entries: Entry[] = [];
  #timer: Closeable | undefined;
  #ticketsAt = 0;
  #guarded = false;

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  /**
   * The certificates that a config asks for, as they are now; undefined where it
   * asks for none. @throws ConfigError where there is none to serve
   */
  open(config: Config, workers: RuntimeName): KeptCertificates | undefined {
    if (config.settings.certfile === undefined) return undefined;
    const { runtime } = this.#options;
    const key = keyOf(config, workers);
    const known = this.#entries.find((one) => one.key === key);
    if (known !== undefined) {
      this.#look(known, true);
      return known.kept;
    }
    this.#guard();
    const kept = new KeptCertificates({
      config,
      files: runtime.files,
      library: runtime.certificates,
      own: runtime.name,
      workers,
      now: () => runtime.clock.date(),
    });
    const entry = {
      key,
      kept,
      reminders: new Reminders(),
      trouble: undefined,
    };
    if (this.#entries.length === 0) {
      this.#ticketsAt = runtime.clock.now() + TICKETS_MS;
    }
    this.#entries.push(entry);
    this.#remind(entry);
    this.#wait(LOOK_MS);
    return kept;
  }

  /** Lets go of all others. */
  closeOthers(served: readonly KeptCertificates[]): void {
    this.#entries = this.#entries.filter(({ kept }) => served.includes(kept));
    if (this.#entries.length > 0) return;
    this.#timer?.close();
    this.#timer = undefined;
  }

  /** Before the first key is in memory. */
  #guard(): void {
    if (this.#guarded) return;
    this.#guarded = true;
    if (this.#options.runtime.forbidCoreDumps()) return;
    this.#options.log.warning(
      "Core dumps cannot be turned off here: one of a worker would hold the key of its certificate",
    );
  }

  #wait(ms: number): void {
    this.#timer?.close();
    this.#timer = this.#options.runtime.clock.after(ms, () => this.#turn());
  }

  #turn(): void {
    const { clock } = this.#options.runtime;
    if (clock.now() >= this.#ticketsAt) {
      this.#ticketsAt = clock.now() + TICKETS_MS;
      for (const { kept } of this.#entries) {
        if (kept.rotate()) this.#options.tell(kept);
      }
    }
    for (const entry of this.#entries) this.#look(entry, false);
    const doubtful = this.#entries.some(({ trouble }) =>
      trouble !== undefined && trouble.said !== trouble.reason
    );
    this.#wait(doubtful ? AGAIN_MS : LOOK_MS);
  }

  /** Reads the files. What is wrong with them is logged at each reload, and once besides: at the second look in a row, also where that finds something else. */
  #look(entry: Entry, asked: boolean): void {
    const { log, tell } = this.#options;
    const look = entry.kept.look();
    switch (look.about) {
      case "same":
        entry.trouble = undefined;
        break;
      case "renewed":
        entry.trouble = undefined;
        // A client that comes after the line sees the new one.
        tell(entry.kept, () => {
          for (const text of look.texts) log.info(text);
        });
        break;
      case "refused":
        this.#refuse(entry, look.reason, asked);
    }
    this.#remind(entry);
  }

  #refuse(entry: Entry, reason: string, asked: boolean): void {
    const before = entry.trouble;
    const trouble = entry.trouble = { reason, said: before?.said };
    if (trouble.said === reason && !asked) return;
    const lasting = before?.reason === reason ||
      (before !== undefined && before.said === undefined);
    if (!lasting && !asked) return;
    trouble.said = reason;
    this.#options.log.warning(
      `Certificates not renewed, the old ones stay: ${reason}`,
    );
  }

  #remind({ kept, reminders }: Entry): void {
    const { log, runtime } = this.#options;
    const now = runtime.clock.date();
    for (const { level, text } of reminders.due(kept.certificates, now)) {
      log[level](text);
    }
  }
}

/** What two configs must have alike to share what is kept. */
function keyOf({ settings }: Config, workers: RuntimeName): string {
  const { certfile, keyfile, sni, caCerts } = settings;
  const { certReqs, ciphers, tlsMinVersion } = settings;
  return JSON.stringify([
    workers,
    ...[certfile, keyfile, sni, caCerts],
    ...[certReqs, ciphers, tlsMinVersion],
  ]);
}

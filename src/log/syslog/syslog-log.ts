/** A log on its way to syslog. */
import { routeTo } from "../../outbox/receiver.ts";
import type { Target } from "../../outbox/receiver.ts";
import { Sender } from "../../outbox/sender.ts";
import type { Closeable, Runtime } from "../../runtime/runtime.ts";
import type { LogEvent } from "../event.ts";
import {
  countOctets,
  DATAGRAM_BYTES,
  formatSyslog,
  MESSAGE_BYTES,
} from "./syslog.ts";
import type { SyslogHeader } from "./syslog.ts";

/** How many bytes may wait while the receiver is gone. */
const ROOM = 1024 * 1024;

/** Where a log is sent, and as what. */
export interface SyslogOptions extends Omit<SyslogHeader, "messageId"> {
  readonly target: Target;
}

export class SyslogLog implements Closeable {
  readonly options: SyslogOptions;
  readonly #sender: Sender;
  readonly #most: number;

  constructor(
    runtime: Runtime,
    options: SyslogOptions,
    { what = "the log", report }: {
      /** What it is, for the log. */
      readonly what?: string;
      /** Is told when the receiver is gone and when it is back. */
      report(text: string): void;
    },
  ) {
    const { target } = options;
    this.options = options;
    this.#most = target.kind === "udp" ? DATAGRAM_BYTES : MESSAGE_BYTES;
    this.#sender = new Sender({
      runtime,
      ...routeTo(target, runtime),
      what,
      room: ROOM,
      frame: countOctets,
      report,
    });
  }

  /** Sends an event as soon as that can be. */
  write(event: LogEvent, messageId: string): void {
    const header = { ...this.options, messageId };
    this.#sender.send(formatSyslog(event, header, this.#most));
  }

  /** Resolves when everything has gone out, when that is in vain, or after `ms`. */
  flush(ms: number): Promise<void> {
    return this.#sender.flush(ms);
  }

  close(): void {
    this.#sender.close();
  }
}

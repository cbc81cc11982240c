/** Profiles and heap snapshots that workers write of themselves: one at a time, since they take memory and the worker's event loop. */
import { CornError, messageOf } from "../../base/errors.ts";
import { createMark, markText } from "../../exchange/flight-record.ts";
import type { ArbiterMessage } from "../../protocol/messages.ts";
import { BLOCKED_MS } from "../../protocol/waits.ts";
import type { FileOwner, Runtime } from "../../runtime/runtime.ts";

/** A worker that has not written it so long after it could have is not waited for. */
const LIMIT_MS = 120_000;

/** What is written, as Chrome's DevTools know it by the end of its name. */
export type Recorded = "profile" | "heap";

const NAMES: Readonly<Record<Recorded, string>> = {
  profile: "worker.cpuprofile",
  heap: "worker.heapsnapshot",
};

export interface RecordingsOptions {
  readonly runtime: Pick<Runtime, "clock" | "files" | "random" | "self">;
  send(age: number, message: ArbiterMessage): void;
  /** Holds a worker's limit of silence back meanwhile. */
  hold(age: number, held: boolean): void;
}

/** What is to be recorded. */
export interface RecordOrder {
  readonly age: number;
  readonly what: Recorded;
  /** How long a profile takes. */
  readonly ms: number;
  /** The thread that is to do it, of a worker that has several. */
  readonly thread?: number | undefined;
  /** The user that the worker runs as. */
  readonly owner: FileOwner;
  /** For how long it has been blocked; 0 where it is not. */
  blockedMs(): number;
  /** To have the worker replaced before, and do it once no request is open there. */
  readonly drain?: {
    /** How long its requests may take. */
    readonly graceMs: number;
    /** Has it replaced. */
    begin(): void;
  };
}

interface Pending {
  readonly age: number;
  readonly id: number;
  end(error?: string): void;
  /** Is to be called once when the worker drains. */
  drain?: (() => void) | undefined;
}

export class Recordings {
  readonly #options: RecordingsOptions;
  #pending: Pending | undefined;
  #last = 0;

  constructor(options: RecordingsOptions) {
    this.#options = options;
  }

  /** Resolves with the file's path, which is the caller's then. @throws CornError */
  async record(
    { age, what, ms, thread, owner, blockedMs, drain }: RecordOrder,
  ): Promise<string> {
    if (this.#pending !== undefined) {
      throw new CornError("Another recording goes on: wait for its end");
    }
    const { runtime: { clock, files, random, self }, send, hold } =
      this.#options;
    const { TMPDIR = "/tmp" } = self.env();
    const folder = `${TMPDIR}/corn-recording-${markText(createMark(random))}`;
    try {
      files.makePrivate(folder, owner);
    } catch (cause) {
      const text = `Cannot make folder "${folder}": ${messageOf(cause)}`;
      throw new CornError(text, { cause });
    }
    const file = `${folder}/${NAMES[what]}`;
    const id = ++this.#last;
    try {
      await new Promise<void>((resolve, reject) => {
        const end = (error?: string) => {
          if (error === undefined) return resolve();
          reject(new CornError(`Cannot record: ${error}`));
        };
        const order = (mostMs: number, last: boolean) => {
          hold(age, true);
          clock.after(
            mostMs + LIMIT_MS,
            () => this.#end(id, "the worker has not done it in time"),
          );
          send(age, {
            ...{ type: "record", id, what, file, ms, last },
            ...thread !== undefined && { thread },
          });
        };
        const pending: Pending = { age, id, end };
        this.#pending = pending;
        if (drain === undefined) {
          // A snapshot makes it silent too, once it has begun.
          if (blockedMs() > 0) {
            clock.after(BLOCKED_MS, () => {
              const silentMs = blockedMs();
              if (silentMs < BLOCKED_MS) return;
              const seconds = (silentMs / 1000).toFixed(1);
              this.#end(id, `the worker is blocked for ${seconds} s`);
            });
          }
          return order(ms, false);
        }
        pending.drain = () => order(drain.graceMs, true);
        clock.after(LIMIT_MS, () => {
          if (pending.drain !== undefined) {
            this.#end(id, "no other worker was ready in its place in time");
          }
        });
        drain.begin();
      });
    } catch (error) {
      // What a worker has begun to write is left: it may be at it still.
      files.removeFolder(folder);
      throw error;
    } finally {
      this.#pending = undefined;
      hold(age, false);
    }
    return file;
  }

  /** A worker is about to be told to drain. */
  draining(age: number): void {
    const pending = this.#pending;
    if (pending?.age !== age) return;
    const { drain } = pending;
    pending.drain = undefined;
    drain?.();
  }

  /** What was to take the worker's place is not ready: one that has not begun is not made. */
  forgo(age: number): void {
    const pending = this.#pending;
    if (pending?.age === age && pending.drain !== undefined) {
      pending.end("no other worker was ready in its place");
    }
  }

  /** A worker has written it, or says why not. */
  recorded(age: number, id: number, error: string | undefined): void {
    if (this.#pending?.age === age) this.#end(id, error);
  }

  /** A worker is gone. */
  exited(age: number): void {
    if (this.#pending?.age === age) this.#pending.end("the worker has ended");
  }

  #end(id: number, error: string | undefined): void {
    if (this.#pending?.id === id) this.#pending.end(error);
  }
}

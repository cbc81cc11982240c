/** WebSockets as a worker tells of them to the arbiter. */
import type { SocketWatcher } from "../gateway/sockets/open-sockets.ts";

/** How a close code is counted: those from 3000 on are the app's, of which there may be any number. */
export function closeName(code: number): string {
  return code >= 3000 ? "app" : String(code);
}

/** What became of WebSockets since it was told last. */
export interface SocketCounts {
  /** Open now. */
  readonly open: number;
  readonly opened: number;
  /** Ended, by `closeName`. */
  readonly closed: Readonly<Record<string, number>>;
}

export class SocketFigures implements SocketWatcher {
  #open = 0;
  #opened = 0;
  #closed: Record<string, number> = {};
  #any = false;
  /** True where something is untold. */
  changed = false;

  onOpen(): void {
    this.#open++;
    this.#opened++;
    this.#any = this.changed = true;
  }

  onEnd(code: number): void {
    this.#open--;
    const name = closeName(code);
    this.#closed[name] = (this.#closed[name] ?? 0) + 1;
    this.changed = true;
  }

  /** What is to be told; undefined where there never was one. */
  take(): SocketCounts | undefined {
    if (!this.#any) return undefined;
    const counts = {
      open: this.#open,
      opened: this.#opened,
      closed: this.#closed,
    };
    this.#opened = 0;
    this.#closed = {};
    this.changed = false;
    return counts;
  }
}

/** A connection of a call, on the worker's side. */
import { deferred } from "../../base/promise.ts";
import { encodeFrame, FrameReader } from "../../tasks/frame.ts";
import type { Frame, FrameKind } from "../../tasks/frame.ts";
import type { Channel, ChannelEvents } from "../../runtime/transport.ts";

export interface ConnectionHost {
  /** Takes what the caller asks for. */
  onFrame(connection: TaskConnection, frame: Frame): void;
  /** The caller is gone, or what it sent is no frame. */
  onClose(connection: TaskConnection): void;
}

export class TaskConnection implements ChannelEvents {
  readonly #channel: Channel;
  readonly #host: ConnectionHost;
  readonly #reader = new FrameReader();
  /** Resolves once all that was written is with the kernel. */
  #drained: PromiseWithResolvers<void> | undefined;
  #closed = false;
  /** Called when the caller leaves. */
  onLeave: (() => void) | undefined;

  constructor(channel: Channel, host: ConnectionHost) {
    this.#channel = channel;
    this.#host = host;
  }

  /** True once the caller is gone. */
  get closed(): boolean {
    return this.#closed;
  }

  onData(bytes: Uint8Array): void {
    if (this.#closed) return;
    try {
      for (const frame of this.#reader.push(bytes)) {
        this.#host.onFrame(this, frame);
      }
    } catch {
      this.cut();
    }
  }

  onDrain(): void {
    this.release();
  }

  /** A caller that gives up closes, and none sends an end for another reason. */
  onEnd(): void {
    this.cut();
  }

  onClose(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.release();
    this.onLeave?.();
    this.#host.onClose(this);
  }

  /** Sends a frame; gives what to wait for where the kernel does not take all of it now. @throws for a value that cannot be sent */
  send(kind: FrameKind, value: unknown): Promise<void> | undefined {
    const pieces = encodeFrame(kind, value);
    if (this.#closed) return undefined;
    let taken = true;
    for (const piece of pieces) {
      if (piece.length > 0) taken = this.#channel.write("", piece);
    }
    if (taken || this.#closed) return undefined;
    return (this.#drained ??= deferred()).promise;
  }

  /** Lets what waits for a slow caller go on. */
  release(): void {
    const drained = this.#drained;
    this.#drained = undefined;
    drained?.resolve();
  }

  /** Sends what was written, then the end. */
  end(): void {
    if (!this.#closed) this.#channel.end();
  }

  cut(): void {
    if (this.#closed) return;
    this.#channel.cut(false);
    this.onClose();
  }
}

/** A connection whose client is the test. */
import type { Stream } from "../../../src/runtime/runtime.ts";

export class FakeStream implements Stream {
  readonly from: string | undefined;
  text = "";
  pending = 0;
  /** False while its client reads nothing. */
  reads = true;
  ended = false;
  isCut = false;
  paused = false;

  constructor(from?: string) {
    this.from = from;
  }

  write(bytes: Uint8Array): void {
    this.text += new TextDecoder().decode(bytes);
    if (!this.reads) this.pending += bytes.length;
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }

  end(): void {
    this.ended = true;
  }

  cut(): void {
    this.isCut = true;
  }
}

/** The terminal that a person sits at. */
import type { Closeable } from "./clock.ts";

export interface Screen {
  /** In characters, as it is now. */
  size(): { readonly columns: number; readonly rows: number };
  /** Tells each key by the characters it sends, which are not echoed meanwhile; Ctrl-C is `\x03`. */
  onKey(run: (key: string) => void): Closeable;
}

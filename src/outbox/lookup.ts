/** Looks whether a receiver's name leads elsewhere: datagrams go to an address, and the name may have got another one. */
import type {
  Closeable,
  Outlet,
  Receiver,
  Runtime,
} from "../runtime/runtime.ts";
import { isName } from "./receiver.ts";

/** Between two looks. */
const LOOKUP_MS = 60_000;

export interface LookupOptions {
  readonly runtime: Pick<Runtime, "clock" | "dial">;
  /** Takes over an outlet that is open, to where the name leads now. */
  onFresh(outlet: Outlet): void;
  /** Such an outlet has shut, see `OutletEvents`. */
  onShut(outlet: Outlet, error: Error | undefined): void;
}

export class Lookup implements Closeable {
  readonly #options: LookupOptions;
  #timer: Closeable | undefined;
  /** Opened beside the one there is; where that fails, the old one goes on. */
  #fresh: Outlet | undefined;

  constructor(options: LookupOptions) {
    this.#options = options;
  }

  /** Looks once in a while from now on, where there is a name to look up. */
  plan(receiver: Receiver): void {
    if (receiver.kind !== "udp" || !isName(receiver.host)) return;
    this.#timer?.close();
    this.#timer = this.#options.runtime.clock.after(LOOKUP_MS, () => {
      this.#open(receiver);
      this.plan(receiver);
    });
  }

  #open(receiver: Receiver): void {
    const { runtime, onFresh, onShut } = this.#options;
    this.#fresh?.close();
    const fresh = runtime.dial(receiver, {
      onOpen: () => {
        if (this.#fresh !== fresh) return;
        this.#fresh = undefined;
        onFresh(fresh);
      },
      onShut: (error) => onShut(fresh, error),
    });
    this.#fresh = fresh;
  }

  /** Stops until it is planned again. */
  close(): void {
    this.#timer?.close();
    this.#fresh?.close();
    this.#fresh = undefined;
  }
}

/** Where connections come from: the listening sockets of an engine, which rest while it has as many as it may. */
import type { Address, Source, TlsMaterial } from "../../runtime/runtime.ts";
import type { TransportListener } from "../../runtime/transport.ts";

/** A listening socket, and why it rests. */
interface Inlet {
  readonly listener: TransportListener;
  /** Undefined where the socket is the engine's own. */
  readonly descriptor: number | undefined;
  released: boolean;
}

export interface Intake {
  /** True while others wait for a connection to end. */
  readonly full: boolean;
  /** Accepts from a socket that was opened. */
  add(source: Source, listener: TransportListener): void;
  /** Accepts again from an inherited socket that was released, and gives its address; undefined where it is not known. */
  reopen(source: Source): Address | undefined;
  /** Leaves an inherited socket to others; false where that is not possible. */
  release(descriptor: number): boolean;
  /** Takes how many connections there are. */
  count(connections: number): void;
  /** Speaks TLS with this where TLS is spoken. @throws what is wrong with it: then none has it */
  rekey(material: TlsMaterial): void;
  /** Stops accepting for good. */
  close(): void;
}

/** `most` is how many connections there may be at once; 0 for any number. */
export function createIntake(most: number): Intake {
  const inlets: Inlet[] = [];
  let full = false;
  /** False where no socket can rest: no client waits in its queue then. */
  let rests = false;

  function find(descriptor: number): Inlet | undefined {
    return inlets.find((one) => one.descriptor === descriptor);
  }

  function apply({ listener, released }: Inlet): void {
    if (listener.accept(!released && !full)) rests = true;
  }

  return {
    get full() {
      return full && rests;
    },
    add(source, listener) {
      const descriptor = source.kind === "descriptor"
        ? source.descriptor
        : undefined;
      const inlet = { listener, descriptor, released: false };
      inlets.push(inlet);
      if (full) apply(inlet);
    },
    reopen(source) {
      if (source.kind !== "descriptor") return undefined;
      const inlet = find(source.descriptor);
      if (inlet === undefined) return undefined;
      inlet.released = false;
      apply(inlet);
      return inlet.listener.address;
    },
    release(descriptor) {
      const inlet = find(descriptor);
      if (inlet === undefined) return false;
      inlet.released = true;
      if (inlet.listener.accept(false)) return true;
      inlet.released = false;
      return false;
    },
    count(connections) {
      if (most === 0 || full === connections >= most) return;
      full = !full;
      // Where a socket cannot rest, its connections are served as they come.
      for (const inlet of inlets) apply(inlet);
    },
    rekey(material) {
      // What one of them takes, all do.
      for (const { listener } of inlets) listener.rekey?.(material);
    },
    close() {
      for (const { listener } of inlets.splice(0)) listener.close();
    },
  };
}

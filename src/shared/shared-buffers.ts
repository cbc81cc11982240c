/** Memory that all threads of a worker have, by its name. */

/** Gives the memory of a name, which is made at the first call. */
export type GetShared = (
  name: string,
  bytes: number,
) => Promise<SharedArrayBuffer>;

/** Where a thread's way to it is, among the symbols of its global object. */
export const SHARED = "corn.shared";

/** The memory of one process. */
export class SharedBuffers {
  readonly #buffers = new Map<string, SharedArrayBuffer>();

  /** @throws RangeError where it has another size, or none */
  get(name: string, bytes: number): SharedArrayBuffer {
    const known = this.#buffers.get(name);
    if (known === undefined) {
      if (!Number.isSafeInteger(bytes) || bytes <= 0) {
        throw new RangeError(
          `Cannot share "${name}": ${bytes} is no number of bytes`,
        );
      }
      const made = allocate(name, bytes);
      this.#buffers.set(name, made);
      return made;
    }
    if (known.byteLength === bytes) return known;
    throw new RangeError(
      `Cannot share "${name}" as ${bytes} bytes: it has ${known.byteLength}`,
    );
  }
}

function allocate(name: string, bytes: number): SharedArrayBuffer {
  try {
    return new SharedArrayBuffer(bytes);
  } catch (cause) {
    throw new RangeError(
      // With a module of base in it each start would load one file more.
      `Cannot share "${name}" as ${bytes} bytes: ${(cause as Error).message}`,
      { cause },
    );
  }
}

/** Gets it by the way that the global object has: in a process without threads there is none but its own. */
function sharedBy(globals: object): GetShared {
  const symbol = Symbol.for(SHARED);
  const holder = globals as Record<symbol, GetShared | undefined>;
  if (holder[symbol] === undefined) {
    const own = new SharedBuffers();
    Object.defineProperty(holder, symbol, {
      // deno-lint-ignore require-await -- what it throws must reject
      value: async (name: string, bytes: number) => own.get(name, bytes),
    });
  }
  return holder[symbol] as GetShared;
}

/** @throws TypeError where the name is no text, which no other thread could be given */
// deno-lint-ignore require-await -- what it throws must reject
export async function getShared(
  globals: object,
  name: string,
  bytes: number,
): Promise<SharedArrayBuffer> {
  if (typeof name !== "string") {
    throw new TypeError(
      `Cannot share memory: its name is no text but ${typeof name}`,
    );
  }
  return sharedBy(globals)(name, bytes);
}

/** libc by `Deno.dlopen`. */
import { ERRNO_SYMBOL, openLibc, symbolsHere } from "../libc/libc.ts";
import type { ForeignFunction, Libc } from "../libc/libc.ts";

interface Signature {
  readonly parameters: readonly string[];
  readonly result: string;
}

/** The part of Deno's FFI that corn uses. */
interface DenoFfi {
  dlopen(
    library: string,
    symbols: Record<string, Signature>,
  ): { symbols: Record<string, (...args: unknown[]) => number> };
  readonly UnsafePointerView: new (pointer: unknown) => { getInt32(): number };
  readonly permissions: {
    querySync(permission: { name: "ffi" }): { readonly state: string };
  };
}

const { Deno } = globalThis as unknown as { Deno: DenoFfi };

/** Opens libc, undefined where that is not possible or not permitted (DENO-NEEDS-FFI). */
export function loadLibc(): Libc | undefined {
  // Asking without permission would prompt on a terminal.
  if (Deno.permissions.querySync({ name: "ffi" }).state !== "granted") {
    return undefined;
  }
  return openLibc((library) => {
    const types = symbolsHere();
    const open = (name: string, signature: Signature) =>
      Deno.dlopen(library, { [name]: signature }).symbols[name] as (
        ...args: unknown[]
      ) => unknown;
    // First of all: to look it up after a failure could change what it tells.
    const location = open(ERRNO_SYMBOL, { parameters: [], result: "pointer" });
    return {
      find(name) {
        const parameters = types[name]?.map((type) =>
          type === "bytes" ? "buffer" : type
        );
        if (parameters === undefined) return undefined;
        return open(name, { parameters, result: "i32" }) as ForeignFunction;
      },
      errno: () => new Deno.UnsafePointerView(location()).getInt32(),
    };
  });
}

/** libc by `Deno.dlopen`. */
import { ERRNO_SYMBOL, openLibc, symbolsHere } from "../libc/libc.ts";
import type { Libc } from "../libc/libc.ts";

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
    const wanted: Record<string, Signature> = {
      [ERRNO_SYMBOL]: { parameters: [], result: "pointer" },
    };
    for (const [name, types] of Object.entries(symbolsHere())) {
      const parameters = types.map((type) =>
        type === "bytes" ? "buffer" : type
      );
      wanted[name] = { parameters, result: "i32" };
    }
    const { symbols } = Deno.dlopen(library, wanted);
    const location = symbols[ERRNO_SYMBOL] as () => unknown;
    return {
      symbols,
      errno: () => new Deno.UnsafePointerView(location()).getInt32(),
    };
  });
}

/** libc by `bun:ffi`. */
import { ERRNO_SYMBOL, openLibc, symbolsHere } from "../libc/libc.ts";
import type { Libc } from "../libc/libc.ts";

/** The part of `bun:ffi` that corn uses. */
interface BunFfi {
  dlopen(
    library: string,
    symbols: Record<string, { args: string[]; returns: string }>,
  ): { symbols: Record<string, (...args: unknown[]) => number> };
  readonly read: { i32(address: number, offset: number): number };
}

/** Not literal in the import, or the others' type checkers would look for it. */
export const MODULE = "bun:ffi";

/** Opens libc, undefined where that is not possible. */
export async function loadLibc(): Promise<Libc | undefined> {
  const { dlopen, read }: BunFfi = await import(MODULE);
  return openLibc((library) => {
    const wanted: Record<string, { args: string[]; returns: string }> = {
      [ERRNO_SYMBOL]: { args: [], returns: "ptr" },
    };
    for (const [name, types] of Object.entries(symbolsHere())) {
      const args = types.map((type) => type === "bytes" ? "ptr" : type);
      wanted[name] = { args, returns: "i32" };
    }
    const { symbols } = dlopen(library, wanted);
    const location = symbols[ERRNO_SYMBOL] as () => number;
    return {
      find: (name) => symbols[name],
      errno: () => read.i32(location(), 0),
    };
  });
}

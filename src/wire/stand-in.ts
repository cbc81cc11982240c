/** Objects that pass for ones of the runtime's own classes. */

/** Gives a class the name that programs and people know it by. */
export function nameClass(
  Made: new (...args: never[]) => object,
  name: string,
): void {
  Object.defineProperty(Made, "name", { value: name, configurable: true });
}

/**
 * Makes instances of a class pass for the runtime's own: by their prototype
 * chain, and where a runtime keeps what its code reads under symbols of each
 * object (Deno 2.9, Node 22), by a real one that is made when it is asked for.
 */
export function standIn<Own extends object>(
  prototype: Own,
  sample: object,
  toNative: (own: Own) => object,
): void {
  Object.setPrototypeOf(prototype, Object.getPrototypeOf(sample));
  for (const symbol of Object.getOwnPropertySymbols(sample)) {
    if (symbol in prototype) continue;
    Object.defineProperty(prototype, symbol, {
      get(this: Own) {
        return (toNative(this) as Record<symbol, unknown>)[symbol];
      },
    });
  }
}

/** Objects that pass for ones of the runtime's own classes. */

/** Gives a class the name that programs and people know it by. */
export function nameClass(
  Made: new (...args: never[]) => object,
  name: string,
): void {
  Object.defineProperty(Made, "name", { value: name, configurable: true });
}

/**
 * Gives a class the shape that Web IDL gives the runtime's own: its name, no
 * argument that its constructor must have, members that are listed, and the tag
 * of its instances.
 */
export function asInterface(
  Made: new (...args: never[]) => object,
  name: string,
  statics: readonly string[] = [],
): void {
  nameClass(Made, name);
  Object.defineProperty(Made, "length", { value: 0, configurable: true });
  const { prototype } = Made;
  for (const member of Object.getOwnPropertyNames(prototype)) {
    if (member === "constructor") continue;
    Object.defineProperty(prototype, member, { enumerable: true });
  }
  for (const member of statics) {
    Object.defineProperty(Made, member, { enumerable: true });
  }
  Object.defineProperty(prototype, Symbol.toStringTag, {
    value: name,
    configurable: true,
  });
}

/** What Node calls to print an object; Bun and Deno know it too. */
const INSPECT = Symbol.for("nodejs.util.inspect.custom");

/** Prints an object as the runtime's own is printed, whose way looks for private parts that nothing else has (Node 24, 26, ALL-PRIVATE-REQUEST). */
export function inspectAs<Own extends object>(
  prototype: Own,
  name: string,
  parts: (own: Own) => object,
): void {
  Object.defineProperty(prototype, INSPECT, {
    configurable: true,
    writable: true,
    value(
      this: Own,
      depth: number | null,
      options: object,
      inspect: (value: unknown, options: object) => string,
    ): string {
      return depth !== null && depth < 0
        ? `[${name}]`
        : `${name} ${inspect(parts(this), { ...options, depth })}`;
    },
  });
}

/**
 * Makes instances of a class pass for the runtime's own: by their prototype
 * chain, and where a runtime keeps what its code reads under symbols of each
 * object (Deno 2.9, Node 22, ALL-PRIVATE-REQUEST), by a real one that is made
 * when it is asked for.
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
      set(this: Own, value: unknown) {
        (toNative(this) as Record<symbol, unknown>)[symbol] = value;
      },
    });
  }
}

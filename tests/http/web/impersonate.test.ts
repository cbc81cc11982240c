import { asInterface, inspectAs } from "../../../src/http/web/impersonate.ts";
import * as assert from "../../support/assert.ts";
import { suite } from "../../support/suite.ts";

const impersonate = suite("asInterface");

impersonate("gives a class the shape of one of Web IDL's", () => {
  class Made {
    static parse(_text: string): void {}
    static own(): void {}
    readonly #first: unknown;
    constructor(first: unknown) {
      this.#first = first;
    }
    get size(): number {
      return this.#first === undefined ? 0 : 1;
    }
    read(): void {}
  }
  asInterface(Made, "Body", ["parse"]);
  assert.equal([Made.name, Made.length], ["Body", 0]);
  assert.equal(Object.keys(Made), ["parse"]);
  assert.equal(Object.keys(Made.prototype), ["size", "read"]);
  assert.is(String(new Made(1)), "[object Body]");
});

impersonate("leaves a class open to change, as the runtime's own are", () => {
  class Made {}
  asInterface(Made, "Body");
  inspectAs(Made.prototype, "Body", () => ({}));
  const inspect = Symbol.for("nodejs.util.inspect.custom");
  for (
    const [one, key] of [
      [Made, "name"],
      [Made, "length"],
      [Made.prototype, Symbol.toStringTag],
      [Made.prototype, inspect],
    ] as const
  ) {
    const shape = Object.getOwnPropertyDescriptor(one, key);
    assert.is(shape?.configurable, true, String(key));
    assert.is(shape?.writable, key === inspect, String(key));
  }
});

impersonate("prints parts as deep as it is told to", () => {
  class Made {}
  inspectAs(Made.prototype, "Body", () => ({ size: 1 }));
  const print = (depth: number | null) => {
    const made = new Made() as Record<symbol, (...all: unknown[]) => string>;
    return made[Symbol.for("nodejs.util.inspect.custom")]?.(
      depth,
      { depth: 7, colors: true },
      (parts: unknown, options: unknown) => JSON.stringify([parts, options]),
    );
  };
  for (const depth of [0, 1, null]) {
    const parts = [{ size: 1 }, { depth, colors: true }];
    assert.is(print(depth), `Body ${JSON.stringify(parts)}`);
  }
  assert.is(print(-1), "[Body]");
});

impersonate.run();

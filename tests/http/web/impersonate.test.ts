import { asInterface } from "../../../src/http/web/impersonate.ts";
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

impersonate.run();

/** A client of a control socket that holds every answer to the schema. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { root } from "../../../scripts/tools.ts";
import * as assert from "../assert.ts";
import { RawClient } from "./client.ts";

const schema = JSON.parse(
  readFileSync(join(root, "corn.control.schema.json"), "utf8"),
);
const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
ajv.addSchema(schema, "control");

/** @throws where it is not what the schema calls by this name */
export function assertSchema(name: string, value: unknown): void {
  const valid = ajv.getSchema(`control#/$defs/${name}`);
  assert.ok(valid, name);
  assert.ok(
    valid?.(value),
    `${name}: ${JSON.stringify(valid?.errors)} ${JSON.stringify(value)}`,
  );
}

// deno-lint-ignore no-explicit-any
type Json = any;

/** What an operation came to. */
export interface Outcome {
  readonly state: string;
  readonly message: string;
  readonly generation?: number;
  readonly failure?: {
    readonly message: string;
    readonly stack: string;
    readonly worker?: number;
    readonly exit?: { code?: number; signal?: string };
  };
}

export class ControlClient {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  async #ask(
    target: string,
    { method = "GET", body, ms = 30_000 }: {
      method?: string;
      body?: unknown;
      ms?: number;
    } = {},
  ): Promise<{ status: number; value: Json }> {
    const client = await RawClient.connect({ path: this.#path });
    try {
      const { status, text } = await client.request(target, {
        method,
        ms,
        ...body !== undefined && {
          body: JSON.stringify(body),
          headers: { "content-type": "application/json" },
        },
      });
      return { status, value: JSON.parse(text) };
    } finally {
      client.close();
    }
  }

  /** Asks for what the schema has under a name. */
  async get(name: string, target: string): Promise<Json> {
    const { status, value } = await this.#ask(target);
    assert.is(status, 200, JSON.stringify(value));
    assertSchema(name, value);
    return value;
  }

  /** Gives an order and waits for what comes of it. */
  async order(target: string, body?: unknown): Promise<Outcome> {
    const { status, value } = await this.#ask(target, {
      method: "POST",
      body,
    });
    assert.is(status, 202, JSON.stringify(value));
    assertSchema("Accepted", value);
    return await this.get(
      "Operation",
      `/v1/operations/${value.operation}?wait=30`,
    );
  }

  /** Stops it; its socket may be gone before it can be asked what came of that. */
  async stop(): Promise<readonly [string, string]> {
    try {
      const { state, message } = await this.order("/v1/stop");
      return [state, message];
    } catch (error) {
      const { code = "" } = error as { readonly code?: string };
      if (!["ENOENT", "ECONNREFUSED", "ECONNRESET"].includes(code)) throw error;
      return ["done", "Stopped"];
    }
  }

  /** Asks for what is refused, and gives the status and the code. */
  async refused(
    method: string,
    target: string,
    body?: unknown,
  ): Promise<readonly [number, string]> {
    const { status, value } = await this.#ask(target, { method, body });
    assertSchema("Error", value);
    return [status, value.error.code];
  }
}

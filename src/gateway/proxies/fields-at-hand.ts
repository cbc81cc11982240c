/** The fields of the request that a native engine has just read, asked for once by all that look at them. */
import type { ServingRuntime } from "../../runtime/serving.ts";

export class FieldsAtHand {
  readonly #runtime: Pick<ServingRuntime, "fieldsOf">;
  #request: object | undefined;
  #fields: readonly string[] | undefined;

  constructor(runtime: Pick<ServingRuntime, "fieldsOf">) {
    this.#runtime = runtime;
  }

  /** Names and values, one after the other as they were sent; undefined where the runtime has none at hand. */
  of(request: object, env: unknown): readonly string[] | undefined {
    if (request === this.#request) return this.#fields;
    const fields = this.#runtime.fieldsOf?.(request, env);
    this.#request = request;
    this.#fields = fields;
    return fields;
  }

  /** Holds on to no request whose handler was called. */
  forget(): void {
    this.#request = undefined;
    this.#fields = undefined;
  }
}

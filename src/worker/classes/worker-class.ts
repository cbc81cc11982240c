/** What a class of workers is: how many requests a worker has in hand, and which engines can see to it. */
import type { HttpPlan } from "../../http/engine/http-plan.ts";
import type { BootListener } from "../../protocol/messages.ts";
import type { WorkerClassName } from "../../protocol/worker-plan.ts";
import type { RequestHandler, Runtime } from "../../runtime/runtime.ts";
import type { OnePlace, OnePlaceOptions } from "./one-place.ts";

/** What decides which engine it is. */
export interface EngineQuery {
  readonly http: Pick<HttpPlan, "engine">;
  readonly listeners: readonly BootListener[];
  /** True where a tracer sees what the runtime's own server serves, and nothing else. */
  readonly instrumented?: boolean;
}

/** How an app is called. */
export type Style = RequestHandler["style"];

export type EngineName = "native" | "wire";

/** The engine for an app of a style. `auto` takes the best that the class can be served by. */
export type ChooseEngine = (
  query: EngineQuery,
  runtime: Pick<Runtime, "name" | "servesDescriptors">,
  style: Style,
) => EngineName;

export interface WorkerClass {
  readonly name: WorkerClassName;
  readonly engineFor: ChooseEngine;
  /** Why an engine cannot serve it on a runtime; undefined where it can. */
  objection(
    engine: EngineName,
    runtime: Pick<Runtime, "name">,
    style: Style,
  ): string | undefined;
  /** Makes the place of the one request that a worker has in hand; left out where any number may be. */
  createPlace?(options: OnePlaceOptions): OnePlace;
}

/** Metrics that are pushed: while the settings say where, and loaded then alone. */
import { VERSION } from "../base/version.ts";
import type { Settings } from "../config/table/types.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { OtlpPush } from "../telemetry/otlp-push.ts";
import type { PoolMetrics } from "./pool-metrics.ts";

export interface OtlpOptions {
  readonly runtime: Runtime;
  readonly pool: Pick<PoolMetrics, "families">;
  report(level: "info" | "warning", text: string): void;
}

type OtlpSettings = Pick<Settings, "otlp" | "otlpInterval" | "name">;

export class Otlp {
  readonly #options: OtlpOptions;
  #push: OtlpPush | undefined;
  #given = "";

  constructor(options: OtlpOptions) {
    this.#options = options;
  }

  /** Does from now on what the settings say. */
  async configure(settings: OtlpSettings): Promise<void> {
    const { otlp, otlpInterval, name = "corn" } = settings;
    const given = JSON.stringify([otlp, otlpInterval, name]);
    if (given === this.#given) return;
    this.#given = given;
    this.#push?.close();
    this.#push = undefined;
    if (otlp === undefined) return;
    const [{ OtlpPush }, { otlpMessage }, { receiverOf, resourceOf }] =
      await Promise.all([
        import("../telemetry/otlp-push.ts"),
        import("../telemetry/otlp.ts"),
        import("../telemetry/otlp-resource.ts"),
      ]);
    // Other settings may have come meanwhile.
    if (given !== this.#given) return;
    const { runtime, pool, report } = this.#options;
    const env = runtime.self.env();
    const resource = resourceOf(runtime, env, name);
    this.#push = new OtlpPush({
      runtime,
      ...receiverOf(otlp, env),
      everyMs: otlpInterval * 1000,
      message: () => {
        const own = pool.families();
        if (own === undefined) return undefined;
        const now = runtime.clock.date().getTime() / 1000;
        const { families, startedAt } = own;
        const frame = { resource, version: VERSION, startedAt, now };
        return otlpMessage(families, frame);
      },
      report,
    });
  }

  /** Pushes what was counted last. */
  async close(): Promise<void> {
    await this.#push?.flush();
  }
}

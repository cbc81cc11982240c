/** What may be read at --admin: metrics, health and readiness. */
import { CONTENT_TYPES } from "../../telemetry/exposition.ts";
import { chooseFormat } from "../../telemetry/exposition.ts";
import type { Format } from "../../telemetry/exposition.ts";
import { Refused } from "../door/route.ts";
import type { Route } from "../door/route.ts";
import { judgeReadiness } from "./health.ts";
import type { PoolHealth } from "./health.ts";

/** What is asked. */
export interface AdminSource {
  /** Metrics as a text; undefined where nothing is measured. */
  metrics(format: Format): Promise<string | undefined>;
  health(): PoolHealth;
}

/** Why there are none. */
export function noMetrics(): Refused {
  return new Refused(404, "off", "Nothing is measured: give --metrics");
}

/** A route that is there while something holds. */
export function onlyWhere(holds: () => boolean, route: Route): Route {
  return {
    ...route,
    answer(asked) {
      if (holds()) return route.answer(asked);
      throw new Refused(
        404,
        "off",
        "It is not shown here: give --admin-status",
      );
    },
  };
}

export function adminRoutes(source: AdminSource): Route[] {
  return [
    {
      method: "GET",
      path: "/metrics",
      summary: "What is measured, for Prometheus: its text, or OpenMetrics",
      async answer({ field }) {
        const format = chooseFormat(field("accept"));
        const text = await source.metrics(format);
        if (text === undefined) throw noMetrics();
        return { type: CONTENT_TYPES[format], text };
      },
    },
    {
      method: "GET",
      path: "/health",
      summary: "200 while corn itself is at work",
      atOnce: true,
      answer: () => ({ json: { healthy: true } }),
    },
    {
      method: "GET",
      path: "/ready",
      summary: "200 while requests are wanted, 503 and why where not",
      atOnce: true,
      answer() {
        const readiness = judgeReadiness(source.health());
        return { status: readiness.ready ? 200 : 503, json: readiness };
      },
    },
  ];
}

/** What the settings say of metrics. */
import type { Settings } from "../config/table/types.ts";
import type { ServerMetricsSettings } from "../telemetry/server.ts";
import type { RequestFiguresPlan } from "../telemetry/request-figures.ts";
import type { StatsdOptions } from "../telemetry/statsd.ts";

/** Where metrics go; undefined where no receiver is set. */
export function statsdOptions(settings: Settings): StatsdOptions | undefined {
  const { statsdHost, statsdPrefix, dogstatsdTags } = settings;
  if (statsdHost === undefined) return undefined;
  return { target: statsdHost, prefix: statsdPrefix, tags: dogstatsdTags };
}

/** How requests are counted for the arbiter; undefined where they are not. */
export function requestFigures(
  { metrics, metricsBuckets, metricsExemplars, otlp }: Settings,
): RequestFiguresPlan | undefined {
  if (!metrics && otlp === undefined) return undefined;
  return {
    bucketsMs: bucketsMs(metricsBuckets),
    ...metricsExemplars && { exemplars: true },
  };
}

/** True where workers count their answers by themselves. */
export function countsAnswers(settings: Settings): boolean {
  return settings.canary > 0 || requestFigures(settings) !== undefined;
}

/** How they are counted to judge a canary by. */
export function canaryFigures(
  { metricsBuckets }: Settings,
): RequestFiguresPlan {
  return { bucketsMs: bucketsMs(metricsBuckets) };
}

function bucketsMs(bounds: readonly number[]): number[] {
  return bounds.map((bound) => Math.round(bound * 1000));
}

/** What the arbiter measures. */
export function serverMetrics(settings: Settings): ServerMetricsSettings {
  return {
    statsd: statsdOptions(settings),
    backlog: settings.enableBacklogMetric,
  };
}

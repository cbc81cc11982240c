/** What the settings say of metrics. */
import type { Settings } from "../config/types.ts";
import type { ServerMetricsSettings } from "../metrics/server.ts";
import type { StatsdOptions } from "../metrics/statsd.ts";

/** Where metrics go; undefined where nobody wants any. */
export function statsdOptions(settings: Settings): StatsdOptions | undefined {
  const { statsdHost, statsdPrefix, dogstatsdTags } = settings;
  if (statsdHost === undefined) return undefined;
  return { target: statsdHost, prefix: statsdPrefix, tags: dogstatsdTags };
}

/** What the arbiter measures. */
export function serverMetrics(settings: Settings): ServerMetricsSettings {
  return {
    statsd: statsdOptions(settings),
    backlog: settings.enableBacklogMetric,
  };
}

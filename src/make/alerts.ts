/** Alerts, by corn's metrics. */
import { LATE_DAYS } from "../base/late-days.ts";

export interface Alert {
  readonly name: string;
  readonly expr: string;
  /** How long it must hold, where that is not at once. */
  readonly for?: string;
  readonly severity: "critical" | "warning";
  readonly summary: string;
}

/** The alerts for one job of Prometheus's. */
export function alertsOf(job: string): readonly Alert[] {
  const of = `{job="${job}"}`;
  const status = (codes: string) =>
    `{job="${job}",http_response_status_code=~"${codes}"}`;
  const count = "http_server_request_duration_seconds_count";
  return [
    {
      name: "CornDown",
      expr: `up${of} == 0`,
      for: "1m",
      severity: "critical",
      summary: "{{ $labels.instance }} answers no scrape",
    },
    {
      name: "CornNoWorkerUp",
      expr: `sum by (instance) (corn_worker_up${of}) == 0`,
      for: "30s",
      severity: "critical",
      summary: "No worker of {{ $labels.instance }} is ready",
    },
    {
      name: "CornWorkersMissing",
      expr:
        `corn_workers_wanted${of} > on (instance) sum by (instance) (corn_worker_up${of})`,
      for: "5m",
      severity: "warning",
      summary: "Fewer workers of {{ $labels.instance }} are ready than wanted",
    },
    {
      name: "CornWorkersRestart",
      expr:
        `sum by (instance) (increase(corn_worker_exits_total{job="${job}",reason=~"crash|silent|error|boot|signal"}[15m])) > 3`,
      severity: "warning",
      summary:
        "{{ $value | humanize }} workers of {{ $labels.instance }} ended in 15 minutes that should not have",
    },
    {
      name: "CornReloadFailed",
      expr: `corn_last_reload_successful${of} == 0`,
      severity: "warning",
      summary:
        "The last reload of {{ $labels.instance }} failed: the code before it serves on",
    },
    {
      name: "CornCertificateEnds",
      expr:
        `corn_tls_certificate_expiry_timestamp_seconds${of} - time() < ${LATE_DAYS} * 86400`,
      for: "1h",
      severity: "warning",
      summary:
        "The certificate of {{ $labels.name }} on {{ $labels.instance }} ends in {{ $value | humanizeDuration }}: nobody has renewed it",
    },
    {
      name: "CornQueueWaits",
      expr: `sum by (instance) (corn_queue_waiting${of}) > 10`,
      for: "1m",
      severity: "warning",
      summary:
        "{{ $value }} connections to {{ $labels.instance }} wait to be accepted",
    },
    {
      name: "CornLoopBlocked",
      expr: `max by (instance, worker) (corn_worker_loop_lag_seconds${of}) > 1`,
      for: "1m",
      severity: "warning",
      summary:
        "The event loop of worker {{ $labels.worker }} of {{ $labels.instance }} is blocked again and again",
    },
    {
      name: "CornErrors",
      expr: `sum by (instance) (rate(${count}${
        status("5..")
      }[5m])) / sum by (instance) (rate(${count}${of}[5m])) > 0.05`,
      for: "5m",
      severity: "warning",
      summary:
        "{{ $value | humanizePercentage }} of the answers of {{ $labels.instance }} are 5xx",
    },
  ];
}

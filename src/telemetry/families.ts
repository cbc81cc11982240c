/** Which metrics there are, from what is summed and how things stand; docs/metrics.md has them all. */
import type { Exemplars } from "./exemplars.ts";
import type { Family } from "./exposition.ts";
import { by, counter, gauge, one, seconds } from "./make-family.ts";
import type { PoolNow } from "./pool-now.ts";
import type { Sums } from "./sums.ts";
import { taskFamilies } from "./task-families.ts";
import { workerFamilies } from "./worker-families.ts";

/** Every metric of corn's own. */
export function familiesOf(
  sums: Sums,
  now: PoolNow,
  exemplars?: Exemplars,
): Family[] {
  const { workers } = now;
  const bounds = sums.bucketsMs.map((ms) => ms / 1000);
  return [
    {
      type: "histogram",
      name: "http_server_request_duration_seconds",
      help: "How long requests took, from their head to the end of the answer.",
      samples: [...sums.requests()].map((row) => ({
        labels: {
          http_request_method: row.method,
          http_response_status_code: String(row.status),
        },
        bounds,
        counts: row.counts,
        sum: seconds(row.sumMs),
        exemplars: exemplars?.of(row),
      })),
    },
    gauge(
      "http_server_active_requests",
      "Requests that are open.",
      one(workers.reduce((sum, { open }) => sum + open, 0)),
    ),
    gauge("corn_build_info", "What runs; always 1.", [
      { labels: now.build, value: 1 },
    ]),
    gauge(
      "corn_start_time_seconds",
      "When this arbiter started, since 1970.",
      one(now.startedAt),
    ),
    gauge(
      "corn_workers",
      "Workers by what they do.",
      by("state", Object.entries(now.states)),
    ),
    gauge(
      "corn_workers_wanted",
      "How many workers there should be.",
      one(now.wanted),
    ),
    gauge(
      "corn_generation",
      "The load of config and code that serves.",
      one(now.generation),
    ),
    counter(
      "corn_worker_exits_total",
      "Ends of workers, by their reason.",
      by("reason", sums.exits),
    ),
    counter(
      "corn_reloads_total",
      "Reloads, by what came of them.",
      by("result", sums.reloads),
    ),
    gauge(
      "corn_last_reload_successful",
      "1 where the last reload was done, or none was asked for.",
      one(now.reloadedWell ? 1 : 0),
    ),
    gauge(
      "corn_last_reload_success_timestamp_seconds",
      "When a reload was done last, or corn started.",
      one(now.reloadedAt),
    ),
    gauge(
      "corn_queue_waiting",
      "Connections that wait to be accepted.",
      now.queues.map(({ address, queue, waiting }) => ({
        labels: { address, queue: String(queue) },
        value: waiting,
      })),
    ),
    counter(
      "corn_queue_overflows_total",
      "Connections that were dropped because the queue was full; an arbiter on Bun or Deno tells.",
      now.queues.flatMap(({ address, queue, overflows }) =>
        overflows === undefined ? [] : [{
          labels: { address, queue: String(queue) },
          value: overflows,
        }]
      ),
    ),
    gauge(
      "corn_tls_certificate_expiry_timestamp_seconds",
      "When a certificate that is served ends, since 1970, by the name that it is served for.",
      by(
        "name",
        now.certificates.map(({ name, until }) =>
          [name, until.getTime() / 1000] as const
        ),
      ),
    ),
    counter(
      "corn_refused_total",
      "Requests that corn answered itself in the app's place.",
      [...sums.refused].map(([key, value]) => {
        const [reason = "", status = ""] = key.split(" ");
        return { labels: { reason, status }, value };
      }),
    ),
    counter(
      "corn_websockets_opened_total",
      "WebSockets that were opened.",
      one(sums.socketsOpened),
    ),
    counter(
      "corn_websockets_closed_total",
      "WebSockets that ended, by the code of the close frame: app from 3000 on, 1006 where none is known, as of a client's on Node.",
      by("code", sums.socketsClosed),
    ),
    ...workerFamilies(sums, workers),
    ...taskFamilies(now.tasks),
    counter(
      "corn_arbiter_cpu_seconds_total",
      "Processor time of the arbiter.",
      one(seconds(sums.arbiterCpuMs + now.arbiter.cpuMs)),
    ),
    gauge(
      "corn_arbiter_memory_bytes",
      "Resident memory of the arbiter.",
      one(now.arbiter.rss),
    ),
    counter(
      "corn_log_lines_total",
      "Events of the log, by their level, written or not.",
      by("level", sums.logLines),
    ),
  ];
}

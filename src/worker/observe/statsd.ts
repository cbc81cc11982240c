/** What a worker tells statsd. */
import type { ExchangeObserver } from "../../exchange/exchange.ts";
import type { SocketWatcher } from "../../gateway/sockets/open-sockets.ts";
import { measureRequests } from "../../telemetry/requests.ts";
import { measureSockets } from "../../telemetry/sockets.ts";
import { Statsd } from "../../telemetry/statsd.ts";
import type { StatsdOptions } from "../../telemetry/statsd.ts";
import type { WorkerHost } from "./worker-host.ts";

export interface WorkerStatsd {
  readonly observer: ExchangeObserver;
  /** Is told of WebSockets. */
  readonly sockets: SocketWatcher;
  /** Resolves when all is out, or after `ms`. */
  flush(ms: number): Promise<void>;
}

export function openStatsd(
  options: StatsdOptions,
  { runtime, say }: WorkerHost,
): WorkerStatsd {
  const statsd = new Statsd(runtime, options, (text) => say("warning", text));
  return {
    observer: measureRequests(statsd),
    sockets: measureSockets(statsd),
    flush: (ms) => statsd.flush(ms),
  };
}

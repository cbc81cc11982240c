/** What observes exchanges in a worker: the access log and statsd. */
import { joinObservers } from "../exchange/exchange.ts";
import type { ExchangeObserver } from "../exchange/exchange.ts";
import type {
  LogsPlan,
  TelemetryPlan,
  WorkerPlan,
} from "../protocol/worker-plan.ts";
import { measureRequests } from "../telemetry/requests.ts";
import { measureSockets } from "../telemetry/sockets.ts";
import type { SocketWatcher } from "../gateway/sockets/open-sockets.ts";
import { Statsd } from "../telemetry/statsd.ts";
import { openAccessLog } from "./access.ts";
import type { WorkerAccessLog } from "./access.ts";
import type { Ending } from "./ending.ts";
import type { Host } from "./host.ts";

/** The last messages to syslog and statsd may take so long to go out. */
const FLUSH_MS = 500;

/** Their slices of the plan. */
export type ObserverPlans = Pick<WorkerPlan, "logs" | "telemetry">;

export class Observers {
  readonly #host: Host;
  readonly #ending: Ending;
  #access: WorkerAccessLog | undefined;
  #sockets: SocketWatcher | undefined;

  /** The ending waits for their last messages. */
  constructor(host: Host, ending: Ending) {
    this.#host = host;
    this.#ending = ending;
  }

  /** Opens what the settings ask for; undefined where nothing observes. @throws LogFileError */
  open({ logs, telemetry }: ObserverPlans): ExchangeObserver | undefined {
    return joinObservers([this.#openLog(logs), this.#openStatsd(telemetry)]);
  }

  /** Is told of WebSockets where metrics are on. */
  readonly sockets: SocketWatcher = {
    onOpen: () => this.#sockets?.onOpen(),
    onEnd: (code, ms) => this.#sockets?.onEnd(code, ms),
  };

  /** Opens log files anew. */
  reopen(): void {
    this.#access?.reopen();
  }

  /** Writes what is held back for log files, at the end. */
  close(): void {
    this.#access?.close();
  }

  #openLog({ access }: LogsPlan): ExchangeObserver | undefined {
    if (access === undefined) return undefined;
    const log = openAccessLog(access, this.#host);
    this.#access = log;
    const { end } = log;
    if (end !== undefined) this.#ending.useFlush(() => end(FLUSH_MS));
    return log.observer;
  }

  #openStatsd({ statsd }: TelemetryPlan): ExchangeObserver | undefined {
    if (statsd === undefined) return undefined;
    const { runtime, say } = this.#host;
    const metrics = new Statsd(runtime, statsd, (text) => say("warning", text));
    this.#ending.useFlush(() => metrics.flush(FLUSH_MS));
    this.#sockets = measureSockets(metrics);
    return measureRequests(metrics);
  }
}

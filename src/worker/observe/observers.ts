/** What observes exchanges in a worker: the access log, statsd and what is told to the arbiter. */
import { joinObservers } from "../../exchange/exchange.ts";
import type { ExchangeObserver } from "../../exchange/exchange.ts";
import type { SocketWatcher } from "../../gateway/sockets/open-sockets.ts";
import type { WorkerPlan } from "../../protocol/worker-plan.ts";
import type { OpenAccessLog, WorkerAccessLog } from "./access.ts";
import type { Figures } from "./figures.ts";
import type { WorkerHost } from "./worker-host.ts";

/** The last messages to syslog and statsd may take so long to go out. */
const FLUSH_MS = 500;

/** Has what is to be sent last, at the end of a worker. */
export interface Flushes {
  /** Waits for it; how long that may take, it says itself. */
  useFlush(flush: () => Promise<void>): void;
}

/** Their slices of the plan. */
export type ObserverPlans = Pick<WorkerPlan, "logs" | "telemetry">;

export class Observers {
  readonly #host: WorkerHost;
  readonly #ending: Flushes;
  readonly #figures: Figures;
  readonly #openers: ((served: boolean) => ExchangeObserver | undefined)[] = [];
  #access: WorkerAccessLog | undefined;
  #sockets: SocketWatcher | undefined;

  /** The ending waits for their last messages. */
  constructor(host: WorkerHost, ending: Flushes, figures: Figures) {
    this.#host = host;
    this.#ending = ending;
    this.#figures = figures;
  }

  /** Loads what the settings ask for, and nothing else. */
  async load({ logs, telemetry }: ObserverPlans): Promise<void> {
    const { access } = logs;
    if (access !== undefined) {
      const { loadAccessLog } = await import("./access.ts");
      const open = await loadAccessLog(access);
      this.#openers.push((served) => this.#openLog(open, served));
    }
    const { requests, statsd } = telemetry;
    if (requests !== undefined) {
      const { RequestFigures } = await import(
        "../../telemetry/request-figures.ts"
      );
      this.#openers.push(() => {
        const counted = new RequestFigures(requests);
        this.#figures.use(counted);
        return counted;
      });
    }
    if (statsd !== undefined) {
      const { openStatsd } = await import("./statsd.ts");
      this.#openers.push(() => {
        const { observer, sockets, flush } = openStatsd(statsd, this.#host);
        this.#sockets = sockets;
        this.#ending.useFlush(() => flush(FLUSH_MS));
        return observer;
      });
    }
  }

  /** True where anything is to be opened. */
  get wanted(): boolean {
    return this.#openers.length > 0;
  }

  /** Opens what was loaded; undefined where nothing observes. @throws LogFileError unless a worker like this one has `served` before */
  open(served: boolean): ExchangeObserver | undefined {
    return joinObservers(this.#openers.map((open) => open(served)));
  }

  /** Is told of WebSockets. */
  readonly sockets: SocketWatcher = {
    onOpen: () => {
      this.#figures.sockets.onOpen();
      this.#sockets?.onOpen();
    },
    onEnd: (code, ms) => {
      this.#figures.sockets.onEnd(code);
      this.#sockets?.onEnd(code, ms);
    },
  };

  /** Opens log files anew. */
  reopen(): void {
    this.#access?.reopen();
  }

  /** Writes what is held back for log files, at the end. */
  close(): void {
    this.#access?.close();
  }

  #openLog(
    open: OpenAccessLog,
    served: boolean,
  ): ExchangeObserver | undefined {
    const log = open(this.#host, served);
    this.#access = log;
    const { end } = log;
    if (end !== undefined) this.#ending.useFlush(() => end(FLUSH_MS));
    return log.observer;
  }
}

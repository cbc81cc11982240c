/** The access log: exchanges in, lines out. */
import type { Exchange, ExchangeObserver } from "../../exchange/exchange.ts";
import type { Clock } from "../../runtime/runtime.ts";
import { readAccessFormat } from "./access-format.ts";
import { readSkips, skipNeeds } from "./access-skip.ts";
import type { Facts } from "./atoms.ts";
import { createRequestIds } from "./request-id.ts";
import { createTimes } from "./times.ts";

/** Takes access lines; a sink for programs may look at the exchange too. */
export interface AccessSink {
  /** Takes a line, without its end. It must not throw. */
  line(text: string, exchange: Exchange): void;
  /** Lets go of what is held back, before the process ends. */
  flush?(): void;
}

export interface AccessLogOptions {
  /** A preset's name or a format. */
  readonly format: string;
  /** Rules of what is left out. */
  readonly skip: readonly string[];
  readonly sinks: readonly AccessSink[];
  readonly clock: Pick<Clock, "now" | "date">;
  readonly pid: number;
  random(): number;
}

/** The wall clock is looked at again after so long. */
const REFRESH_MS = 1000;

/** Makes what writes a line for each exchange. @throws FormatError, SkipError */
export function createAccessLog(options: AccessLogOptions): ExchangeObserver {
  const { clock, sinks } = options;
  const { needs, line } = readAccessFormat(options.format);
  const skip = readSkips(options.skip);
  const times = createTimes(clock);
  const idOf = createRequestIds(options.random);
  const facts: Facts = { pid: options.pid, times, idOf };
  let refreshed = clock.now();
  return {
    // Most lines have it, and rules for what is left out look at it.
    needs: { ...needs, target: true, ...skipNeeds(options.skip) },
    onEnd(exchange) {
      if (skip?.(exchange)) return;
      if (exchange.startMs - refreshed > REFRESH_MS) {
        refreshed = exchange.startMs;
        times.refresh();
      }
      const text = line(exchange, facts);
      for (const sink of sinks) sink.line(text, exchange);
    },
  };
}

/** What Gunicorn measures of requests, by the same names. */
import type { ExchangeObserver } from "../exchange/exchange.ts";
import type { Statsd } from "./statsd.ts";

/** Tells statsd of each request. */
export function measureRequests(statsd: Statsd): ExchangeObserver {
  /** Put together once: a status is one of few. */
  const names = new Map<number, string>();
  return {
    needs: {
      target: false,
      requestHeaders: false,
      responseHeaders: false,
      bytes: false,
      peer: false,
    },
    onEnd({ status, ms }) {
      let name = names.get(status);
      if (name === undefined) {
        names.set(status, name = `gunicorn.request.status.${status}`);
      }
      statsd.count("gunicorn.requests");
      statsd.count(name);
      // A WebSocket is open for hours.
      if (status !== 101) statsd.timing("gunicorn.request.duration", ms);
    },
  };
}

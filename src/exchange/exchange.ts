/** A request and its response as they were, for what is written and counted about them. */
import type { Peer, TlsPeer } from "../runtime/runtime.ts";

/** One request and its response. */
export interface Exchange {
  /** Empty where the request could not be read. */
  readonly method: string;
  /** Path and query as they were sent, as far as the engine tells; empty where the request could not be read, or where no observer needs it. */
  readonly target: string;
  /** `HTTP/1.1`, where the engine tells. */
  readonly protocol: string | undefined;
  /** The client that a trusted proxy told of, or the connection's peer; undefined where no observer needs it, or where it is not known. */
  readonly peer: Peer | undefined;
  /** The TLS that the request came by, where it did and the engine tells. */
  readonly tls?: TlsPeer | undefined;
  /** A header of the request, by its name in lower case. */
  requestHeader(name: string): string | undefined;
  /** When the request came, on the runtime's clock. */
  readonly startMs: number;
  /** What was sent; 499 where the client left before anything was. */
  readonly status: number;
  /** A header that the app gave to the response, by its name in lower case. */
  responseHeader(name: string): string | undefined;
  /** Bytes of the response's body that were sent, without what frames them; undefined where that is not known. */
  readonly bytes: number | undefined;
  /** Milliseconds until the response was out, or the client gone. */
  readonly ms: number;
  /** True where the client left, or was cut, before the response was out. */
  readonly aborted: boolean;
}

/** What an observer needs to see, since some of it costs. */
export interface Needs {
  /** Path and query. */
  readonly target: boolean;
  readonly requestHeaders: boolean;
  readonly responseHeaders: boolean;
  readonly bytes: boolean;
  readonly peer: boolean;
}

/** Sees exchanges. It must not throw. */
export interface ExchangeObserver {
  readonly needs: Needs;
  /** The response is out, or the client is gone. */
  onEnd(exchange: Exchange): void;
}

/** The status of a request whose client did not wait for a response, as nginx writes it. */
export const CLIENT_LEFT = 499;

/** True where a response has no body whatever was written (RFC 9110 section 6.4.1). */
export function bodiless(method: string, status: number): boolean {
  return method === "HEAD" || status === 204 || status === 304;
}

/** Several observers as one; undefined where there is none. */
export function joinObservers(
  observers: readonly (ExchangeObserver | undefined)[],
): ExchangeObserver | undefined {
  const all = observers.filter((one) => one !== undefined);
  if (all.length < 2) return all[0];
  const needs = {
    target: all.some((one) => one.needs.target),
    requestHeaders: all.some((one) => one.needs.requestHeaders),
    responseHeaders: all.some((one) => one.needs.responseHeaders),
    bytes: all.some((one) => one.needs.bytes),
    peer: all.some((one) => one.needs.peer),
  };
  return {
    needs,
    onEnd(exchange) {
      for (const one of all) one.onEnd(exchange);
    },
  };
}

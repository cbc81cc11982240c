/** The requests and promises a worker has in hand. */
import type { OpenRequest } from "../exchange/open-request.ts";

/** How many open requests a beat names. */
const NAMED = 3;

/** What is needed to name a request; Node's IncomingMessage and Request both have it. */
export interface NamedRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
}

/**
 * Counts requests. A request that the app answers synchronously is only ever
 * `current`; one that it answers later is kept with the time it was put aside.
 */
export class Inflight {
  /** Requests begun since boot. */
  requests = 0;
  /** Requests open now. */
  open = 0;
  /** The request whose handler runs now, for as long as it has the event loop. */
  current: NamedRequest | undefined;
  readonly #waiting = new Map<NamedRequest, number>();
  #held = 0;
  #settled: (() => void)[] = [];
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Keeps a request whose answer comes later. */
  defer(request: NamedRequest): void {
    this.#waiting.set(request, this.#now());
  }

  /** Ends a request, deferred or not. */
  end(request: NamedRequest): void {
    this.open--;
    this.#waiting.delete(request);
    this.#settle();
  }

  /** Holds the worker open until a promise has settled. */
  hold(promise: unknown): void {
    this.#held++;
    const release = () => {
      this.#held--;
      this.#settle();
    };
    Promise.resolve(promise).then(release, release);
  }

  /** Resolves when nothing is open or held. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#settled.push(resolve);
      this.#settle();
    });
  }

  /** The oldest open requests, the one at work last. */
  oldest(): OpenRequest[] {
    const now = this.#now();
    const named: OpenRequest[] = [];
    for (const [request, since] of this.#waiting) {
      if (named.length === NAMED) break;
      named.push(nameRequest(request, now - since));
    }
    if (this.current !== undefined) named.push(nameRequest(this.current, 0));
    return named;
  }

  #settle(): void {
    if (this.#settled.length === 0 || this.open > 0 || this.#held > 0) {
      return;
    }
    const settled = this.#settled;
    this.#settled = [];
    for (const resolve of settled) resolve();
  }
}

function nameRequest(request: NamedRequest, ms: number): OpenRequest {
  return {
    method: request.method ?? "?",
    path: request.url === undefined ? "?" : pathOf(request.url),
    ms: Math.round(ms),
  };
}

/** The path of a URL or of a request target, without the query. */
export function pathOf(url: string): string {
  const end = url.search(/[?#]/);
  const whole = end < 0 ? url : url.slice(0, end);
  const scheme = whole.indexOf("://");
  if (scheme < 0) return whole;
  const start = whole.indexOf("/", scheme + 3);
  return start < 0 ? "/" : whole.slice(start);
}

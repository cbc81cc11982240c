/** What an app is given beside its request. */
import { allowedInTrailers } from "../../http/h1/fields.ts";
import { WireHeaders } from "../../http/web/headers.ts";
import { WireRequest } from "../../http/web/request.ts";
import type { TrailersSource } from "../../runtime/exchange.ts";
import type { ForwardedCertificate, TlsPeer } from "../../runtime/tls.ts";
import { forwardedCertificateOf } from "../../exchange/certificate.ts";
import { tlsOf } from "../../http/connection/tls-of.ts";
import type { AppContext } from "../app/app.ts";

/** The part of http.ServerResponse that sends early hints. */
interface Hinting {
  readonly headersSent: boolean;
  readonly req: Trailing;
  writeEarlyHints(hints: Record<string, string | string[]>): void;
}

/** The part of http.IncomingMessage that has trailers. */
interface Trailing {
  readonly httpVersion: string;
  readonly readableEnded: boolean;
  readonly errored: Error | null;
  readonly trailersDistinct: Readonly<Record<string, string[]>>;
  once(event: "close", run: () => void): void;
}

const NO_PROPS = {};

/** Keeps a drain open. */
type Hold = (promise: Promise<unknown>) => void;

/** Makes what makes contexts, of what the engine calls the handler with. */
export function createContexts(
  hold: Hold,
): new (request: unknown, env: unknown) => RequestContext {
  return class extends RequestContext {
    static {
      // It works when it is taken out of its context, as apps do.
      this.prototype.waitUntil = (promise) => hold(promise);
    }
  };
}

/** One request's. */
export abstract class RequestContext implements AppContext {
  readonly #request: unknown;
  readonly #env: unknown;
  declare waitUntil: Hold;

  constructor(request: unknown, env: unknown) {
    this.#request = request;
    this.#env = env;
  }

  /** What the engine called the handler with beside the request. */
  static envOf(context: RequestContext): unknown {
    return context.#env;
  }

  get props(): AppContext["props"] {
    return NO_PROPS;
  }

  passThroughOnException(): void {}

  get tls(): TlsPeer | undefined {
    return tlsOf(this.#request);
  }

  forwardedCertificate(): ForwardedCertificate | undefined {
    return forwardedCertificateOf(this.#request as object);
  }

  earlyHints(headers: HeadersInit): boolean {
    const exchange = WireRequest.exchangeOf(this.#request);
    if (exchange !== undefined) return exchange.earlyHints(headers);
    const outgoing = outgoingOf(this.#env);
    if (outgoing === undefined || outgoing.headersSent) return false;
    if (outgoing.req.httpVersion !== "1.1") return false;
    const list = WireHeaders.list(new WireHeaders(headers));
    // A field may have the name of what every object has.
    const hints: Record<string, string[]> = Object.create(null);
    for (let at = 0; at < list.length; at += 2) {
      (hints[list[at] as string] ??= []).push(list[at + 1] as string);
    }
    outgoing.writeEarlyHints(hints);
    return true;
  }

  sendTrailers(fields: TrailersSource): boolean {
    const exchange = WireRequest.exchangeOf(this.#request);
    return exchange?.sendTrailers(fields) ?? false;
  }

  async trailers(): Promise<Headers> {
    const exchange = WireRequest.exchangeOf(this.#request);
    if (exchange !== undefined) return await exchange.trailers();
    const trailers = new Headers();
    const incoming = outgoingOf(this.#env)?.req;
    if (incoming === undefined) return trailers;
    if (!incoming.readableEnded && incoming.errored === null) {
      await new Promise<void>((resolve) => incoming.once("close", resolve));
    }
    if (incoming.errored !== null) throw incoming.errored;
    for (const [name, values] of Object.entries(incoming.trailersDistinct)) {
      if (!allowedInTrailers(name)) continue;
      for (const value of values) trailers.append(name, value);
    }
    return trailers;
  }
}

/** Node's response: `env` itself for listeners, or a part of it for `fetch`. */
function outgoingOf(env: unknown): Hinting | undefined {
  const given = env as Partial<Hinting> & { outgoing?: Hinting } | undefined;
  return given?.writeEarlyHints === undefined
    ? given?.outgoing
    : given as Hinting;
}

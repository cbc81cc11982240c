/** What engines call where proxies may stand in front: the client, scheme and host are theirs to tell, if they are trusted. */
import type { ForwardingHeader, ForwardingRules } from "../messages.ts";
import type { PeerTest } from "../networks.ts";
import { peerTest } from "../networks.ts";
import type { RequestHandler, Runtime } from "../runtime.ts";
import { WireRequest } from "../wire/request.ts";
import { noteClient } from "./client.ts";
import { Contradiction, readOrigin } from "./forwarded.ts";
import type { HeaderReader, Origin } from "./forwarded.ts";
import { stripHeaders, stripIncoming } from "./strip.ts";
import { setUrl, withOrigin } from "./request-url.ts";
import type { Refusals } from "./refusals.ts";

/** Headers by which proxies tell of requests; an app may believe any of them. */
const FORWARDING: readonly string[] = [
  "forwarded",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-port",
  "x-forwarded-proto",
  "x-forwarded-prefix",
  "x-forwarded-server",
  "x-real-ip",
];

export interface ForwardingOptions {
  readonly runtime: Pick<Runtime, "peerOf" | "represent" | "fieldsOf">;
  readonly rules: ForwardingRules;
  readonly refusals: Refusals;
}

interface Incoming {
  readonly headers: Record<string, string | undefined>;
}

/** True where the rules leave nothing to do. */
export function isIdle({ allow, unbelieved }: ForwardingRules): boolean {
  return allow.length === 0 && unbelieved === "keep";
}

/** Wraps a handler; what it is called with shows the client as far as that is known. */
export function withForwarding(
  handler: RequestHandler,
  { runtime, rules, refusals }: ForwardingOptions,
): RequestHandler {
  const trusts: PeerTest = peerTest(rules.allow);
  const believed: string[] = [
    ...rules.headers,
    ...Object.keys(rules.secureSchemes),
  ];
  const removes = rules.unbelieved === "remove";
  const all = [...new Set([...FORWARDING, ...believed])];
  const unbelieved = all.filter((name) =>
    !believed.includes(name as ForwardingHeader)
  );
  const looked = new Set(
    (removes ? all : believed).map((name) => keyOf(name, name.charCodeAt(0))),
  );
  const reading = { ...rules, trusts };

  /** False where no header can be one of those that matter. */
  function mayForward(request: object, env: unknown): boolean {
    const known = WireRequest.mayName(
      request,
      (length, first) => looked.has(length << 8 | first),
    );
    if (known !== undefined) return known;
    const fields = runtime.fieldsOf(request, env);
    if (fields === undefined) return true;
    for (let at = 0; at < fields.length; at += 2) {
      const name = fields[at] as string;
      if (looked.has(keyOf(name, name.charCodeAt(0) | 32))) return true;
    }
    return false;
  }

  /** Reads what the peer says of a request, where it is trusted. */
  function judge(
    request: object,
    env: unknown,
    { read, strip }: {
      read(): HeaderReader;
      strip(names: readonly string[]): void;
    },
  ): Origin | Contradiction | undefined {
    const exchange = WireRequest.exchangeOf(request);
    const trusted = trusts(
      exchange === undefined
        ? runtime.peerOf(request, env)
        : exchange.channel.peer(),
    );
    if (!trusted && !removes) return undefined;
    if (!mayForward(request, env)) return undefined;
    const said = trusted ? readOrigin(read(), reading) : undefined;
    if (removes) strip(trusted ? unbelieved : all);
    return said;
  }

  function fetch(
    request: Request,
    env: unknown,
    finish?: (response: Response) => Response,
  ): Response | Promise<Response> {
    const said = judge(request, env, {
      read: () => {
        const { headers } = request;
        return (name) => headers.get(name);
      },
      strip: (names) => stripHeaders(request, names),
    });
    if (said === undefined) return handler.fetch(request, env, finish);
    if (said instanceof Contradiction) {
      refusals.refuse(request, said);
      return handler.fetch(request, env, finish);
    }
    const url = withOrigin(request.url, said);
    if (url !== request.url) setUrl(request, url);
    if (said.client === undefined) return handler.fetch(request, env, finish);
    noteClient(request, said.client.kind === "tcp" ? said.client : undefined);
    const shown = runtime.represent(request, env, said);
    return handler.fetch(request, shown, finish);
  }

  function node(incoming: unknown, outgoing: unknown): void {
    const { headers } = incoming as Incoming;
    const said = judge(incoming as object, outgoing, {
      read: () => (name) => headers[name],
      strip: (names) => stripIncoming(incoming, names),
    });
    if (said instanceof Contradiction) {
      refusals.refuse(incoming as object, said);
    } else if (said !== undefined) {
      const { client, secure, host, port } = said;
      const named = host !== undefined || port !== undefined
        ? hostOf(`${secure ? "https" : "http"}://${headers.host ?? ""}/`, said)
        : undefined;
      runtime.represent(incoming, outgoing, { client, secure, host: named });
    }
    handler.node(incoming, outgoing);
  }

  return { style: handler.style, fetch, node };
}

/** The Host header that a request's own client would have sent. */
function hostOf(url: string, origin: Origin): string {
  return new URL(withOrigin(url, origin)).host;
}

/** Most names are told apart by their length and first letter. */
function keyOf({ length }: string, first: number): number {
  return length << 8 | first;
}

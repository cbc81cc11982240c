/** What engines call where proxies may stand in front: the client, scheme and host are theirs to tell, if they are trusted. */
import type { ForwardingHeader, ForwardingRules } from "./forwarding-rules.ts";
import type { PeerTest } from "../../base/addresses/networks.ts";
import { peerTest } from "../../base/addresses/networks.ts";
import type {
  Address,
  Answer,
  Finish,
  RequestHandler,
} from "../../runtime/runtime.ts";
import type { ServingRuntime } from "../../runtime/serving.ts";
import { WireRequest } from "../../http/web/request.ts";
import { noteCertificate } from "../../exchange/certificate.ts";
import { noteClient } from "../../exchange/client.ts";
import { CLIENT_CERT, CLIENT_CERT_CHAIN } from "./client-cert.ts";
import { Contradiction, readOrigin } from "./forwarded.ts";
import type { HeaderReader, Origin } from "./forwarded.ts";
import { FieldsAtHand } from "./fields-at-hand.ts";
import { NameFilter, valueIn } from "./name-filter.ts";
import { stripHeaders, stripIncoming } from "./strip.ts";
import { setUrl, withOrigin } from "./request-url.ts";
import type { Refusals } from "./refusals.ts";

/** Headers by which proxies tell of requests; an app may believe any of them. */
const FORWARDING: readonly string[] = [
  CLIENT_CERT,
  CLIENT_CERT_CHAIN,
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
  readonly runtime: Pick<
    ServingRuntime,
    "networkTest" | "peerOf" | "showClient" | "fieldsOf"
  >;
  readonly rules: ForwardingRules;
  readonly refusals: Refusals;
  /** Shared with what else looks at a request's fields. */
  readonly fields?: FieldsAtHand;
  /** True where most peers are trusted: the fields are then looked at before a peer is asked for. */
  readonly trusting?: boolean;
}

interface Incoming {
  readonly headers: Record<string, string | undefined>;
}

/** How a request's headers are read and taken away. */
interface Access<Kind> {
  reader(request: Kind): HeaderReader;
  strip(request: Kind, names: readonly string[], env: unknown): void;
}

const ofFetch: Access<Request> = {
  reader({ headers }) {
    return (name) => headers.get(name);
  },
  strip(request, names, env) {
    stripHeaders(request, names);
    // Node's own message, which `fetch` has in its env.
    const { incoming } = (env ?? {}) as { readonly incoming?: unknown };
    if (hasFields(incoming)) stripIncoming(incoming, names);
  },
};

const ofNode: Access<Incoming> = {
  reader({ headers }) {
    return (name) => headers[name];
  },
  strip: stripIncoming,
};

function hasFields(incoming: unknown): boolean {
  const { rawHeaders } = (incoming ?? {}) as { readonly rawHeaders?: unknown };
  return Array.isArray(rawHeaders);
}

function readerOf(fields: readonly string[]): HeaderReader {
  return (name) => valueIn(fields, name);
}

/** True where the rules leave nothing to do. */
export function isIdle(
  { allow, headers, unbelieved }: ForwardingRules,
): boolean {
  return allow.length === 0 && unbelieved === "keep" &&
    !headers.includes(CLIENT_CERT);
}

/**
 * True where most peers will be trusted, as far as the addresses tell that are
 * served: the peers of one that is itself trusted mostly are, too.
 */
export function isTrusting(
  { allow }: Pick<ForwardingRules, "allow">,
  listeners: readonly { readonly address: Address }[],
  runtime: Pick<ServingRuntime, "networkTest">,
): boolean {
  const trusts = peerTest(allow, { runtime });
  return listeners.every(({ address }) =>
    trusts(
      address.kind === "unix"
        ? { kind: "unix" }
        : { kind: "tcp", address: address.host, port: address.port },
    )
  );
}

/** Wraps a handler; what it is called with shows the client as far as that is known. */
export function withForwarding(
  handler: RequestHandler,
  {
    runtime,
    rules,
    refusals,
    fields: atHand = new FieldsAtHand(runtime),
    trusting = false,
  }: ForwardingOptions,
): RequestHandler {
  const trusts: PeerTest = peerTest(rules.allow, { runtime });
  const certificates = rules.headers.includes(CLIENT_CERT)
    ? [CLIENT_CERT, CLIENT_CERT_CHAIN]
    : [];
  const believed: string[] = [
    ...rules.headers,
    ...certificates,
    ...Object.keys(rules.secureSchemes),
  ];
  const removes = rules.unbelieved === "remove";
  const all = [...new Set([...FORWARDING, ...believed])];
  const unbelieved = all.filter((name) =>
    !believed.includes(name as ForwardingHeader)
  );
  // Apps read a certificate from its header: a stranger's never comes as far.
  const ofStrangers = removes ? all : certificates;
  const looked = new NameFilter(removes ? all : believed);
  const reading = { ...rules, trusts };

  /** True for a request of a runtime's own server that names nothing of these, as most do. */
  function isSilent(request: Request): boolean {
    return runtime.fieldsOf === undefined && !WireRequest.owns(request) &&
      !looked.isAmong(request.headers);
  }

  function saysNothing(fields: readonly string[] | undefined): boolean {
    return fields !== undefined && !looked.mayBeAmong(fields);
  }

  /** Reads what the peer says of a request, where it is trusted; what costs least is asked first. */
  function judge<Kind extends object>(
    request: Kind,
    env: unknown,
    { reader, strip }: Access<Kind>,
  ): Origin | Contradiction | undefined {
    const exchange = WireRequest.exchangeOf(request);
    let read: HeaderReader | undefined;
    let trusted: boolean;
    if (exchange !== undefined) {
      if (!exchange.head.mayName(looked)) return undefined;
      const { channel } = exchange;
      // A client that the proxy does not know must have no rights by its address.
      trusted = trusts(channel.unnamed ? undefined : channel.peer());
      read = (name) => WireRequest.header(exchange.request, name);
    } else if (runtime.fieldsOf === undefined) {
      // To make the headers costs less than to ask the kernel for the peer.
      read = reader(request);
      if (!looked.isIn(read)) return undefined;
      trusted = trusts(runtime.peerOf(request, env));
    } else {
      if (trusting && saysNothing(atHand.of(request, env))) return undefined;
      trusted = trusts(runtime.peerOf(request, env));
      if (!trusted && ofStrangers.length === 0) return undefined;
      const fields = atHand.of(request, env);
      if (saysNothing(fields)) return undefined;
      if (fields !== undefined) read = readerOf(fields);
    }
    const said = trusted
      ? readOrigin(read ?? reader(request), reading)
      : undefined;
    if (!trusted) strip(request, ofStrangers, env);
    else if (removes) strip(request, unbelieved, env);
    return said;
  }

  function fetch(
    request: Request,
    env: unknown,
    finish?: Finish,
  ): Answer {
    if (isSilent(request)) return handler.fetch(request, env, finish);
    const said = judge(request, env, ofFetch);
    if (said === undefined) return handler.fetch(request, env, finish);
    if (said instanceof Contradiction) {
      refusals.contradict(request, said);
      return handler.fetch(request, env, finish);
    }
    if (said.certificate !== undefined) {
      noteCertificate(request, said.certificate);
    }
    const url = withOrigin(request.url, said);
    if (url !== request.url) setUrl(request, url);
    if (said.client === undefined) return handler.fetch(request, env, finish);
    // Elsewhere the env tells.
    if (WireRequest.owns(request)) {
      noteClient(request, said.client.kind === "tcp" ? said.client : undefined);
    }
    const shown = runtime.showClient(request, env, said);
    return handler.fetch(request, shown, finish);
  }

  function node(incoming: unknown, outgoing: unknown): void {
    const { headers } = incoming as Incoming;
    const said = judge(incoming as Incoming, outgoing, ofNode);
    if (said instanceof Contradiction) {
      refusals.contradict(incoming as object, said);
    } else if (said !== undefined) {
      const { client, secure, host, port } = said;
      const named = host !== undefined || port !== undefined
        ? hostOf(
          `${secure ? "https" : "http"}://${headers.host || "localhost"}/`,
          said,
        )
        : undefined;
      runtime.showClient(incoming, outgoing, { client, secure, host: named });
    }
    handler.node(incoming, outgoing);
  }

  return { style: handler.style, fetch, node };
}

/** The Host header that a request's own client would have sent. */
function hostOf(url: string, origin: Origin): string {
  return new URL(withOrigin(url, origin)).host;
}

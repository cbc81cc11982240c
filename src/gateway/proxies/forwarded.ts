/**
 * What proxies say of a request: its client, and by which scheme, host
 * and port it came. Only what a trusted peer sent may be asked here.
 */
import type { ForwardingHeader, ForwardingRules } from "./forwarding-rules.ts";
import type { PeerTest } from "../../base/addresses/networks.ts";
import type { Peer } from "../../runtime/runtime.ts";
import { originOf } from "../../http/h1/target.ts";
import type { ForwardedCertificate } from "../../runtime/tls.ts";
import {
  CLIENT_CERT,
  CLIENT_CERT_CHAIN,
  parseClientCert,
} from "./client-cert.ts";
import { parseForwarded } from "./forwarded-header.ts";
import type { ForwardedElement } from "./forwarded-header.ts";
import { parseEntry, parseNode } from "./forwarded-node.ts";
import type { ForwardedNode } from "./forwarded-node.ts";

/** What is known of a request beyond its connection; undefined where it was not told. */
export interface Origin {
  readonly client?: ForwardedNode | undefined;
  /** True for https. */
  readonly secure?: boolean | undefined;
  /** Valid, with a port where one is named. */
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  /** The client's certificate. */
  readonly certificate?: ForwardedCertificate | undefined;
}

/** Why a request is refused. */
export class Contradiction {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/** Gives a header's value, those of one name joined by commas. */
export type HeaderReader = (name: string) => string | null | undefined;

type Trust = Pick<ForwardingRules, "hops"> & { readonly trusts: PeerTest };

/**
 * Reads what the rules let count, or gives undefined where nothing is said.
 * Lists are read from the right, since proxies append: each entry is vouched
 * for by the proxy to its right, the last one by the peer.
 */
export function readOrigin(
  read: HeaderReader,
  rules: Omit<ForwardingRules, "allow" | "unbelieved"> & Trust,
): Origin | Contradiction | undefined {
  const { headers, secureSchemes } = rules;
  const believed = (name: ForwardingHeader) =>
    (headers.includes(name) ? read(name) : undefined) ?? undefined;
  const chain = believed("x-forwarded-for");
  const said = believed("forwarded");
  const schemes = readSchemes(read, secureSchemes);
  const hostText = believed("x-forwarded-host");
  const portText = believed("x-forwarded-port");
  const certificate = headers.includes(CLIENT_CERT)
    ? readClientCert(read)
    : undefined;
  if (certificate instanceof Contradiction) return certificate;
  if (
    chain === undefined && said === undefined && schemes === undefined &&
    hostText === undefined && portText === undefined &&
    certificate === undefined
  ) return undefined;

  const legacy = chain === undefined
    ? undefined
    : walk(chain.split(","), parseEntry, rules);
  if (chain !== undefined && legacy === undefined) {
    return new Contradiction("X-Forwarded-For is not valid");
  }
  // The others of a chain are told by the same proxy.
  const hops = legacy?.hops ?? 1;
  const secure = schemes && readScheme(schemes, hops);
  if (secure instanceof Contradiction) return secure;
  const host = hostText === undefined ? undefined : entryOf(hostText, hops);
  const port = portText === undefined ? undefined : readPort(portText, hops);
  if (host !== undefined && originOf(host) === undefined) {
    return new Contradiction("X-Forwarded-Host is not valid");
  }
  if (port !== undefined && isNaN(port)) {
    return new Contradiction("X-Forwarded-Port is not valid");
  }
  const own = host === undefined ? undefined : /:(\d+)$/.exec(host)?.[1];
  if (own !== undefined && port !== undefined && Number(own) !== port) {
    return new Contradiction("X-Forwarded-Host and X-Forwarded-Port disagree");
  }
  const one: Origin = {
    ...{ client: legacy?.node, secure, host, port },
    ...(certificate && { certificate }),
  };
  if (said === undefined) return one;
  const other = readForwarded(said, rules);
  return other instanceof Contradiction ? other : merge(one, other);
}

/** The proxy that took TLS off writes one certificate; those of a chain stand for nothing alone. */
function readClientCert(
  read: HeaderReader,
): ForwardedCertificate | Contradiction | undefined {
  const text = read(CLIENT_CERT) ?? undefined;
  const chain = read(CLIENT_CERT_CHAIN) ?? undefined;
  if (text === undefined) {
    return chain === undefined
      ? undefined
      : new Contradiction("Client-Cert-Chain is there without Client-Cert");
  }
  return parseClientCert(text, chain) ??
    new Contradiction("Client-Cert or Client-Cert-Chain is not valid");
}

/** A header of the scheme, and what means https in it. */
interface Scheme {
  readonly text: string;
  readonly secure: string;
}

/** The headers of the scheme that are there; undefined where none is. */
function readSchemes(
  read: HeaderReader,
  secureSchemes: ForwardingRules["secureSchemes"],
): Scheme[] | undefined {
  let found: Scheme[] | undefined;
  for (const name in secureSchemes) {
    const text = read(name);
    if (text === null || text === undefined) continue;
    (found ??= []).push({ text, secure: secureSchemes[name]! });
  }
  return found;
}

/** As Gunicorn has it: a header that is there and says something else means http. */
function readScheme(
  schemes: readonly Scheme[],
  hops: number,
): boolean | Contradiction | undefined {
  let secure: boolean | undefined;
  for (const scheme of schemes) {
    const says = entryOf(scheme.text, hops).toLowerCase() === scheme.secure;
    if (secure !== undefined && says !== secure) {
      return new Contradiction("The headers of the scheme disagree");
    }
    secure = says;
  }
  return secure;
}

/** The node that the last trusted proxy tells of, and how many proxies that makes. */
function walk<Entry>(
  entries: readonly Entry[],
  parse: (entry: Entry) => ForwardedNode | undefined,
  { hops, trusts }: Trust,
): { readonly node: ForwardedNode; readonly hops: number } | undefined {
  for (let count = 1;; count++) {
    const entry = entries.at(-count);
    const node = entry === undefined ? undefined : parse(
      typeof entry === "string" ? entry.trim() as Entry : entry,
    );
    // Further entries are the client's own and not trusted.
    if (node === undefined) return undefined;
    if (count === hops || count === entries.length || node.kind === "hidden") {
      return { node, hops: count };
    }
    if (!trusts(node)) return { node, hops: count };
  }
}

/** The entry that the proxy at `hops` wrote; where fewer did, the first. */
function entryOf(text: string, hops: number): string {
  const entries = text.split(",");
  return (entries.at(-hops) ?? entries[0] as string).trim();
}

function readPort(text: string, hops: number): number {
  const digits = entryOf(text, hops);
  const port = /^\d{1,5}$/.test(digits) ? Number(digits) : NaN;
  return port > 0 && port <= 65535 ? port : NaN;
}

const PROTOCOLS: ReadonlyMap<string, boolean> = new Map([
  ["http", false],
  ["https", true],
  ["ws", false],
  ["wss", true],
]);

function readForwarded(text: string, trust: Trust): Origin | Contradiction {
  const elements = parseForwarded(text);
  const found = elements && walk(elements, nodeOf, trust);
  if (found === undefined) return new Contradiction("Forwarded is not valid");
  const element = elements?.at(-found.hops) as ForwardedElement;
  const host = element.get("host");
  const proto = element.get("proto")?.toLowerCase();
  const secure = proto === undefined ? undefined : PROTOCOLS.get(proto);
  if (
    (proto !== undefined && secure === undefined) ||
    (host !== undefined && originOf(host) === undefined)
  ) return new Contradiction("Forwarded is not valid");
  const client = element.has("for") ? found.node : undefined;
  return { client, secure, host };
}

/** Without `for`, the proxy hides its client. */
function nodeOf(element: ForwardedElement): ForwardedNode | undefined {
  const node = element.get("for");
  return node === undefined ? { kind: "hidden" } : parseNode(node);
}

/** Puts both kinds of headers together, which may not contradict each other. */
function merge(one: Origin, other: Origin): Origin | Contradiction {
  const differ = (a: unknown, b: unknown) =>
    a !== undefined && b !== undefined && a !== b;
  if (
    differ(nameOf(one.client), nameOf(other.client)) ||
    differ(one.secure, other.secure) ||
    differ(one.host?.toLowerCase(), other.host?.toLowerCase())
  ) return new Contradiction("Forwarded and X-Forwarded headers disagree");
  return {
    client: one.client ?? other.client,
    secure: one.secure ?? other.secure,
    host: one.host ?? other.host,
    port: one.port,
    ...(one.certificate && { certificate: one.certificate }),
  };
}

function nameOf(node: ForwardedNode | Peer | undefined): string | undefined {
  return node?.kind === "tcp" ? node.address : node?.kind;
}

/** What an access log can say of an exchange: Gunicorn's atoms, and a few more. */
import type { Exchange, Needs } from "../../exchange/exchange.ts";
import type { Times } from "./times.ts";

/** What atoms need that no exchange has. */
export interface Facts {
  readonly pid: number;
  readonly times: Times;
  /** The name of a request. */
  idOf(exchange: Exchange): string;
}

/** Writes the line of an exchange, without its end. */
export type LineOf = (exchange: Exchange, facts: Facts) => string;

/** Gives a value as it is, undefined or empty where there is none. */
export type Read = (exchange: Exchange, facts: Facts) => string | undefined;

/** One atom. */
export interface Atom {
  readonly meaning: string;
  readonly read: Read;
  /** What it needs to see. */
  readonly needs?: readonly (keyof Needs)[];
  /** The parts of it, where it is made of several with spaces between them. */
  readonly parts?: readonly Read[];
  /** True where nothing of it is the client's. */
  readonly own?: true;
}

const headers = ["requestHeaders"] as const;
const header = (name: string): Read => (exchange) =>
  exchange.requestHeader(name);

/** The protocol that is written where the engine tells none: both servers that do not speak this one. */
export const PROTOCOL = "HTTP/1.1";

/** By their names in the format, `%(name)s`. */
export const atoms: Readonly<Record<string, Atom>> = {
  h: {
    meaning:
      "address of the client, from a trusted proxy in front where there is one; `-` over a unix socket",
    read: clientOf,
    needs: ["peer"],
  },
  l: { meaning: "always `-`", read: () => undefined, own: true },
  u: {
    meaning: "user name of Basic authentication, which nobody has checked here",
    read: userOf,
    needs: headers,
  },
  t: {
    meaning: "when the request came, in UTC: `[21/Nov/2026:04:00:00 +0000]`",
    read: (exchange, { times }) => `[${times.common(exchange.startMs)}]`,
    own: true,
  },
  r: {
    meaning:
      "request line: method, target as it was sent, protocol; `-` where it could not be read",
    read: ({ method, target, protocol = PROTOCOL }) =>
      method && `${method} ${target} ${protocol}`,
    parts: [
      ({ method }) => method,
      ({ method, target }) => method && target,
      ({ method, protocol = PROTOCOL }) => method && protocol,
    ],
  },
  m: { meaning: "method", read: ({ method }) => method },
  U: { meaning: "path, decoded", read: decodedPath },
  q: { meaning: "query, without the question mark", read: queryOf },
  H: {
    meaning:
      "protocol; `-` where the engine does not tell, while `r` has HTTP/1.1 there",
    read: ({ protocol }) => protocol,
    own: true,
  },
  s: {
    meaning:
      "status; 499 where the client left before anything of the response was sent",
    read: ({ status }) => String(status),
    own: true,
  },
  B: {
    meaning: "bytes of the body that were sent; `-` where nobody knows",
    read: bytesOf,
    needs: ["bytes"],
    own: true,
  },
  b: {
    meaning: "the same",
    read: bytesOf,
    needs: ["bytes"],
    own: true,
  },
  f: { meaning: "referrer", read: header("referer"), needs: headers },
  a: { meaning: "user agent", read: header("user-agent"), needs: headers },
  T: {
    meaning: "duration to the end of the response, in whole seconds",
    read: ({ ms }) => String(Math.floor(ms / 1000)),
    own: true,
  },
  M: {
    meaning: "the same in milliseconds",
    read: ({ ms }) => String(Math.floor(ms)),
    own: true,
  },
  D: {
    meaning: "the same in microseconds",
    read: ({ ms }) => String(Math.floor(ms * 1000)),
    own: true,
  },
  L: {
    meaning: "the same in seconds with six decimals",
    read: ({ ms }) => (ms / 1000).toFixed(6),
    own: true,
  },
  p: {
    meaning: "the worker's process id, as `<123>`",
    read: (_exchange, { pid }) => `<${pid}>`,
    own: true,
  },
  X: {
    meaning:
      "`X` where the client left, or was cut, before the response was out; `-` elsewhere",
    read: ({ aborted }) => aborted ? "X" : undefined,
    own: true,
  },
  id: {
    meaning:
      "the request's `X-Request-Id` where it is usable, one made here elsewhere",
    read: (exchange, { idOf }) => idOf(exchange),
    needs: headers,
  },
};

/** What stands for `%({name}i)s` and the like, by the letter at their end. */
export const families: Readonly<
  Record<string, { readonly meaning: string; of(name: string): Atom }>
> = {
  i: {
    meaning: "a header of the request",
    of: (name) => ({
      meaning: "",
      read: header(name.toLowerCase()),
      needs: headers,
    }),
  },
  o: {
    meaning: "a header that the app gave to the response",
    of: (name) => ({
      meaning: "",
      read: (exchange) => exchange.responseHeader(name.toLowerCase()),
      needs: ["responseHeaders"],
    }),
  },
  e: {
    meaning:
      "a variable of the WSGI environment that has a meaning here: `REQUEST_METHOD`, `RAW_URI`, `PATH_INFO`, `QUERY_STRING`, `SERVER_PROTOCOL`, `REMOTE_ADDR`, `REMOTE_PORT`, `CONTENT_TYPE`, `CONTENT_LENGTH` and `HTTP_*`; `-` for others",
    of: variable,
  },
  x: {
    meaning:
      "the TLS of the request's connection, by Apache's names: `SSL_PROTOCOL`, `SSL_CIPHER`, `SSL_TLS_SNI`, `SSL_CLIENT_VERIFY` (`NONE` or `SUCCESS`), `SSL_CLIENT_S_DN`, `SSL_CLIENT_I_DN`, `SSL_CLIENT_M_SERIAL`, and `SSL_CLIENT_SAN` and `SSL_CLIENT_FINGERPRINT` (SHA-256); `-` without TLS, and for others",
    of: (name) => ({ meaning: "", read: tlsValues[name] ?? (() => undefined) }),
  },
};

/** What is told of a connection's TLS. */
const tlsValues: Readonly<Record<string, Read | undefined>> = {
  SSL_PROTOCOL: ({ tls }) => tls?.protocol,
  SSL_CIPHER: ({ tls }) => tls?.cipher,
  SSL_TLS_SNI: ({ tls }) => tls?.servername,
  SSL_CLIENT_VERIFY: ({ tls }) => tls && (tls.authorized ? "SUCCESS" : "NONE"),
  SSL_CLIENT_S_DN: ({ tls }) => tls?.peerCertificate()?.subject,
  SSL_CLIENT_I_DN: ({ tls }) => tls?.peerCertificate()?.issuer,
  SSL_CLIENT_M_SERIAL: ({ tls }) => tls?.peerCertificate()?.serialNumber,
  SSL_CLIENT_SAN: ({ tls }) =>
    tls?.peerCertificate()?.subjectAltNames.join(","),
  SSL_CLIENT_FINGERPRINT: ({ tls }) => tls?.peerCertificate()?.fingerprint256,
};

function variable(name: string): Atom {
  const known: Readonly<Record<string, Atom | undefined>> = {
    REQUEST_METHOD: atoms.m,
    PATH_INFO: atoms.U,
    QUERY_STRING: atoms.q,
    SERVER_PROTOCOL: atoms.H,
    REMOTE_ADDR: atoms.h,
    RAW_URI: { meaning: "", read: ({ target }) => target },
    REMOTE_PORT: {
      meaning: "",
      read: ({ peer }) => peer?.kind === "tcp" ? String(peer.port) : undefined,
      needs: ["peer"],
      own: true,
    },
  };
  const upper = name.toUpperCase();
  const [, http, content] =
    /^(?:HTTP_(.+)|(CONTENT_(?:TYPE|LENGTH)))$/.exec(upper) ?? [];
  const field = http ?? content;
  return known[upper] ??
    (field === undefined ? { meaning: "", read: () => undefined, own: true } : {
      meaning: "",
      read: header(field.toLowerCase().replaceAll("_", "-")),
      needs: headers,
    });
}

/** The client's address; an IPv4 one that came by an IPv6 socket as IPv4. */
export function clientOf({ peer }: Exchange): string | undefined {
  if (peer?.kind !== "tcp") return undefined;
  const { address } = peer;
  return address.startsWith("::ffff:") ? address.slice(7) : address;
}

/** The user name of Basic authentication (RFC 7617). */
export function userOf(exchange: Exchange): string | undefined {
  const given = exchange.requestHeader("authorization");
  if (given === undefined) return undefined;
  const [, encoded] = /^basic +([\w+/-]+=*)$/i.exec(given) ?? [];
  if (encoded === undefined) return undefined;
  try {
    const bytes = Uint8Array.from(atob(encoded), (one) => one.charCodeAt(0));
    const text = new TextDecoder().decode(bytes);
    const colon = text.indexOf(":");
    return colon === -1 ? undefined : text.slice(0, colon);
  } catch {
    return undefined;
  }
}

/** The path without the query, decoded where it can be. */
function decodedPath({ target }: Exchange): string {
  const [path = ""] = target.split("?", 1);
  if (!path.includes("%")) return path;
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function queryOf({ target }: Exchange): string | undefined {
  const mark = target.indexOf("?");
  return mark === -1 ? undefined : target.slice(mark + 1);
}

function bytesOf({ bytes }: Exchange): string | undefined {
  return bytes === undefined ? undefined : String(bytes);
}

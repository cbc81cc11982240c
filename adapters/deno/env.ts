/** The `env` of an app on Deno: what `Deno.serve` tells of a request. */
import type { Peer, ShownClient } from "../../src/runtime/runtime.ts";
import {
  clientKey,
  peerOfClient,
  peerOfIncoming,
  showInIncoming,
} from "../shared/sockets/peer.ts";
import type { ClientEnv } from "../shared/sockets/peer.ts";

/** The part of Deno's ServeHandlerInfo that corn uses. */
interface Info {
  readonly remoteAddr: {
    readonly transport: "tcp" | "unix";
    readonly hostname?: string;
    readonly port?: number;
  };
  readonly completed: Promise<void>;
}

/** See `ServingRuntime.peerOf`. */
export function peerOf(request: unknown, env: unknown): Peer | undefined {
  const info = env as Partial<Info & ClientEnv>;
  if (info[clientKey] !== undefined) return info[clientKey](request);
  const { remoteAddr } = info;
  if (remoteAddr === undefined) return peerOfIncoming(request);
  const { transport, hostname: address, port } = remoteAddr;
  if (transport === "unix") return { kind: "unix" };
  return address ? { kind: "tcp", address, port: port ?? 0 } : undefined;
}

/** See `ServingRuntime.showClient`. */
export function showClient(
  request: unknown,
  env: unknown,
  shown: ShownClient,
): unknown {
  const info = env as Info;
  if (!("remoteAddr" in info)) {
    showInIncoming(request, shown);
    return env;
  }
  const { client } = shown;
  if (client === undefined) return env;
  const { address, port } = client.kind === "tcp"
    ? client
    : { address: "", port: 0 };
  return {
    remoteAddr: { transport: "tcp", hostname: address, port },
    get completed() {
      return info.completed;
    },
    [clientKey]: () => peerOfClient(client),
  };
}

/** Where Deno keeps what a Request is made of; the header list in it is that which `headers` shows. */
interface Inner {
  /** Asks for one header, without making Headers. */
  header?(name: string): string | null;
  readonly headerList?: readonly (readonly [name: string, value: string])[];
}

const inner = Object.getOwnPropertySymbols(new Request("http://localhost"))
  .find(({ description }) => description === "request");

/**
 * See `ServingRuntime.fieldsOf`. The first header that is asked of a Request makes a
 * Headers, which costs a multiple of its list (Deno 2.9.5, DENO-HEADERS-OPS).
 */
export function fieldsOf(request: unknown): readonly string[] | undefined {
  if (inner === undefined) return undefined;
  const { headerList } = (request as Record<symbol, Inner>)[inner] ?? {};
  if (!Array.isArray(headerList)) return undefined;
  const fields: string[] = [];
  for (let at = 0; at < headerList.length; at++) {
    const field = headerList[at] as readonly [string, string];
    fields.push(field[0], field[1]);
  }
  return fields;
}

/** What servers of this process write into a URL where the client names no host. */
const nameless = new Set<string>();

/** Notes the port that a server writes in place of a host; of a unix socket it is the path, which is no host. */
export function noteNameless(port: number): void {
  nameless.add(`localhost:${port}`);
}

/**
 * See `NativeRequests.hostOf`. It costs half of what Headers does (Deno 2.9.5,
 * DENO-HEADERS-OPS), which refuses several by itself. HTTP/2 has the host in
 * the URL alone (DENO-HTTP2-HOST).
 */
export function hostOf(request: unknown): string | null {
  const own = inner && (request as Record<symbol, Inner>)[inner];
  const host = own?.header === undefined
    ? (request as Request).headers.get("host")
    : own.header("host");
  return host ?? authorityOf((request as Request).url);
}

function authorityOf(url: string): string | null {
  const authority = /^http:\/\/([^/?#]*)/.exec(url)?.[1] ?? "";
  return nameless.has(authority) || authority.startsWith("%2F")
    ? null
    : authority;
}

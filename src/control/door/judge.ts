/** Whether a request may be made at all, and what it asks. */
import { parseIp } from "../../base/addresses/ip.ts";
import type { Head } from "../../http/h1/head.ts";
import { findRoute, Refused } from "./route.ts";
import type { Asked, Route } from "./route.ts";

/** What a door lets in. */
export interface DoorRules {
  readonly routes: readonly Route[];
  /** True where GET is all that may be asked. */
  readonly readOnly: boolean;
  /** True where clients come over the network: a browser may be made to ask there by any page. */
  readonly overNetwork: boolean;
  /** Names beside `localhost` and IP addresses that a client may ask for over the network. */
  readonly hosts?: readonly string[] | "any" | undefined;
}

/** A route and what it is asked. */
export interface Allowed {
  readonly route: Route;
  readonly asked: Asked;
}

/** @throws Refused */
export function judge(
  head: Head,
  body: Uint8Array,
  { routes, readOnly, overNetwork, hosts = [] }: DoorRules,
): Allowed {
  if (overNetwork && hosts !== "any" && !isOwnHost(head, hosts)) {
    // A page of another site reaches this port by a name of its own (DNS rebinding).
    throw new Refused(403, "host", "This name is not served here");
  }
  const { method } = head;
  const url = new URL(head.url);
  const { route, params } = findRoute(routes, method, url.pathname);
  if (readOnly && method !== "GET" && method !== "HEAD") {
    throw new Refused(405, "method", "Nothing can be changed here");
  }
  return {
    route,
    asked: {
      params,
      query: url.searchParams,
      body: readJson(head, body),
      field: (name) => head.field(name),
    },
  };
}

function isOwnHost({ target }: Head, hosts: readonly string[]): boolean {
  const { hostname } = new URL(target.origin);
  return hostname === "localhost" || hosts.includes(hostname) ||
    parseIp(hostname.replace(/^\[(.*)\]$/, "$1")) !== undefined;
}

function readJson(head: Head, bytes: Uint8Array): unknown {
  if (bytes.length === 0) return undefined;
  const [type = ""] = (head.field("content-type") ?? "").split(";");
  // Of all types this is one that a page of another site may not send unasked.
  if (type.trim().toLowerCase() !== "application/json") {
    throw new Refused(415, "content-type", "A body must be application/json");
  }
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new Refused(400, "json", "The body is not valid JSON");
  }
}

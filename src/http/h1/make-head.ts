/** From the parts of a head to what they mean together: RFC 9112 sections 3.2, 6 and 9.3. */
import type { FramingFields } from "./fields.ts";
import { Head } from "./head.ts";
import type { WireLimits } from "./limits.ts";
import { CR } from "./octets.ts";
import { hasBackslash, resolveTarget } from "./target.ts";
import type { Verdict } from "./verdict.ts";

/** What the parser found; places count from the head's first byte. */
export interface Found {
  /** The whole head, a character each byte. */
  readonly text: string;
  readonly methodEnd: number;
  readonly targetEnd: number;
  readonly minor: number;
  /** True where a URL parser leaves every byte of the target alone. */
  readonly stable: boolean;
  /** Begin and end of each field's name and value. */
  readonly offsets: readonly number[];
  readonly decided: FramingFields;
}

/** Methods that a Request cannot have, and that mean nothing to an app. */
const UNSERVED = new Set(["CONNECT", "TRACE", "TRACK"]);

const refusals = {
  method: { status: 501, reason: "Unknown method" },
  target: { status: 400, reason: "Invalid request target" },
  noHost: { status: 400, reason: "No Host" },
} as const satisfies Record<string, Verdict>;

/** Methods are case-sensitive, and none that is registered has a small letter. */
function isServed(method: string): boolean {
  if (method === "GET" || method === "POST") return true;
  return !UNSERVED.has(method) && method === method.toUpperCase();
}

/** Makes a head, or says why not. */
export function makeHead(
  found: Found,
  { limits, origin }: {
    readonly limits: WireLimits;
    /** The origin of a request of HTTP/1.0 that names no host. */
    readonly origin: string;
  },
): Head | Verdict {
  const { text, methodEnd, minor, stable, decided } = found;
  const method = text.slice(text.charCodeAt(0) === CR ? 2 : 0, methodEnd);
  const rawTarget = text.slice(methodEnd + 1, found.targetEnd);
  if (decided.hosts === 0 && minor === 1) return refusals.noHost;
  if (!isServed(method)) return refusals.method;
  const host = decided.origin ?? origin;
  const target = rawTarget.charCodeAt(0) === 47
    ? { origin: host, path: rawTarget }
    : resolveTarget(rawTarget, { method, host });
  if ("status" in target) return target;
  if (!stable && hasBackslash(target.path)) return refusals.target;
  const framing = decided.framing(minor, limits.requestBody);
  if (typeof framing === "object") {
    return { ...framing, line: { method, rawTarget, minor } };
  }
  return new Head(
    {
      method,
      target,
      rawTarget,
      minor,
      framing,
      length: framing === "length" ? decided.length as number : 0,
      keepsAlive: !decided.closes && (minor === 1 || decided.keepsAlive),
      // An HTTP/1.0 client cannot mean it, RFC 9110 section 10.1.1.
      expectsContinue: decided.expects && minor === 1 && framing !== "none",
      upgrades: decided.upgrade && decided.connectionUpgrades,
    },
    text,
    found.offsets,
    stable,
  );
}

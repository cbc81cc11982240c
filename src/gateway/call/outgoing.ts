/** A Node response, as far as corn answers in the place of the app. */

import { withoutTrailers } from "../../http/web/own-answer.ts";
import { RESPONSE_WRITERS } from "../../base/http/response-writers.ts";
import { TEXT_TYPE } from "./failure.ts";
import { isThenable, microtask } from "../../base/promise.ts";

/** The part of http.ServerResponse that limits need. */
export interface LimitedOutgoing {
  readonly headersSent: boolean;
  readonly writableEnded: boolean;
  statusCode: number;
  statusMessage: string;
  getHeaderNames(): string[];
  removeHeader(name: string): void;
  setHeader(name: string, value: string): void;
  write(text: string): unknown;
  end(text?: string): void;
  destroy(): void;
  once(event: "close" | "finish", run: () => void): void;
  off(event: "close", run: () => void): void;
}

/** An answer that corn gives itself. */
export interface OwnAnswer {
  readonly status: number;
  /** The reason phrase (RFC 9110 §15), which is the body too. */
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Where there is no room for a request now. `Retry-After` is in seconds (RFC 9110 §10.2.3), and one is the least. */
export const UNAVAILABLE: OwnAnswer = {
  status: 503,
  text: "Service Unavailable",
  headers: { "retry-after": "1" },
};

/** What an app may still call when its answer has been given for it. */
const MUTED = [...RESPONSE_WRITERS, "writeEarlyHints"];

const refused = new WeakSet<object>();

/** What a listener returned; a failure of one that was refused meanwhile is no news. */
export function unlessRefused(answer: unknown, outgoing: object): unknown {
  if (!isThenable(answer)) return answer;
  return answer.then(undefined, (thrown) => {
    if (!refused.has(outgoing)) throw thrown;
  });
}

/** The headers of the answer. */
export function refusalHeaders({ headers }: OwnAnswer): Record<string, string> {
  return { "content-type": TEXT_TYPE, ...headers };
}

/** The answer as a Response. */
export function refusalResponse(refusal: OwnAnswer): Response {
  const { status, text } = refusal;
  const response = new Response(`${text}\n`, {
    status,
    headers: refusalHeaders(refusal),
  });
  return withoutTrailers(response);
}

/**
 * Gives the answer unless the app has ended its own; cuts the connection where
 * that has begun. With `hold` the whole answer is sent, and the response ends
 * when `hold` calls what it is given.
 */
export function refuseOutgoing(
  outgoing: LimitedOutgoing,
  refusal: OwnAnswer,
  hold?: (end: () => void) => void,
): void {
  if (outgoing.writableEnded) return;
  const { status, text } = refusal;
  if (outgoing.headersSent) outgoing.destroy();
  else {
    for (const name of outgoing.getHeaderNames()) outgoing.removeHeader(name);
    outgoing.statusCode = status;
    outgoing.statusMessage = text;
    for (const [name, value] of Object.entries(refusalHeaders(refusal))) {
      outgoing.setHeader(name, value);
    }
    const body = `${text}\n`;
    outgoing.setHeader("content-length", String(body.length));
    if (hold === undefined) outgoing.end(body);
    else {
      outgoing.write(body);
      hold(outgoing.end.bind(outgoing));
    }
  }
  refused.add(outgoing);
  mute(outgoing);
}

/** Ignores what the app still says: a header set or a byte written too late throws, or is an uncaught error. */
function mute(outgoing: LimitedOutgoing): void {
  const open = outgoing as unknown as Record<string, unknown>;
  for (const name of MUTED) {
    if (!(name in outgoing)) continue;
    open[name] = (...args: unknown[]) => {
      const done = args.at(-1);
      if (typeof done === "function") microtask(() => done());
      // The app must not wait for a "drain" that never comes.
      return name === "write" ? true : outgoing;
    };
  }
}

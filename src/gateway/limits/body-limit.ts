/** The greatest request body: told by its length, or counted where it comes in chunks. */
import { countRefused } from "../../exchange/refused.ts";
import type { App, FetchApp, NodeApp } from "../app/app.ts";
import { deferred, isThenable } from "../../base/promise.ts";
import { GatheringReader } from "./gathering-reader.ts";
import { Linger } from "../../base/http/linger.ts";
import { lingeringResponse } from "./lingering-response.ts";
import type { Clock } from "../../runtime/runtime.ts";
import {
  refusalResponse,
  refuseOutgoing,
  unlessRefused,
} from "../call/outgoing.ts";
import type { LimitedOutgoing, OwnAnswer } from "../call/outgoing.ts";

/** The rest of the body is not read, so the connection ends with the answer. */
const TOO_LARGE: OwnAnswer = {
  status: 413,
  text: "Content Too Large",
  headers: { connection: "close" },
};

function refused(): OwnAnswer {
  countRefused("body", TOO_LARGE.status);
  return TOO_LARGE;
}

/** What an app meets that reads on. */
class BodyTooLargeError extends Error {
  override readonly name = "BodyTooLargeError";
  readonly status = 413;
  readonly statusCode = 413;
}

export interface BodyLimitOptions {
  readonly clock: Pick<Clock, "after">;
  readonly bytes: number;
}

/** The app without requests whose body has more than `bytes` bytes. */
export function withBodyLimit(app: App, options: BodyLimitOptions): App {
  return app.style === "fetch"
    ? { style: "fetch", call: fetchWithin(app.call, options) }
    : { style: "node", call: listenWithin(app.call, options) };
}

/** `Transfer-Encoding` overrides `Content-Length` (RFC 9112 §6.3). */
function lengthOf(
  length: string | null | undefined,
  coding: string | null | undefined,
): number | undefined {
  return coding || !length ? undefined : Number(length);
}

function tooLarge(bytes: number): BodyTooLargeError {
  return new BodyTooLargeError(`The request body has more than ${bytes} bytes`);
}

function fetchWithin(call: FetchApp, options: BodyLimitOptions): FetchApp {
  const { bytes, clock } = options;
  return (request, env, context) => {
    const { headers } = request;
    const coding = headers.get("transfer-encoding");
    const length = lengthOf(headers.get("content-length"), coding);
    if (length !== undefined) {
      if (length <= bytes) return call(request, env, context);
      const reader = request.body?.getReader();
      return reader === undefined
        ? refusalResponse(refused())
        : lingeringResponse(refused(), { reader, clock });
    }
    const bodiless = request.method === "GET" || request.method === "HEAD";
    const body = bodiless && !coding ? null : request.body;
    if (body === null) return call(request, env, context);
    const reader = body.getReader();
    const first = deferred<unknown>();
    let answered = false;
    const counted = countedRequest(request, reader, {
      bytes,
      clock,
      onExceed() {
        if (answered) return void reader.cancel().catch(() => {});
        first.resolve(lingeringResponse(refused(), { reader, clock }));
      },
    });
    const answer = call(counted, envFor(env, request, counted), context);
    if (!isThenable(answer)) {
      answered = true;
      return answer;
    }
    answer.then((value) => {
      answered = true;
      first.resolve(value);
    }, first.reject);
    return first.promise;
  };
}

/** The request with a body that fails when there is more of it. */
function countedRequest(
  request: Request,
  reader: ReadableStreamDefaultReader<Uint8Array>,
  { bytes, clock, onExceed }: BodyLimitOptions & { onExceed(): void },
): Request {
  const abort = new AbortController();
  let left = bytes;
  const pieces = new GatheringReader(reader, clock);
  const counted = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const piece = await pieces.read();
      if (piece === undefined) return controller.close();
      left -= piece.byteLength;
      if (left >= 0) return controller.enqueue(piece);
      const error = tooLarge(bytes);
      onExceed();
      controller.error(error);
      abort.abort(error);
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
  return new Request(request.url, {
    method: request.method,
    headers: request.headers,
    body: counted,
    // Not in every list of types yet; Node needs it.
    ...{ duplex: "half" },
    signal: AbortSignal.any([request.signal, abort.signal]),
  });
}

/** An env whose functions know the new request by the one that the engine made, as `server.requestIP(request)` of Bun must. */
function envFor(env: unknown, request: Request, counted: Request): unknown {
  if (typeof env !== "object" || env === null) return env;
  return new Proxy(env, {
    get(target, name) {
      const value = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      return (first: unknown, ...rest: unknown[]) =>
        value.call(target, first === counted ? request : first, ...rest);
    },
  });
}

/** The part of http.IncomingMessage that counts. */
interface Incoming {
  readonly headers: Readonly<Record<string, string | undefined>>;
  push(chunk: unknown, encoding?: unknown): boolean;
  resume(): void;
  destroy(error: Error): void;
}

function listenWithin(call: NodeApp, options: BodyLimitOptions): NodeApp {
  return (incoming, outgoing) => {
    const request = incoming as Incoming;
    const response = outgoing as LimitedOutgoing;
    const { headers } = request;
    const coding = headers["transfer-encoding"];
    const length = lengthOf(headers["content-length"], coding);
    if (length !== undefined && length > options.bytes) {
      refuse(request, response, options);
      return request.resume();
    }
    if (!coding) return call(incoming, outgoing);
    count(request, response, options);
    return unlessRefused(call(incoming, outgoing), response);
  };
}

/** Refuses a request as soon as more came; every way to read a body goes through `push`. */
function count(
  incoming: Incoming,
  outgoing: LimitedOutgoing,
  options: BodyLimitOptions,
): void {
  const push = incoming.push;
  let left = options.bytes;
  incoming.push = (chunk, encoding) => {
    left -= (chunk as Uint8Array | null)?.length ?? 0;
    if (left >= 0) return push.call(incoming, chunk, encoding);
    refuse(incoming, outgoing, options);
    return true;
  };
}

/** Sends the answer and reads on for a while. Then the request fails for the app, and the connection ends. */
function refuse(
  incoming: Incoming,
  outgoing: LimitedOutgoing,
  { bytes, clock }: BodyLimitOptions,
): void {
  const fail = () => incoming.destroy(tooLarge(bytes));
  const drop = () => true;
  incoming.push = drop;
  if (outgoing.writableEnded || outgoing.headersSent) fail();
  refuseOutgoing(outgoing, refused(), (end) => {
    const finish = () => {
      linger.close();
      incoming.push = drop;
      end();
    };
    const linger = new Linger({ clock, onOver: finish });
    incoming.push = (chunk) => {
      if (chunk === null) finish();
      else linger.heard((chunk as Uint8Array).length);
      return true;
    };
    outgoing.once("finish", fail);
    outgoing.once("close", () => linger.close());
  });
}

/** What each kind of client of the load asks, and the only right answer. */
import { createHash } from "node:crypto";
import {
  loadBody,
  piece,
  type Pieces,
  piecesPath,
  sumText,
} from "../../fixtures/answers.ts";
import type { Answer, RawClient } from "../client/client.ts";
import type { Kind } from "./load.ts";
import { sleep } from "../wait.ts";

/** One request. */
export interface Ask {
  readonly id: string;
  /** Asks for the end of the connection. */
  readonly close: boolean;
  random(): number;
}

/** Sends a request and reads its answer. @throws where that is not the right one */
export const asks: Readonly<
  Record<Kind, (raw: RawClient, ask: Ask) => Promise<Answer>>
> = { keepAlive: plain, single: plain, streams: stream, posts: post };

function headersOf({ close }: Ask): Record<string, string> {
  return close ? { Connection: "close" } : {};
}

/** A whole number from `low` to `high`. */
function between(random: () => number, low: number, high: number): number {
  return low + Math.floor(random() * (high - low + 1));
}

function check(answer: Answer, expected: Uint8Array | string): Answer {
  if (answer.status !== 200) throw new Error(`HTTP ${answer.status}`);
  const got = Buffer.from(answer.body);
  if (!got.equals(Buffer.from(expected as string))) {
    throw new Error("Wrong body");
  }
  return answer;
}

async function plain(raw: RawClient, ask: Ask): Promise<Answer> {
  const headers = headersOf(ask);
  const answer = await raw.request(`/load/${ask.id}`, { headers });
  return check(answer, loadBody(ask.id));
}

/** Most streams are short; some are larger than a socket's buffer and read late. */
function drawPieces({ id, random }: Ask): Pieces & { lateMs: number } {
  const roll = random();
  const ms = between(random, 0, 20);
  const size = between(random, 100, 4000);
  const count = between(random, 2, 8);
  if (roll < 0.9) return { id, ms, size, count, lateMs: 0 };
  if (roll < 0.98) return { id, ms, size: size * 30, count, lateMs: 0 };
  return {
    id,
    ms,
    size: 700_000 + size,
    count: 4,
    lateMs: between(random, 20, 200),
  };
}

async function stream(raw: RawClient, ask: Ask): Promise<Answer> {
  const pieces = drawPieces(ask);
  if (pieces.lateMs > 0) raw.socket.pause();
  raw.send(piecesPath(pieces), { headers: headersOf(ask) });
  if (pieces.lateMs > 0) {
    await sleep(pieces.lateMs);
    raw.socket.resume();
  }
  const expected = Array.from(
    { length: pieces.count },
    (_, index) => piece(pieces, index),
  );
  return check(await raw.answer(), Buffer.concat(expected));
}

/** Cuts a body into pieces of chance sizes. */
function cut(body: Uint8Array, count: number, random: () => number) {
  const marks = Array.from(
    { length: count - 1 },
    () => between(random, 0, body.length),
  ).sort((a, b) => a - b);
  return [0, ...marks].map((from, index) =>
    body.subarray(from, marks[index] ?? body.length)
  );
}

async function post(raw: RawClient, ask: Ask): Promise<Answer> {
  const { id, random } = ask;
  const roll = random();
  const small = between(random, 0, 4000);
  const size = roll < 0.9 ? small : small * (roll < 0.98 ? 60 : 300);
  const chunked = random() < 0.5;
  const pauseMs = random() < 0.3 ? between(random, 1, 30) : 0;
  const body = piece({ id, size, count: 1, ms: 0 }, 0);
  const parts = cut(body, between(random, 1, 5), random);
  const head = [
    `POST /sum/${id} HTTP/1.1`,
    "Host: test",
    chunked ? "Transfer-Encoding: chunked" : `Content-Length: ${size}`,
    ...ask.close ? ["Connection: close"] : [],
  ];
  raw.write(`${head.join("\r\n")}\r\n\r\n`);
  for (const part of parts) {
    if (pauseMs > 0) await sleep(pauseMs);
    // A chunk without bytes would be the last; and where the length was given
    // all may have been sent, answered and closed: writing nothing then is EPIPE.
    if (part.length === 0) continue;
    if (chunked) raw.write(`${part.length.toString(16)}\r\n`);
    raw.write(part);
    if (chunked) raw.write("\r\n");
  }
  if (chunked) raw.write("0\r\n\r\n");
  const sha256 = createHash("sha256").update(body).digest("hex");
  return check(await raw.answer(), sumText(id, size, sha256));
}

/** Reads requests with the parser as a connection does: whole, byte by byte and in random slices. */
import { Buffer } from "node:buffer";
import * as assert from "../../support/assert.ts";
import { ChunkedDecoder } from "../../../src/http/h1/chunked.ts";
import { defaultLimits } from "../../../src/http/h1/limits.ts";
import type { WireLimits } from "../../../src/http/h1/limits.ts";
import { Parser } from "../../../src/http/h1/parser.ts";
import type { ParserOptions } from "../../../src/http/h1/parser.ts";
import { anySeed, randomFrom } from "../../support/random.ts";

/** One request as it was read. */
export interface ReadRequest {
  readonly method: string;
  readonly url: string;
  readonly minor: number;
  readonly keepsAlive: boolean;
  readonly expectsContinue: boolean;
  readonly fields: readonly string[];
  readonly body: string;
  readonly trailers: readonly string[];
}

/** What became of the bytes of one connection. */
export interface Outcome {
  readonly requests: readonly ReadRequest[];
  /** The status that ends it. */
  readonly status: number | undefined;
  /** True when bytes of an unfinished request are left. */
  readonly underway: boolean;
}

/** What all cuts of this process come from. */
export const seed: number = anySeed();

export function optionsWith(limits: Partial<WireLimits> = {}): ParserOptions {
  return {
    limits: { ...defaultLimits, ...limits },
    origin: "http://default",
    latin1: (bytes, from, to) =>
      Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString(
        "latin1",
        from,
        to,
      ),
  };
}

/** Reads pieces, one after the other, as they arrive on one connection. */
export function readPieces(
  pieces: Iterable<Uint8Array>,
  options: ParserOptions,
): Outcome {
  const parser = new Parser(options);
  const requests: ReadRequest[] = [];
  let open: { chunks: Uint8Array[]; left: number } | undefined;
  let decoder: ChunkedDecoder | undefined;
  const finish = (trailers: readonly string[]) => {
    const head = parser.head!;
    requests.push({
      method: head.method,
      url: head.url,
      minor: head.minor,
      keepsAlive: head.keepsAlive,
      expectsContinue: head.expectsContinue,
      fields: head.fields(),
      body: Buffer.concat(open!.chunks).toString("latin1"),
      trailers,
    });
    open = decoder = undefined;
  };
  for (const given of pieces) {
    // The decoder moves bytes.
    const bytes = given.slice();
    let at = 0;
    while (at < bytes.length) {
      if (open === undefined) {
        at = parser.push(bytes, at);
        if (parser.verdict !== undefined) {
          assert.is(at, -1);
          return { requests, status: parser.verdict.status, underway: false };
        }
        if (at < 0) break;
        const { framing, length } = parser.head!;
        open = { chunks: [], left: length };
        if (framing === "chunked") decoder = new ChunkedDecoder(options);
        if (framing === "none") finish([]);
        continue;
      }
      if (decoder === undefined) {
        const size = Math.min(open.left, bytes.length - at);
        open.chunks.push(bytes.slice(at, at + size));
        open.left -= size;
        at += size;
        if (open.left === 0) finish([]);
        continue;
      }
      const next = decoder.push(bytes, at);
      if (decoder.verdict !== undefined) {
        return { requests, status: decoder.verdict.status, underway: false };
      }
      assert.ok(next > at, "every push goes on");
      at = next;
      open.chunks.push(bytes.slice(decoder.from, decoder.to));
      if (decoder.done) finish(decoder.trailers);
    }
  }
  return {
    requests,
    status: undefined,
    underway: parser.underway || open !== undefined,
  };
}

/** Cuts bytes at random places. */
export function* slices(
  bytes: Uint8Array,
  random: () => number,
): Iterable<Uint8Array> {
  let at = 0;
  while (at < bytes.length) {
    const to = at + 1 + Math.floor(random() ** 3 * 40);
    yield bytes.slice(at, to);
    at = to;
  }
}

const random = randomFrom(seed);

/**
 * Reads bytes (a string is ISO 8859-1) whole, byte by byte and in slices, and
 * gives what the ways agree on. @throws where they differ
 */
export function readEveryWay<Read>(
  input: string | Uint8Array,
  readPieces: (pieces: Iterable<Uint8Array>) => Read,
): Read {
  const bytes = typeof input === "string"
    ? new Uint8Array(Buffer.from(input, "latin1"))
    : input;
  const whole = readPieces([bytes]);
  const single = Array.from(bytes, (byte) => Uint8Array.of(byte));
  const about = `seed ${seed}: ${JSON.stringify(input)}`;
  assert.equal(readPieces(single), whole, `byte by byte, ${about}`);
  for (let round = 0; round < 3; round++) {
    const cut = [...slices(bytes, random)];
    assert.equal(readPieces(cut), whole, `in slices, ${about}`);
  }
  return whole;
}

/** Reads bytes in every way. @throws where the ways differ */
export function read(
  input: string | Uint8Array,
  limits: Partial<WireLimits> = {},
): Outcome {
  const options = optionsWith(limits);
  return readEveryWay(input, (pieces) => readPieces(pieces, options));
}

/** The only request of the bytes. @throws where there is another outcome */
export function readOne(
  input: string,
  limits: Partial<WireLimits> = {},
): ReadRequest {
  const { requests, status, underway } = read(input, limits);
  assert.equal(
    [requests.length, status, underway],
    [1, undefined, false],
    JSON.stringify(input),
  );
  return requests[0]!;
}

/** The status that each input is refused with. */
export function refused(
  status: number,
  inputs: readonly string[],
  limits: Partial<WireLimits> = {},
): void {
  for (const input of inputs) {
    const outcome = read(input, limits);
    assert.is(outcome.status, status, JSON.stringify(input));
    assert.is(outcome.requests.length, 0, JSON.stringify(input));
  }
}

/** A GET with these field lines and a Host. */
export function get(...lines: string[]): string {
  return ["GET / HTTP/1.1", "Host: a", ...lines, "", ""].join("\r\n");
}

/** A POST with these field lines, a Host and a body. */
export function post(lines: readonly string[], body: string): string {
  return ["POST / HTTP/1.1", "Host: a", ...lines, "", body].join("\r\n");
}

/** Node's own parser as a second reader: where both accept, they must have read the same. */
import { Buffer } from "node:buffer";
import { createServer } from "node:http";
import type { RequestListener, Server } from "node:http";
import { Duplex } from "node:stream";
import * as assert from "../../support/assert.ts";
import { randomFrom } from "../../support/random.ts";
import { mutate, SEEDS } from "./fuzz.ts";
import type { Tally } from "./fuzz.ts";
import { optionsWith, readPieces } from "./read.ts";
import type { Outcome } from "./read.ts";

/** One request as Node read it. */
interface NodeRequest {
  readonly method: string;
  readonly target: string;
  readonly body: string;
}

interface NodeReading {
  readonly requests: readonly NodeRequest[];
  /** The code of the error that ended it. */
  readonly code: string | undefined;
}

/** Where Node is the stricter one, by its codes. */
const STRICTER: Readonly<Record<string, string>> = {
  HPE_INVALID_METHOD: "it knows a list of methods, corn any that is a token",
  HPE_INVALID_VERSION:
    "it knows two minor versions, RFC 9110 §2.5 asks for more",
  HPE_INVALID_URL: "it refuses authorities that a URL parser takes",
  HPE_INVALID_CHUNK_SIZE: "it takes no white space before extensions",
  HPE_STRICT: "it takes no white space in extensions",
  HPE_LF_EXPECTED: "the bytes ended in the middle of a line",
  HPE_INVALID_TRANSFER_ENCODING: "it takes no empty list elements",
};

class Line extends Duplex {
  override _read(): void {}
  override _write(_: unknown, __: unknown, done: () => void): void {
    done();
  }
}

/** Lets what waits for the event loop go on. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

async function readByNode(server: Server, bytes: Uint8Array) {
  const requests: NodeRequest[] = [];
  let code: string | undefined;
  const line = Object.assign(new Line(), {
    take: (request: NodeRequest) => void requests.push(request),
    refuse: (error: { code?: string }) => void (code ??= error.code),
  });
  server.emit("connection", line);
  line.push(bytes);
  for (let turns = 0; turns < 6; turns++) await turn();
  line.destroy();
  return { requests, code };
}

type Taking = {
  take(request: NodeRequest): void;
  refuse(error: unknown): void;
};

function createReader(): Server {
  const listener: RequestListener = (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    const line = incoming.socket as unknown as Taking;
    incoming.on("error", () => {});
    incoming.on("data", (chunk) => chunks.push(chunk));
    incoming.on("end", () => {
      line.take({
        method: incoming.method ?? "",
        target: incoming.url ?? "",
        body: Buffer.concat(chunks).toString("latin1"),
      });
      outgoing.end();
    });
  };
  const server = createServer(listener);
  // Without it an empty list of expectations is answered with 417.
  server.on("checkExpectation", listener);
  server.on("clientError", (error, line) => {
    // It lives on until the requests before were read.
    (line as unknown as Taking).refuse(error);
  });
  return server;
}

/** White space after a length, RFC 9112 §5: some versions of llhttp take spaces there, and no tab. */
const TAB_AFTER_LENGTH = /content-length:[ \t]*\d+ *\t[ \t]*\r\n/i;

function isStricter(code: string, text: string): boolean {
  return code === "HPE_INVALID_CONTENT_LENGTH"
    ? TAB_AFTER_LENGTH.test(text)
    : STRICTER[code] !== undefined;
}

/** What is different, or undefined. */
function compare(
  text: string,
  own: Outcome,
  other: NodeReading,
): string | undefined {
  for (const [index, request] of own.requests.entries()) {
    const second = other.requests[index];
    if (second === undefined) {
      const { code = "no answer" } = other;
      return isStricter(code, text)
        ? undefined
        : `Node reads no request ${index}: ${code}`;
    }
    assert.equal(
      [second.method, second.body],
      [request.method, request.body],
      `request ${index}`,
    );
    if (!request.keepsAlive) return;
  }
}

/** Reads `count` mutated inputs in both ways. @throws where two readings differ */
export async function readTwice(count: number, seed: number): Promise<Tally> {
  const random = randomFrom(seed);
  const server = createReader();
  const options = optionsWith();
  const tally: Tally = {};
  for (let round = 0; round < count; round++) {
    const text = mutate(SEEDS[Math.floor(random() * SEEDS.length)]!, random);
    const bytes = new Uint8Array(Buffer.from(text, "latin1"));
    const own = readPieces([bytes], options);
    if (own.requests.length === 0) continue;
    const other = await readByNode(server, bytes);
    const about = `seed ${seed}, input ${round}: ${JSON.stringify(text)}`;
    const difference = compare(text, own, other);
    if (difference !== undefined) throw new Error(`${difference}, ${about}`);
    const name = other.requests.length < own.requests.length
      ? other.code ?? "closed"
      : "alike";
    tally[name] = (tally[name] ?? 0) + 1;
  }
  return tally;
}

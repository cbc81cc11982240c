/** Mutated requests: the parser must come to the same verdict however they are cut, and never throw. */
import { Buffer } from "node:buffer";
import * as assert from "../../support/assert.ts";
import { randomFrom } from "../../support/random.ts";
import { get, optionsWith, post, readPieces, slices } from "./read.ts";

/** Good requests that mutations begin with. */
export const SEEDS = [
  get(),
  get("Accept: */*", "Connection: keep-alive", "X: a, b"),
  "OPTIONS * HTTP/1.1\r\nHost: a:80\r\n\r\n",
  "GET http://b:81/c?d HTTP/1.0\r\nConnection: close\r\n\r\n",
  post(["Content-Length: 5"], "hello") + get(),
  post(
    ["Transfer-Encoding: chunked"],
    '5;a="b"\r\nhello\r\n0\r\nX-T: y\r\n\r\n',
  ) + get("Expect: 100-continue"),
  post(["Content-Length: 1", "Expect: 100-continue"], "x"),
];

/** What mutations put in. */
const WORDS = [
  "\r\n",
  "\r",
  "\n",
  "\r\n\r\n",
  " ",
  "\t",
  ":",
  ",",
  ";",
  "\x00",
  "\xff",
  "0",
  "-",
  "chunked",
  "Content-Length: 3\r\n",
  "Transfer-Encoding: chunked\r\n",
  "Host: b\r\n",
  "HTTP/1.1",
  "HTTP/2.0",
  "GET ",
  "/../",
  "%2e",
  "ffffffff",
  "\\",
  '"',
];

/** Whole lines that mutations put between others. */
const LINES = [
  "X: y\r\n",
  "Content-Length: 3\r\n",
  "Content-Length: 6000\r\n",
  "Transfer-Encoding: chunked\r\n",
  "Connection: close\r\n",
  "Expect: 100-continue\r\n",
  "0\r\n",
  "3\r\nabc\r\n",
  `GET /${"a".repeat(80)} HTTP/1.1\r\n`,
  `X: ${"a".repeat(80)}\r\n`,
  "GET / HTTP/3.0\r\n",
  "\r\n",
];

/** Changes a text in one to three places. */
export function mutate(text: string, random: () => number): string {
  const pick = (count: number) => Math.floor(random() * count);
  for (let count = 1 + Math.floor(random() ** 2 * 3); count > 0; count--) {
    const at = pick(text.length + 1);
    const before = text.slice(0, at);
    switch (pick(8)) {
      case 0:
        text = before + WORDS[pick(WORDS.length)] + text.slice(at);
        break;
      case 1:
        text = before + text.slice(at + 1 + pick(6));
        break;
      case 2:
        text = before + String.fromCharCode(pick(256)) + text.slice(at + 1);
        break;
      case 3:
        text = before + text.slice(at, at + pick(30)) + text.slice(at);
        break;
      case 4:
        text = before + SEEDS[pick(SEEDS.length)]!.slice(pick(60));
        break;
      default: {
        // A line between two others.
        const start = text.indexOf("\r\n", at) + 2;
        const line = LINES[pick(LINES.length)];
        text = text.slice(0, start) + line + text.slice(start);
      }
    }
  }
  return text.slice(0, 4000);
}

/** How often each outcome was seen. */
export type Tally = Record<string, number>;

/** Reads `count` mutated inputs. @throws at the first that is read in two ways, or throws */
export function fuzz(count: number, seed: number): Tally {
  const random = randomFrom(seed);
  const limits = {
    requestLine: 80,
    requestFields: 6,
    requestFieldSize: 60,
    requestBody: 5000,
  };
  const options = optionsWith(limits);
  const tally: Tally = {};
  for (let round = 0; round < count; round++) {
    const text = mutate(SEEDS[Math.floor(random() * SEEDS.length)]!, random);
    const bytes = new Uint8Array(Buffer.from(text, "latin1"));
    try {
      const whole = readPieces([bytes], options);
      const cut = readPieces(slices(bytes, random), options);
      assert.is(JSON.stringify(cut), JSON.stringify(whole));
      const name = String(
        whole.status ?? (whole.underway ? "underway" : "read"),
      );
      tally[name] = (tally[name] ?? 0) + 1;
    } catch (error) {
      throw new Error(
        `Cannot read seed ${seed}, input ${round}: ${JSON.stringify(text)}`,
        { cause: error },
      );
    }
  }
  return tally;
}

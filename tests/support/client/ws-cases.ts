/**
 * What a server that echoes owes the client of the package `ws`, which does what
 * browsers do not: messages in parts, pings of its own, frames without a mask, a
 * stream. Its own suite sees to much of this against servers of its own.
 */
import type { Duplex } from "node:stream";
import * as assert from "../assert.ts";
import { within } from "../wait.ts";

/** The part of its client that is used. */
export interface WsClient {
  readonly readyState: number;
  readonly extensions: string;
  on(event: string, run: (...args: never[]) => void): void;
  once(event: string, run: (...args: never[]) => void): void;
  send(
    data: string | Uint8Array,
    options?: {
      readonly fin?: boolean;
      readonly mask?: boolean;
      readonly binary?: boolean;
    },
  ): void;
  ping(data: string): void;
  pause(): void;
  resume(): void;
  close(code?: number, reason?: string): void;
  terminate(): void;
}

/** The class that the package exports. */
export interface WsClass {
  new (url: string, options?: object): WsClient;
  createWebSocketStream(client: WsClient): Duplex;
}

interface Message {
  readonly data: Uint8Array;
  readonly binary: boolean;
}

/** Opens one. @throws where it does not open */
async function open(
  Ws: WsClass,
  url: string,
  options?: object,
): Promise<WsClient> {
  const client = new Ws(url, options);
  const opened = new Promise<void>((resolve, reject) => {
    client.once("open", resolve);
    client.once("error", reject);
  });
  await within("a client of ws to open", opened);
  // What follows is told by "close".
  client.on("error", () => {});
  return client;
}

/** Its next so many messages. */
function messages(client: WsClient, count: number): Promise<Message[]> {
  const all: Message[] = [];
  return within(
    `${count} messages`,
    new Promise((resolve) => {
      client.on("message", (data: Uint8Array, binary: boolean) => {
        if (all.push({ data, binary }) === count) resolve(all);
      });
    }),
  );
}

function ending(client: WsClient): Promise<{ code: number; reason: string }> {
  return within(
    "the end of a client of ws",
    new Promise((resolve) => {
      client.once(
        "close",
        (code: number, reason: Uint8Array) =>
          resolve({ code, reason: String(reason) }),
      );
    }),
  );
}

async function end(client: WsClient): Promise<void> {
  const ended = ending(client);
  client.close();
  await ended;
}

type Case = (Ws: WsClass, url: string) => Promise<void>;

export const wsCases: Readonly<Record<string, Case>> = {
  async "messages of each length come back as they were"(Ws, url) {
    for (const perMessageDeflate of [true, false]) {
      const client = await open(Ws, url, { perMessageDeflate });
      const lengths = [0, 1, 125, 126, 127, 65_535, 65_536, 1 << 20];
      const heard = messages(client, 2 * lengths.length);
      for (const length of lengths) {
        client.send("x".repeat(length));
        client.send(new Uint8Array(length).fill(0xfe));
      }
      for (const [at, { data, binary }] of (await heard).entries()) {
        assert.is(binary, at % 2 === 1);
        assert.is(data.length, lengths[at >> 1]);
        const octet = binary ? 0xfe : 0x78;
        assert.ok(data.every((one) => one === octet));
      }
      await end(client);
    }
  },

  async "a message in parts comes back whole, with a ping between them"(
    Ws,
    url,
  ) {
    const client = await open(Ws, url);
    const pong = new Promise<string>((resolve) =>
      client.once("pong", (data: Uint8Array) => resolve(String(data)))
    );
    const heard = messages(client, 1);
    client.send("one ", { fin: false });
    client.send("κόσμε ", { fin: false });
    client.ping("are you there");
    client.send("", { fin: false });
    client.send("three", { fin: true });
    assert.is(await within("a pong", pong), "are you there");
    assert.is(String((await heard)[0]?.data), "one κόσμε three");
    await end(client);
  },

  async "a thousand messages at once come back in their order"(Ws, url) {
    const client = await open(Ws, url);
    const heard = messages(client, 1000);
    for (let count = 0; count < 1000; count++) client.send(`${count}`);
    const texts = (await heard).map(({ data }) => String(data));
    assert.equal(texts, texts.map((_, at) => `${at}`));
    await end(client);
  },

  async "a client that reads nothing for a while gets all of it then"(
    Ws,
    url,
  ) {
    const client = await open(Ws, url);
    const heard = messages(client, 64);
    client.pause();
    for (let count = 0; count < 64; count++) {
      client.send(new Uint8Array(65_536).fill(count));
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
    client.resume();
    for (const [at, { data }] of (await heard).entries()) {
      assert.ok(data.length === 65_536 && data[0] === at && data.at(-1) === at);
    }
    await end(client);
  },

  async "a stream goes through it and back"(Ws, url) {
    const client = await open(Ws, url);
    const stream = Ws.createWebSocketStream(client);
    const size = 1 << 20;
    let count = 0;
    const whole = new Promise<void>((resolve) =>
      stream.on("data", (piece: Uint8Array) => {
        count += piece.length;
        if (count === size) resolve();
      })
    );
    for (let at = 0; at < 16; at++) stream.write(new Uint8Array(size / 16));
    await within("a stream's echo", whole);
    const ended = ending(client);
    stream.end();
    assert.is((await ended).code, 1005);
  },

  async "a close is answered by its own code and reason"(Ws, url) {
    for (const [code, reason] of [[1000, ""], [4321, "enough"]] as const) {
      const client = await open(Ws, url);
      const ended = ending(client);
      client.close(code, reason);
      assert.equal(await ended, { code, reason });
    }
    const client = await open(Ws, url);
    const ended = ending(client);
    client.close();
    assert.is((await ended).code, 1005);
  },

  async "what breaks the protocol ends that one alone"(Ws, url) {
    const other = await open(Ws, url);
    const text = await open(Ws, url);
    const ended = ending(text);
    text.send(new Uint8Array([0xff]), { binary: false });
    // Some servers end the connection without a word.
    assert.ok([1007, 1006].includes((await ended).code));
    const bare = await open(Ws, url);
    const outcome = Promise.race([ending(bare), messages(bare, 1)]);
    bare.send("no mask", { mask: false });
    const came = await outcome;
    // Deno's own server takes it (2.9.5, DENO-NO-MASK).
    if (Array.isArray(came)) bare.terminate();
    else assert.ok([1002, 1006].includes(came.code));
    const heard = messages(other, 1);
    other.send("still here");
    assert.is(String((await heard)[0]?.data), "still here");
    await end(other);
  },

  async "one that ends in its handshake, or without a close, leaves nothing"(
    Ws,
    url,
  ) {
    const hasty = new Ws(url);
    hasty.on("error", () => {});
    const ended = ending(hasty);
    hasty.terminate();
    assert.is((await ended).code, 1006);
    const abrupt = await open(Ws, url);
    abrupt.terminate();
    const client = await open(Ws, url);
    const heard = messages(client, 1);
    client.send("next");
    assert.is(String((await heard)[0]?.data), "next");
    await end(client);
  },

  async "fifty at once each hear what is theirs"(Ws, url) {
    await Promise.all(Array.from({ length: 50 }, async (_, at) => {
      const client = await open(Ws, url);
      const heard = messages(client, 20);
      for (let count = 0; count < 20; count++) client.send(`${at}:${count}`);
      for (const [count, { data }] of (await heard).entries()) {
        assert.is(String(data), `${at}:${count}`);
      }
      await end(client);
    }));
  },
};

import { createHash } from "node:crypto";
import * as assert from "../../support/assert.ts";
import { suite } from "../../support/suite.ts";
import { sha1 } from "../../../src/http/websocket/sha1.ts";
import {
  acceptHead,
  acceptKey,
  readOffer,
} from "../../../src/http/websocket/handshake.ts";
import type { Head } from "../../../src/http/h1/head.ts";
import { HANDSHAKE } from "../../support/client/frames.ts";

const handshake = suite("handshake");

handshake("sha1() is SHA-1, for every length around a block", () => {
  for (let length = 0; length < 200; length++) {
    const text = "abcdefghij".repeat(20).slice(0, length);
    assert.equal(
      [...sha1(text)],
      [...createHash("sha1").update(text).digest()],
    );
  }
});

handshake("acceptKey() answers the example of RFC 6455", () => {
  assert.is(
    acceptKey(HANDSHAKE["Sec-WebSocket-Key"]),
    "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
  );
});

/** A head with these fields instead of those of a good handshake. */
function head(fields: Readonly<Record<string, string | undefined>> = {}) {
  const all = Object.entries({ ...HANDSHAKE, ...fields }).map((
    [name, value],
  ) => [name.toLowerCase(), value]);
  const { method = "GET", minor = "1", framing = "none", ...given } = Object
    .fromEntries(all);
  return {
    method,
    framing,
    minor: Number(minor),
    upgrades: given.connection?.toLowerCase() === "upgrade",
    field: (name: string) => given[name],
  } as unknown as Head;
}

handshake("readOffer() takes what RFC 6455 asks for", () => {
  const key = HANDSHAKE["Sec-WebSocket-Key"];
  assert.equal(readOffer(head()), { key, protocols: [] });
  assert.equal(
    readOffer(head({
      Upgrade: "h2c, WebSocket",
      "Sec-WebSocket-Protocol": "Chat.v2 , chat,",
    })),
    { key, protocols: ["Chat.v2", "chat"] },
  );
  for (
    const bad of [
      { Connection: "close" },
      { Upgrade: "h2c" },
      { "Sec-WebSocket-Version": "8" },
      { "Sec-WebSocket-Version": undefined },
      { "Sec-WebSocket-Key": undefined },
      { "Sec-WebSocket-Key": "c2hvcnQ=" },
      { "Sec-WebSocket-Key": `${key}, ${key}` },
      { "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZR==" },
      { method: "POST" },
      { minor: "0" },
      { framing: "length" },
    ]
  ) {
    assert.is(readOffer(head(bad)), undefined, JSON.stringify(bad));
  }
});

handshake("acceptHead() writes the answer", () => {
  const offer = readOffer(head())!;
  assert.is(
    acceptHead(offer, "chat", ["set-cookie", "a=b"]),
    "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nsec-websocket-protocol: chat\r\nset-cookie: a=b\r\n\r\n",
  );
});

handshake.run();

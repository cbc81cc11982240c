import { Buffer } from "node:buffer";
import { ProxyHandshake } from "../../../src/http/proxy-protocol/proxy-handshake.ts";
import type { HandshakeHost } from "../../../src/http/proxy-protocol/proxy-handshake.ts";
import type { Peer } from "../../../src/runtime/runtime.ts";
import type { Channel } from "../../../src/runtime/transport.ts";
import * as assert from "../../support/assert.ts";
import { suite } from "../../support/suite.ts";

const handshake = suite("ProxyHandshake");

const proxy: Peer = { kind: "tcp", address: "10.0.0.1", port: 5 };
const HEADER = "PROXY TCP4 192.0.2.1 192.0.2.2 1234 80\r\n";

interface Options {
  readonly peer?: Peer | undefined;
  readonly headerMs?: number;
}

function start({ peer, headerMs = 1000 }: Options = { peer: proxy }) {
  /** What came of it, in order. */
  const seen: string[] = [];
  let now = 500;
  const channel = {
    peer: () => peer,
    setPeer: (one: Peer) =>
      void seen.push(one.kind === "tcp" ? `${one.address}:${one.port}` : ""),
    cut: (reset: boolean) => void seen.push(reset ? "reset" : "cut"),
  } as unknown as Channel;
  const host: HandshakeHost = {
    versions: "auto",
    trusts: (one) => one !== undefined && one.kind === "tcp",
    headerMs: () => headerMs,
    now: () => now,
    onRefusal: (text) => void seen.push(text),
    enter() {
      seen.push("enter");
      return {
        onData: (bytes) =>
          void seen.push(`data ${Buffer.from(bytes).toString()}`),
        onDrain: () => void seen.push("drain"),
        onEnd: () => void seen.push("end"),
        onClose: () => void seen.push("close"),
        check() {},
        cut() {},
      };
    },
    onClose: () => void seen.push("gone"),
  };
  const one = new ProxyHandshake(channel, host);
  return {
    one,
    seen,
    channel,
    send: (text: string) => one.onData(new Uint8Array(Buffer.from(text))),
    pass: (ms: number) => one.check(now += ms),
  };
}

handshake(
  "what follows the header is the connection's, in whatever pieces",
  () => {
    const whole = start();
    whole.send(`${HEADER}GET`);
    whole.send(" /");
    const parts = start();
    for (const text of [HEADER.slice(0, 9), HEADER.slice(9), "GET", " /"]) {
      parts.send(text);
    }
    for (const { one, seen } of [whole, parts]) {
      one.onDrain();
      one.onEnd();
      one.onClose();
      assert.equal(seen, [
        "192.0.2.1:1234",
        "enter",
        "data GET",
        "data  /",
        "drain",
        "end",
        "close",
      ]);
    }
  },
);

handshake("a header that names nobody leaves the proxy's own address", () => {
  const { seen, channel, send } = start();
  send("PROXY UNKNOWN\r\n");
  assert.equal(seen, ["enter"]);
  assert.is(channel.unnamed, true);
});

handshake("who is not trusted is refused before its header is read", () => {
  const stranger = start({ peer: { kind: "unix" } as Peer });
  stranger.send(HEADER);
  assert.equal(stranger.seen, [
    "Closed a connection from a unix socket: it is not in --proxy-allow-from",
    "cut",
  ]);
  // Nothing more is made of it.
  stranger.send(HEADER);
  stranger.one.onEnd();
  stranger.pass(5000);
  stranger.one.onDrain();
  assert.is(stranger.seen.length, 2);
  stranger.one.onClose();
  assert.is(stranger.seen.at(-1), "gone");
  const gone = start({ peer: undefined });
  gone.send(HEADER);
  assert.match(gone.seen[0] ?? "", /from a peer that is gone: /);
});

handshake("what is no header is refused by name", () => {
  const { seen, send } = start();
  send("GET / HTTP/1.1\r\n\r\n");
  assert.match(
    seen[0] ?? "",
    /^Closed a connection from 10\.0\.0\.1: it sent /,
  );
  assert.equal(seen.slice(1), ["cut"]);
});

handshake("a connection without data is a health check, and no matter", () => {
  const left = start();
  left.one.onEnd();
  assert.equal(left.seen, ["cut"]);
  const silent = start();
  silent.pass(999);
  assert.equal(silent.seen, []);
  silent.pass(1);
  assert.equal(silent.seen, ["cut"]);
  silent.pass(5000);
  assert.equal(silent.seen, ["cut"], "it is cut once");
});

handshake("a header that breaks off or takes too long is refused", () => {
  const left = start();
  left.send(HEADER.slice(0, 9));
  left.one.onEnd();
  const from = "Closed a connection from 10.0.0.1:";
  assert.equal(left.seen, [`${from} its PROXY header broke off`, "cut"]);
  const slow = start();
  slow.send(HEADER.slice(0, 9));
  slow.pass(1000);
  assert.equal(slow.seen, [`${from} its PROXY header took too long`, "cut"]);
  const patient = start({ peer: proxy, headerMs: 0 });
  patient.send(HEADER.slice(0, 9));
  patient.pass(1e6);
  assert.equal(patient.seen, []);
});

handshake("one whose client is gone is nothing to look at", () => {
  const left = start();
  left.send(HEADER.slice(0, 9));
  left.one.onClose();
  left.pass(5000);
  left.send(HEADER.slice(9));
  assert.equal(left.seen, ["gone"]);
});

handshake("cut() ends it hard", () => {
  const { one, seen } = start();
  one.cut();
  assert.equal(seen, ["reset"]);
});

handshake.run();

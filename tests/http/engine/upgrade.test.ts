import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import type { Host } from "../../../src/http/connection/host.ts";
import { LeftConnection } from "../../../src/http/engine/left-connection.ts";
import { upgrade } from "../../../src/http/engine/upgrade.ts";
import type { Heir } from "../../../src/http/web/heir.ts";
import { WireRequest } from "../../../src/http/web/request.ts";
import type { RequestExchange } from "../../../src/http/web/request.ts";
import type {
  SocketAnswer,
  SocketOptions,
} from "../../../src/runtime/runtime.ts";

const upgrades = suite("upgrade()");

const OFFER: Record<string, string> = {
  "upgrade": "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
};

interface Given {
  exchange?: Record<string, unknown>;
  answer?: Partial<SocketAnswer>;
  late?: boolean;
  most?: number;
  pingMs?: number;
}

/** Upgrades a request on a connection of the test's own. */
function begin(
  { exchange: parts, answer, late = false, most = 100, pingMs = 0 }: Given = {},
) {
  const told: string[] = [];
  const channel = {
    lends: true,
    write: (text: string, bytes?: Uint8Array) => {
      told.push(text === "" ? `write <${bytes?.length}>` : text);
      return true;
    },
    pending: () => 0,
    end: () => void told.push("channel end"),
    cut: () => void told.push("cut"),
  };
  const head = {
    method: "GET",
    minor: 1,
    framing: "none",
    upgrades: true,
    field: (name: string) => OFFER[name],
  } as unknown as RequestExchange["head"];
  let heir: Heir | undefined;
  const exchange = {
    head,
    channel,
    over: false,
    leaveTo(given: Heir) {
      heir = given;
      return late ? undefined : {
        head: new Uint8Array(),
        end: (end: object) => told.push(`request ${JSON.stringify(end)}`),
      };
    },
    ...parts,
  } as unknown as RequestExchange & { watcher?: { onOver(): void } };
  const sockets: SocketOptions = {
    most,
    pingMs,
    keeper: {
      keep: () => (end: object) => told.push(`socket ${JSON.stringify(end)}`),
    },
  } as unknown as SocketOptions;
  const host = {
    limits: { writeMs: 0 },
    parser: {
      latin1: (bytes: Uint8Array, from: number, to: number) =>
        String.fromCharCode(...bytes.subarray(from, to)),
    },
    now: () => 0,
  } as unknown as Host;
  const session = upgrade(
    new WireRequest(head, undefined, exchange),
    {
      atOnce: true,
      events: () => ({
        onOpen: () => void told.push("open"),
        onText: (text: string) => void told.push(text),
        onBinary() {},
        onClose: (code: number) => void told.push(`close ${code}`),
      }),
      ...answer,
    } as SocketAnswer,
    { host, sockets },
  );
  return { session, told, exchange, heir: () => heir };
}

const HEAD = [
  "HTTP/1.1 101 Switching Protocols",
  "upgrade: websocket",
  "connection: Upgrade",
  "sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
];
const head = (...lines: string[]) => [...HEAD, ...lines, "", ""].join("\r\n");

upgrades("RFC 6455 §1.3: a request becomes a WebSocket at once", () => {
  const { session, told, heir } = begin();
  assert.ok(session !== undefined && heir() === session as unknown);
  assert.equal(told, [head(), "open"]);
});

upgrades("it waits for the app's answer, where it is told to", () => {
  const { told, exchange } = begin({ answer: { atOnce: false } });
  assert.equal(told, []);
  exchange.upgrade?.();
  assert.equal(told, [head(), "open"]);
});

upgrades(
  "its end is told to the request, with all bytes that were sent",
  () => {
    const { told, heir } = begin();
    const before = told.length;
    heir()?.onClose();
    assert.equal(told.slice(before), [
      'socket {"code":1006,"bytes":0}',
      `request {"status":101,"bytes":${head().length}}`,
      "close 1006",
    ]);
  },
);

upgrades("the app's fields are sent, but for those of the handshake", () => {
  const { told } = begin({
    answer: {
      protocol: "chat",
      headers: {
        "X-Own": "a",
        "Upgrade": "h2c",
        "Sec-WebSocket-Accept": "no",
        "Content-Length": "5",
        "Set-Cookie": "b=c",
      },
    },
  });
  assert.is(
    told[0],
    head("sec-websocket-protocol: chat", "x-own: a", "set-cookie: b=c"),
  );
  assert.throws(
    () => begin({ answer: { headers: { "x-a": "b\r\nc: d" } } }),
    TypeError,
  );
});

upgrades("a request that asks for none, or too late, stays what it is", () => {
  const cases: Given[] = [
    { exchange: { over: true } },
    { exchange: { status: 200 } },
    { exchange: { upgrade() {} } },
    { exchange: { head: { upgrades: false } } },
  ];
  for (const given of cases) {
    const { session, told } = begin(given);
    assert.is(session, undefined);
    assert.equal(told, []);
  }
  const none = upgrade(new Request("http://localhost/"), {} as SocketAnswer, {
    host: {} as Host,
    sockets: {} as SocketOptions,
  });
  assert.is(none, undefined);
});

upgrades("one whose client leaves first is told that it failed", () => {
  const left = begin({ answer: { atOnce: false } });
  left.exchange.watcher?.onOver();
  assert.equal(left.told, ["close 1006"]);
  const late = begin({ late: true });
  assert.equal(late.told, ["close 1006"]);
});

/** A text of so many letters, as a client sends it, with a mask of zeros. */
function textFrame(length: number): Uint8Array {
  const bytes = new Uint8Array(6 + length).fill(97);
  bytes.set([0x81, 0x80 | length, 0, 0, 0, 0]);
  return bytes;
}

upgrades("the lesser limit of messages holds", () => {
  for (
    const [most, own, text] of [
      [10, undefined, 10],
      [10, 20, 10],
      [20, 10, 10],
    ] as const
  ) {
    const { told, heir } = begin({ most, answer: { most: own } });
    heir()?.onData(textFrame(text));
    assert.is(told.at(-1), "a".repeat(text));
    heir()?.onData(textFrame(text + 1));
    assert.is(told.at(-1), "close 1009");
  }
});

upgrades(
  "LeftConnection passes all on, and is forgotten when it is gone",
  () => {
    const told: string[] = [];
    const forgotten: unknown[] = [];
    const one = new LeftConnection({
      onData: ({ length }) => void told.push(`data ${length}`),
      onDrain: () => void told.push("drain"),
      onEnd: () => void told.push("end"),
      onClose: () => void told.push("close"),
      check: (now) => void told.push(`check ${now}`),
      cut: () => void told.push("cut"),
    }, (gone) => void forgotten.push(gone));
    one.onData(new Uint8Array(2));
    one.onDrain();
    one.check(5);
    one.onEnd();
    one.cut();
    assert.equal(forgotten, []);
    one.onClose();
    assert.equal(told, ["data 2", "drain", "check 5", "end", "cut", "close"]);
    assert.ok(forgotten.length === 1 && forgotten[0] === one);
  },
);

upgrades("a silent client is asked as the app wants, or the worker", () => {
  for (
    const [own, asked] of [[undefined, 1000], [10, 10], [0, undefined]] as const
  ) {
    const { told, heir } = begin({ pingMs: 1000, answer: { pingMs: own } });
    const before = told.length;
    heir()?.check(0);
    if (asked === undefined) {
      heir()?.check(60_000);
      assert.is(told.length, before);
    } else {
      heir()?.check(asked - 1);
      assert.is(told.length, before);
      heir()?.check(asked);
      assert.is(told.at(-1), "write <2>");
    }
  }
});

upgrades.run();

import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { ALL_NEEDS } from "../../support/needs.ts";
import type { Exchange } from "../../../src/exchange/exchange.ts";
import { noteSwitched } from "../../../src/exchange/switched.ts";
import { withExchange } from "../../../src/gateway/observe/exchange.ts";
import { FieldsAtHand } from "../../../src/gateway/proxies/fields-at-hand.ts";
import { noteHandshake } from "../../../src/base/http/noted-handshake.ts";
import { FakeRuntime } from "../../support/fake/runtime.ts";

const exchanges = suite("NodeExchange");

/** A response of node:http, as far as it is looked at. */
class Outgoing {
  headersSent = false;
  writableFinished = false;
  statusCode = 200;
  readonly headers: Record<string, string | string[] | number> = {};
  readonly written: unknown[] = [];
  close = () => {};

  getHeader(name: string) {
    return this.headers[name];
  }

  write(chunk: unknown, _encoding?: unknown): void {
    this.headersSent = true;
    this.written.push(chunk);
  }

  end(chunk?: unknown, encoding?: unknown): void {
    // As node:http's does.
    if (chunk !== undefined && typeof chunk !== "function") {
      this.write(chunk, encoding);
    }
    this.headersSent = this.writableFinished = true;
  }

  once(_event: "close", run: () => void): void {
    this.close = run;
  }
}

/** What is seen of a request that an app of Node's style answers so. */
function seen(
  answer: (outgoing: Outgoing, runtime: FakeRuntime) => void,
  method = "GET",
): Exchange {
  let found: Exchange | undefined;
  const runtime = Object.assign(new FakeRuntime(), {
    byteLength: (text: string) => new TextEncoder().encode(text).length,
  });
  runtime.clock.pass(1000);
  const handler = withExchange({
    style: "node",
    fetch: () => new Response(),
    node: (_, outgoing) => answer(outgoing as Outgoing, runtime),
  }, {
    observer: {
      needs: ALL_NEEDS,
      onEnd: (exchange) => void (found = exchange),
    },
    runtime,
    fields: new FieldsAtHand({ fieldsOf: () => undefined }),
  });
  const outgoing = new Outgoing();
  handler.node({
    method,
    url: "/page?q=1",
    httpVersion: "1.1",
    headers: { "user-agent": "curl", cookie: ["a=1", "b=2"] },
  }, outgoing);
  assert.is(found, undefined, "it has not ended");
  outgoing.close();
  if (found === undefined) throw new Error("nothing was seen");
  return found;
}

exchanges("a request and its response are told as they were", () => {
  const exchange = seen((outgoing, { clock }) => {
    outgoing.statusCode = 404;
    outgoing.headers["x-many"] = ["one", "two"];
    outgoing.headers["x-count"] = 3;
    clock.pass(20);
    outgoing.end("gone");
  });
  const { method, target, protocol, status, bytes, ms, aborted } = exchange;
  assert.equal({ method, target, protocol, status, bytes, ms, aborted }, {
    ...{ method: "GET", target: "/page?q=1", protocol: "HTTP/1.1" },
    ...{ status: 404, bytes: 4, ms: 20, aborted: false },
  });
  assert.is(exchange.requestHeader("user-agent"), "curl");
  assert.is(exchange.requestHeader("cookie"), "a=1, b=2");
  assert.is(exchange.requestHeader("accept"), undefined);
  assert.is(exchange.responseHeader("x-many"), "one, two");
  assert.is(exchange.responseHeader("x-count"), "3");
});

exchanges(
  "a peer is asked for as the request comes, where it is needed",
  () => {
    const peer = { kind: "tcp", address: "192.0.2.1", port: 1 } as const;
    for (const needed of [true, false]) {
      const asked: unknown[][] = [];
      let found: Exchange | undefined;
      const incoming = { httpVersion: "1.1", headers: {} };
      const outgoing = new Outgoing();
      const handler = withExchange({
        style: "node",
        fetch: () => new Response(),
        node: () => assert.is(asked.length, needed ? 1 : 0),
      }, {
        observer: {
          needs: { ...ALL_NEEDS, peer: needed },
          onEnd: (exchange) => void (found = exchange),
        },
        runtime: Object.assign(new FakeRuntime(), {
          peerOf: (...all: unknown[]) => (asked.push(all), peer),
        }),
        fields: new FieldsAtHand({ fieldsOf: () => undefined }),
      });
      handler.node(incoming, outgoing);
      outgoing.close();
      assert.is(found?.peer, needed ? peer : undefined);
      assert.equal(asked, needed ? [[incoming, outgoing]] : []);
    }
  },
);

exchanges("bytes are counted as they are sent", () => {
  const text = "üx";
  for (
    const [encoding, bytes] of [
      [undefined, 3],
      ["utf8", 3],
      ["latin1", 2],
      ["binary", 2],
      ["ascii", 2],
      ["ucs2", 4],
      ["utf16le", 4],
    ] as const
  ) {
    const exchange = seen((outgoing) => {
      outgoing.write(text, encoding);
      outgoing.end();
    });
    assert.is(exchange.bytes, bytes, encoding);
  }
  const hex = seen((outgoing) => outgoing.end("00ff", "hex"));
  assert.is(hex.bytes, 2);
  const many = seen((outgoing) => {
    outgoing.write(new Uint8Array(5));
    outgoing.write(text);
    outgoing.end(() => {});
  });
  assert.is(many.bytes, 8);
  assert.is(seen((outgoing) => outgoing.end("body"), "HEAD").bytes, 0);
});

exchanges("one whose client left is told so, with what was sent", () => {
  const begun = seen((outgoing) => outgoing.write("part"));
  assert.equal([begun.status, begun.bytes, begun.aborted], [200, 4, true]);
  const { status, bytes, aborted } = seen(() => {});
  assert.equal([status, bytes, aborted], [499, 0, true]);
});

exchanges("one that became another protocol's lasts as long as that", () => {
  const { status, bytes, ms, aborted } = seen((outgoing, { clock }) => {
    outgoing.statusCode = 101;
    const switched = noteSwitched(outgoing);
    clock.pass(500);
    switched.end({ status: 101, bytes: 77 });
  });
  assert.equal([status, bytes, ms, aborted], [101, 77, 500, false]);
});

/** Serves by `fetch` with messages of node:http behind it. */
function serve(responseHeaders: boolean) {
  const ends: Exchange[] = [];
  const outgoing = new Outgoing();
  const socket = {};
  const incoming = {
    ...{ method: "GET", url: "/", httpVersion: "1.0", headers: {}, socket },
  };
  const handler = withExchange({
    style: "fetch",
    fetch: () => new Response("x", { headers: { "x-own": "y" } }),
    node() {},
  }, {
    observer: {
      needs: { ...ALL_NEEDS, responseHeaders },
      onEnd: (exchange) => void ends.push(exchange),
    },
    runtime: Object.assign(new FakeRuntime(), {
      nativeRequests: { messages: () => [incoming, outgoing] as const },
    }),
    fields: new FieldsAtHand({ fieldsOf: () => undefined }),
  });
  return { ends, outgoing, socket, handler };
}

exchanges("a Response that is written has its own headers", async () => {
  for (const needed of [true, false]) {
    const { ends, outgoing, handler } = serve(needed);
    outgoing.headers["x-own"] = "written";
    const request = new Request("http://localhost/");
    const response = await handler.fetch(request, "env");
    assert.is(await response.text(), "x");
    assert.is(ends.length, 0);
    outgoing.close();
    assert.is(ends[0]?.protocol, "HTTP/1.0");
    assert.is(ends[0]?.responseHeader("x-own"), needed ? "y" : "written");
    assert.is(ends[0]?.responseHeader("x-none"), undefined);
  }
});

exchanges("the TLS of a socket is told where it has one", async () => {
  const { ends, outgoing, socket, handler } = serve(false);
  await handler.fetch(new Request("http://localhost/"), "env");
  outgoing.close();
  assert.is(ends[0]?.tls, undefined);
  noteHandshake(socket, {
    protocol: "TLSv1.3",
    cipher: "TLS_AES_128_GCM_SHA256",
    authorized: false,
  });
  assert.is(ends[0]?.tls?.protocol, "TLSv1.3");
});

exchanges("what an app asks of a write is what it gets", () => {
  const given: unknown[][] = [];
  const outgoing = new Outgoing();
  outgoing.write = (...all: unknown[]) => (given.push(all), "written") as never;
  outgoing.end = (...all: unknown[]) => (given.push(all), "ended") as never;
  const handler = withExchange({
    style: "node",
    fetch: () => new Response(),
    node: (_, out) => {
      const one = out as Outgoing & {
        write(...all: unknown[]): unknown;
        end(...all: unknown[]): unknown;
      };
      assert.is(one.write("a", "latin1", 1), "written");
      assert.is(one.end("b", "utf8", 2), "ended");
    },
  }, {
    observer: { needs: ALL_NEEDS, onEnd() {} },
    runtime: Object.assign(new FakeRuntime(), { byteLength: () => 1 }),
    fields: new FieldsAtHand({ fieldsOf: () => undefined }),
  });
  handler.node({ httpVersion: "1.1", headers: {} }, outgoing);
  assert.equal(given, [["a", "latin1", 1], ["b", "utf8", 2]]);
});

exchanges.run();

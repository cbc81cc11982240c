import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { noteClient } from "../../../src/exchange/client.ts";
import type { Peer } from "../../../src/runtime/runtime.ts";
import { CLIENT_LEFT } from "../../../src/exchange/exchange.ts";
import { gated, open, settle } from "./line.ts";
import type { App } from "./line.ts";

const observed = suite("Observed");

const proxy: Peer = { kind: "tcp", address: "10.0.0.1", port: 1 };
const client: Peer = { kind: "tcp", address: "192.0.2.7", port: 2 };

observed("the peer is who a trusted proxy told of, or the connection's", () => {
  const peers: (Peer | undefined)[] = [];
  const line = open((request) => {
    if (request.url.endsWith("/told")) noteClient(request, client);
    if (request.url.endsWith("/unknown")) noteClient(request, undefined);
    return new Response("hello");
  }, {
    peer: proxy,
    observer: {
      needs: {
        target: false,
        requestHeaders: false,
        responseHeaders: false,
        bytes: false,
        peer: true,
      },
      onEnd: ({ peer }) => void peers.push(peer),
    },
  });
  for (const path of ["/plain", "/told", "/unknown"]) {
    line.send(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
  }
  // What cannot be read has no request.
  line.send("GET / HTTP/9\r\n\r\n");
  assert.equal(peers, [proxy, client, undefined, proxy]);
});

const all = {
  target: true,
  requestHeaders: true,
  responseHeaders: true,
  bytes: true,
  peer: false,
};

/** What an observer keeps of each request. */
function watch(app: App, needs = all) {
  const seen: Record<string, unknown>[] = [];
  const line = open(app, {
    peer: proxy,
    observer: {
      needs,
      onEnd(exchange) {
        const {
          method,
          target,
          protocol,
          status,
          bytes,
          ms,
          startMs,
          aborted,
        } = exchange;
        seen.push({
          ...{ method, target, protocol, status, bytes, ms, startMs, aborted },
          peer: exchange.peer,
          tls: exchange.tls,
          agent: exchange.requestHeader("user-agent"),
          answer: exchange.responseHeader("x-answer"),
        });
      },
    },
  });
  return { seen, line };
}

observed("a request is shown with its answer and its time", async () => {
  const gate = Promise.withResolvers<Response>();
  const { seen, line } = watch(() => gate.promise);
  line.clock(() => 1000, () => 50);
  line.send("GET /a?b HTTP/1.1\r\nHost: a\r\n");
  line.clock(() => 2000, () => 50);
  line.send("User-Agent: x\r\n\r\n");
  line.clock(() => 2500, () => 70);
  gate.resolve(
    new Response("hello", { status: 201, headers: { "x-answer": "y" } }),
  );
  await settle();
  assert.equal(seen, [{
    method: "GET",
    target: "/a?b",
    protocol: "HTTP/1.1",
    status: 201,
    bytes: 5,
    ms: 520,
    startMs: 2050,
    aborted: false,
    peer: undefined,
    tls: undefined,
    agent: "x",
    answer: "y",
  }]);
});

observed("one that could not be read is shown as far as it was", () => {
  const { seen, line } = watch(() => new Response());
  line.send("GET /a HTTP/2.0\r\n\r\n");
  const { method, target, protocol, status, agent, aborted } = seen[0]!;
  assert.equal({ method, target, protocol, status, agent, aborted }, {
    method: "",
    target: "",
    protocol: undefined,
    status: 505,
    agent: undefined,
    aborted: false,
  });
});

observed("one whose fields could not be read has its line", () => {
  const { seen, line } = watch(() => new Response());
  line.send("PUT /a HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n");
  const { method, target, protocol, status } = seen[0]!;
  assert.equal(
    [method, target, protocol, status],
    ["PUT", "/a", "HTTP/1.0", 400],
  );
});

observed("one whose client left is shown as such", async () => {
  const { seen, line } = watch(() => new Promise(() => {}));
  line.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  line.clock(() => 1_000_500);
  line.leave();
  await settle();
  const { status, aborted, ms } = seen[0]!;
  assert.equal([status, aborted, ms], [CLIENT_LEFT, true, 500]);
});

observed("one whose client left amid a stream is shown once", async () => {
  const { stream, give } = gated();
  const { seen, line } = watch(() => new Response(stream));
  line.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  give("part");
  await settle();
  line.leave();
  await settle();
  assert.equal(
    seen.map(({ status, bytes, aborted }) => [status, bytes, aborted]),
    [[200, 4, true]],
  );
});

observed("one that is refused amid its body is shown as that", () => {
  const { seen, line } = watch(() => new Promise(() => {}));
  line.send(
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
  );
  assert.equal(
    seen.map(({ method, status, aborted }) => [method, status, aborted]),
    [["POST", 400, false]],
  );
});

observed("bytes are those of the body, whatever it is", async () => {
  const large = 300 * 1024;
  const bodies: [BodyInit | null, number][] = [
    [null, 0],
    ["hello", 5],
    ["h\u00e9", 3],
    ["a".repeat(large), large],
    [new Uint8Array(7), 7],
    [new Uint8Array(large), large],
    [new Blob(["hello"]).stream(), 5],
    [new Blob(["a".repeat(large)]).stream(), large],
  ];
  for (const [body, bytes] of bodies) {
    const { seen, line } = watch(() => new Response(body));
    line.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    for (let turn = 0; turn < 100 && seen.length === 0; turn++) await settle();
    assert.is(seen[0]?.bytes, bytes);
  }
});

observed("the TLS of its connection is shown", () => {
  const handshake = {
    ...{ protocol: "TLSv1.3", cipher: "", authorized: false },
  };
  let protocol: string | undefined;
  const line = open(() => new Response(), {
    tls: () => handshake,
    observer: {
      needs: all,
      onEnd: ({ tls }) => void (protocol = tls?.protocol),
    },
  });
  line.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  assert.is(protocol, "TLSv1.3");
});

observed("headers of answers are kept for those that want them", () => {
  const headers = { "x-answer": "y" };
  const { seen, line } = watch(() => new Response("x", { headers }), {
    ...all,
    responseHeaders: false,
  });
  line.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  assert.is(seen[0]?.answer, undefined);
});

observed.run();

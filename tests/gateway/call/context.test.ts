import { EventEmitter } from "node:events";
import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { noteCertificate } from "../../../src/exchange/certificate.ts";
import {
  createContexts,
  RequestContext,
} from "../../../src/gateway/call/context.ts";
import { WireRequest } from "../../../src/http/web/request.ts";
import type { RequestExchange } from "../../../src/http/web/request.ts";
import type { ForwardedCertificate } from "../../../src/runtime/tls.ts";

const context = suite("RequestContext");

const Context = createContexts(() => {});
const request = new Request("http://localhost/");

/** What `node:http` gives a listener, as far as a context looks at it. */
class Incoming extends EventEmitter {
  httpVersion = "1.1";
  readableEnded = false;
  errored: Error | null = null;
  trailersDistinct: Record<string, string[]> = {};
}

/** The same of its response. */
function outgoing({ headersSent = false, req = new Incoming() } = {}) {
  const sent: unknown[] = [];
  return {
    headersSent,
    req,
    sent,
    writeEarlyHints: (hints: unknown) => void sent.push(hints),
  };
}

context("envOf() is what the engine called the handler with", () => {
  const env = {};
  assert.is(RequestContext.envOf(new Context(request, env)), env);
});

context("tls tells of the connection that the request came by", () => {
  const handshake = {
    protocol: "TLSv1.3",
    cipher: "TLS_AES_256_GCM_SHA384",
    authorized: false,
  };
  const head = { method: "GET" } as unknown as RequestExchange["head"];
  const exchange = { head, channel: { tls: () => handshake } };
  const secure = new WireRequest(
    head,
    undefined,
    exchange as unknown as RequestExchange,
  );
  assert.is(new Context(secure, undefined).tls?.protocol, "TLSv1.3");
  assert.is(new Context(request, undefined).tls, undefined);
});

context("forwardedCertificate() is what a trusted proxy told of", () => {
  const told = new Request("http://localhost/");
  const certificate = { chain: [] } as unknown as ForwardedCertificate;
  noteCertificate(told, certificate);
  assert.is(new Context(told, undefined).forwardedCertificate(), certificate);
  assert.is(new Context(request, undefined).forwardedCertificate(), undefined);
});

context("earlyHints() sends them through Node's response", () => {
  const node = outgoing();
  for (const env of [node, { outgoing: node }]) {
    const given = new Context(request, env);
    const sent = given.earlyHints([
      ["link", "</a.css>"],
      ["link", "</b.js>"],
      ["constructor", "x"],
    ]);
    assert.is(sent, true);
  }
  for (const hints of node.sent) {
    assert.equal(Object.entries(hints as object), [
      ["link", ["</a.css>", "</b.js>"]],
      ["constructor", ["x"]],
    ]);
  }
  assert.is(node.sent.length, 2);
});

context("earlyHints() is false where no client would read them", () => {
  const late = outgoing({ headersSent: true });
  const old = outgoing();
  old.req.httpVersion = "1.0";
  for (const env of [late, old, {}, undefined]) {
    assert.is(new Context(request, env).earlyHints({ link: "</a>" }), false);
  }
  assert.equal([...late.sent, ...old.sent], []);
});

context("sendTrailers() is false where the engine has none", () => {
  const given = new Context(request, outgoing());
  assert.is(given.sendTrailers({ "x-sum": "1" }), false);
});

context("trailers() waits for the end of the body", async () => {
  const node = outgoing();
  let told: Headers | undefined;
  const reading = new Context(request, node).trailers()
    .then((trailers) => told = trailers);
  await Promise.resolve();
  assert.is(told, undefined);
  node.req.trailersDistinct = {
    "x-sum": ["1", "2"],
    "authorization": ["no trailer may be that"],
  };
  node.req.emit("close");
  await reading;
  assert.equal([...told ?? []], [["x-sum", "1, 2"]]);
});

context("trailers() are there once the body has ended", async () => {
  const node = outgoing();
  node.req.readableEnded = true;
  node.req.trailersDistinct = { "x-sum": ["1"] };
  const trailers = await new Context(request, { outgoing: node }).trailers();
  assert.is(trailers.get("x-sum"), "1");
  const none = await new Context(request, undefined).trailers();
  assert.equal([...none], []);
});

context(
  "trailers() rejects where the body failed, before or after",
  async () => {
    for (const late of [false, true]) {
      const node = outgoing();
      const failure = new Error("aborted");
      if (!late) node.req.errored = failure;
      const reading = new Context(request, node).trailers();
      if (late) {
        node.req.errored = failure;
        node.req.emit("close");
      }
      assert.is(await reading.catch((error) => error), failure);
    }
  },
);

context.run();

import type { IncomingMessage, ServerResponse } from "node:http";
import * as assert from "../support/assert.ts";
import { ALL_NEEDS } from "../support/needs.ts";
import { Buffer } from "node:buffer";
import {
  http,
  runtime,
  serveEngine,
  styles,
} from "../support/engine/engine.ts";
import type { ServedEngine } from "../support/engine/engine.ts";
import { promises } from "../support/promise.ts";
import { sleep, until } from "../support/wait.ts";

const exchange = promises(`Exchanges of the ${http} engine on ${runtime.name}`);

/** What was seen of an exchange when it ended. */
interface Seen {
  readonly method: string;
  readonly target: string;
  readonly protocol: string | undefined;
  readonly peer: unknown;
  readonly agent: string | undefined;
  readonly status: number;
  readonly type: string | undefined;
  readonly bytes: number | undefined;
  readonly ms: number;
  readonly aborted: boolean;
}

const encoder = new TextEncoder();

/** A stream of so many pieces. */
function pieces(count: number): ReadableStream<Uint8Array> {
  let given = 0;
  return new ReadableStream({
    async pull(controller) {
      await sleep(20);
      if (given++ < count) controller.enqueue(encoder.encode("piece\n"));
      else controller.close();
    },
  });
}

const headers = { "content-type": "text/x-test" };

function answer(path: string): Response | Promise<Response> {
  switch (path) {
    case "/text":
      return new Response("h\u00e9llo", { headers });
    case "/json":
      return Response.json({ a: "\u00e4" }, { headers });
    case "/bytes":
      return Promise.resolve(new Response(new Uint8Array(70_000), { headers }));
    case "/blob":
      return new Response(new Blob(["12345"]), { headers });
    case "/number":
      return new Response(12345 as unknown as string, { headers });
    case "/copied": {
      const type = "text/x-test";
      const first = new Response(new Blob(["12345"], { type }));
      return new Response(first.body, first);
    }
    case "/nothing":
      return new Response(null, { status: 204, headers });
    case "/redirect":
      return Response.redirect("http://127.0.0.1/else", 302);
    case "/stream":
      return new Response(pieces(3), { headers });
    case "/endless":
      return new Response(pieces(Infinity), { headers });
    case "/never":
      return new Promise(() => {});
  }
  throw new Error(`Nothing is at ${path}`);
}

/** The same by a Node response. */
function listen(request: unknown, outgoing: unknown): void {
  const { url = "" } = request as IncomingMessage;
  const response = outgoing as ServerResponse;
  response.setHeader("content-type", "text/x-test");
  switch (url.split("?")[0]) {
    case "/text":
      return void response.end("h\u00e9llo");
    case "/json":
      response.writeHead(200, { "content-type": "text/x-test" });
      return void response.end('{"a":"\u00e4"}');
    case "/bytes":
      return void setTimeout(() => response.end(new Uint8Array(70_000)), 1);
    case "/number":
    case "/copied":
    case "/blob":
      response.write("123");
      return void response.end(Buffer.from("45"));
    case "/nothing":
      response.statusCode = 204;
      return void response.end();
    case "/redirect":
      response.statusCode = 302;
      return void response.end();
    case "/stream":
    case "/endless":
      response.write("piece\n");
      response.write("0a", "hex");
      setTimeout(() => {
        response.write("piece\n", () => {});
        if (url === "/stream") response.end("piece");
      }, 40);
  }
}

interface Observed extends AsyncDisposable {
  readonly served: ServedEngine;
  readonly seen: Seen[];
}

async function observe(style: "fetch" | "node"): Promise<Observed> {
  const seen: Seen[] = [];
  const served = await serveEngine({
    source: "address",
    ...(style === "fetch"
      ? { fetch: (request) => answer(new URL(request.url).pathname) }
      : { node: listen }),
    observer: {
      needs: ALL_NEEDS,
      onEnd(one) {
        seen.push({
          method: one.method,
          target: one.target,
          protocol: one.protocol,
          peer: one.peer,
          agent: one.requestHeader("user-agent"),
          status: one.status,
          type: one.responseHeader("content-type"),
          bytes: one.bytes,
          ms: one.ms,
          aborted: one.aborted,
        });
      },
    },
  });
  const close = () => served[Symbol.asyncDispose]();
  return { served, seen, [Symbol.asyncDispose]: close };
}

/** What an exchange ended as, once it has. */
async function ended(seen: Seen[]): Promise<Seen> {
  return await until("the end of an exchange", () => seen.shift());
}

/** Paths with the status and the bytes that are sent. */
const answers: readonly [path: string, status: number, bytes: number][] = [
  ["/text", 200, 6],
  ["/json", 200, 10],
  ["/bytes", 200, 70_000],
  ["/blob", 200, 5],
  ["/number", 200, 5],
  ["/copied", 200, 5],
  ["/nothing", 204, 0],
  ["/redirect", 302, 0],
];

for (const style of styles) {
  exchange(`${style}: what was asked and sent is seen`, async ({ connect }) => {
    await using observed = await observe(style);
    const { served, seen } = observed;
    const client = await connect(served.target);
    for (const [path, status, bytes] of answers) {
      const target = `${path}?q=%20x&r`;
      const sent = await client.request(target, {
        headers: { "User-Agent": "tester/1" },
      });
      assert.is(sent.status, status);
      const one = await ended(seen);
      assert.is(one.method, "GET");
      assert.is(one.target, target);
      assert.is(one.agent, "tester/1");
      assert.is(one.status, status, path);
      assert.is(one.bytes, bytes, path);
      assert.is(sent.body.length, bytes, path);
      if (path !== "/redirect" && path !== "/nothing") {
        assert.is(sent.headers.get("content-type"), "text/x-test", path);
      }
      assert.is(one.aborted, false, path);
      assert.ok(one.ms >= 0 && one.ms < 5000);
      assert.ok([undefined, "HTTP/1.1"].includes(one.protocol));
      if (path !== "/redirect") assert.is(one.type, "text/x-test", path);
      const { kind, address } = one.peer as { kind: string; address: string };
      assert.is(kind, "tcp");
      assert.is(address, "127.0.0.1");
    }
    assert.is(seen.length, 0, "one exchange was seen twice");
  });

  exchange(`${style}: a HEAD has no body`, async ({ connect }) => {
    await using observed = await observe(style);
    const client = await connect(observed.served.target);
    await client.request("/text", { method: "HEAD" });
    const { method, bytes, status } = await ended(observed.seen);
    assert.equal([method, bytes, status], ["HEAD", 0, 200]);
  });

  exchange(`${style}: a stream is seen when it is out`, async ({ connect }) => {
    await using observed = await observe(style);
    const client = await connect(observed.served.target);
    const { body } = await client.request("/stream");
    const one = await ended(observed.seen);
    assert.is(one.bytes, body.length);
    assert.is(one.aborted, false);
    assert.ok(one.ms >= 35, `it took ${one.ms} ms`);
  });

  exchange(`${style}: a client that leaves a stream`, async ({ connect }) => {
    await using observed = await observe(style);
    const client = await connect(observed.served.target);
    let text = "";
    client.socket.on("data", (bytes: Uint8Array) => text += bytes);
    client.send("/endless");
    await until("the second piece", () => text.split("piece").length > 2);
    client.close();
    const one = await ended(observed.seen);
    assert.is(one.aborted, true);
    assert.is(one.status, 200);
    assert.ok(one.bytes !== undefined && one.bytes > 0);
  });
}

exchange.run();

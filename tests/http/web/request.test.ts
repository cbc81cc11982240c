import { Buffer } from "node:buffer";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { IncomingBody } from "../../../src/http/web/body.ts";
import { installGlobals } from "../../../src/http/web/globals.ts";
import { Parser } from "../../../src/http/h1/parser.ts";
import { WireRequest } from "../../../src/http/web/request.ts";
import type { RequestExchange } from "../../../src/http/web/request.ts";
import { get, optionsWith, post } from "../h1/read.ts";

const request = suite("WireRequest");

installGlobals(globalThis, "memo");

interface Made {
  readonly request: Request;
  readonly body: IncomingBody;
  /** What the body asked of its connection. */
  readonly asked: string[];
  readonly abort: (reason: unknown) => void;
}

/** A request of these bytes; a body that is whole is pushed. */
function make(text: string, { whole = true } = {}): Made {
  const parser = new Parser(optionsWith());
  const bytes = Buffer.from(text);
  const at = parser.push(bytes, 0);
  const asked: string[] = [];
  const body = new IncomingBody({
    onWanted: () => void asked.push("wanted"),
    pauseBody: () => void asked.push("pause"),
    resumeBody: () => void asked.push("resume"),
  }, {
    length: parser.head!.length,
    lent: true,
    join: (pieces) => new Uint8Array(Buffer.concat(pieces)),
  });
  const head = parser.head!;
  const made = new WireRequest(
    head,
    head.framing === "none" ? undefined : body,
  );
  if (whole) {
    body.push(new Uint8Array(bytes.subarray(at)));
    body.end();
  }
  return {
    request: made as unknown as Request,
    body,
    asked,
    abort: (reason) => WireRequest.abort(made, reason),
  };
}

const withBody = (text: string, ...lines: string[]) =>
  post([`Content-Length: ${Buffer.byteLength(text)}`, ...lines], text);

async function rejects(run: () => Promise<unknown>, about: RegExp) {
  try {
    await run();
  } catch (error) {
    return assert.match((error as Error).message, about);
  }
  assert.unreachable("it did not reject");
}

request("it passes for a Request", () => {
  const { request } = make(get("X-A: b"));
  assert.ok(request instanceof Request);
  assert.ok(request.headers instanceof Headers);
  assert.equal([request.method, request.url], ["GET", "http://a/"]);
  assert.is(request.headers.get("x-a"), "b");
  assert.is(request.body, null);
  assert.is(request.bodyUsed, false);
  const real = new Request("http://a/");
  for (
    const name of [
      "cache",
      "credentials",
      "integrity",
      "keepalive",
      "mode",
      "redirect",
      "referrer",
      "referrerPolicy",
    ] as const
  ) {
    // Bun and Deno leave some of them out.
    if (real[name] === undefined) continue;
    assert.is(typeof request[name], typeof real[name], name);
  }
});

request("its body is read as text, JSON, bytes, a blob or a form", async () => {
  const json = '{"a":"ü"}';
  assert.is(await make(withBody(json)).request.text(), json);
  assert.equal(await make(withBody(json)).request.json(), { a: "ü" });
  const buffer = await make(withBody(json)).request.arrayBuffer();
  assert.is(Buffer.from(buffer).toString(), json);
  const bytes = await make(withBody(json)).request.bytes();
  assert.is(Buffer.from(bytes).toString(), json);
  const blob = await make(withBody(json, "Content-Type: a/b")).request.blob();
  assert.equal([blob.type, await blob.text()], ["a/b", json]);
  const form = await make(
    withBody("a=b&c=%20", "Content-Type: application/x-www-form-urlencoded"),
  ).request.formData();
  assert.equal([form.get("a"), form.get("c")], ["b", " "]);
  assert.is(await make(get()).request.text(), "");
});

request("its body is read once", async () => {
  const { request } = make(withBody("abc"));
  await request.text();
  assert.is(request.bodyUsed, true);
  await rejects(
    () => request.text(),
    /read before|unusable|locked|disturbed|consumed/i,
  );
  assert.throws(() => request.clone());
});

request("its body is a stream that takes no more than is read", async () => {
  const { request, body, asked } = make(withBody("abcdef"), { whole: false });
  const reader = request.body!.getReader();
  const first = reader.read();
  await Promise.resolve();
  body.push(Buffer.from("abc"));
  assert.is(Buffer.from((await first).value!).toString(), "abc");
  body.push(new Uint8Array(70_000));
  assert.ok(asked.includes("pause"), "what nobody reads stops the flow");
  assert.is((await reader.read()).value?.length, 70_000);
  assert.is(asked.at(-1), "resume");
  body.end();
  assert.is((await reader.read()).done, true);
});

request("a body that ends early fails whoever reads it", async () => {
  const one = make(withBody("abc"), { whole: false });
  const text = one.request.text();
  one.body.fail(new Error("gone"));
  await rejects(() => text, /gone/);
  const other = make(withBody("abc"), { whole: false });
  const read = other.request.body!.getReader().read();
  other.body.fail(new Error("gone"));
  await rejects(() => read, /gone/);
});

request("clone() gives two that can both be read", async () => {
  const { request } = make(withBody("abc", "X-A: b"));
  const copy = request.clone();
  assert.is(copy.headers.get("x-a"), "b");
  assert.equal([await request.text(), await copy.text()], ["abc", "abc"]);
});

request("new Request() takes it, as it is or changed", async () => {
  const same = new Request(make(withBody("abc", "X-A: b")).request);
  assert.equal([same.method, same.url], ["POST", "http://a/"]);
  assert.is(same.headers.get("x-a"), "b");
  assert.is(await same.text(), "abc");
  const changed = new Request(make(withBody("abc")).request, {
    headers: { x: "y" },
  });
  assert.is(changed.headers.get("x"), "y");
  const { request } = make(withBody("abc", "X-A: b"));
  const other = new Request("http://b/c", request);
  assert.equal([other.method, other.url], ["POST", "http://b/c"]);
  assert.is(await other.text(), "abc");
  assert.ok(new Request("http://b/") instanceof Request);
});

request("its headers go with it as they are, after a copy too", async () => {
  const { request } = make(withBody("abc", "X-A: b", "Cookie: c=d"));
  await request.clone().text();
  const { headers } = request;
  headers.set("x-a", "new");
  headers.delete("cookie");
  headers.append("x-b", "more");
  for (const copy of [request.clone(), new Request(request)]) {
    assert.equal(
      ["x-a", "cookie", "x-b"].map((name) => copy.headers.get(name)),
      [
        "new",
        null,
        "more",
      ],
    );
  }
});

request("a body that was read gives its headers no type", async () => {
  const { request } = make(withBody("abc"));
  await request.text();
  const next = new Request(request, { body: new Uint8Array([65]) });
  assert.is(next.headers.get("content-type"), null);
  assert.is(await next.text(), "A");
});

request("its headers are taken wherever headers are", () => {
  const { headers } = make(get("X-A: b", "Cookie: c=d", "Cookie: e=f")).request;
  assert.is(headers.get("cookie"), "c=d; e=f");
  for (
    const taken of [
      new Headers(headers),
      new Response("", { headers }).headers,
      new Request("http://b/", { headers }).headers,
    ]
  ) {
    assert.is(taken.get("x-a"), "b");
    assert.is(taken.get("cookie"), "c=d; e=f");
  }
});

request("header() is what its headers give", () => {
  const lines = [
    "USER-agent: b",
    "X-A: 1",
    "x-b: 2",
    "X-a: 3",
    "_odd: 4",
    "7th: 5",
    "Empty:",
    "Cookie: c=d",
    "Cookie: e=f",
  ];
  const names = "host user-agent x-a x-b _odd 7th empty cookie absent x-c";
  const { request } = make(get(...lines));
  const wire = request as unknown as WireRequest;
  const told = names.split(" ").map((name) => WireRequest.header(wire, name));
  const { headers } = request;
  assert.equal(
    told,
    names.split(" ").map((name) => headers.get(name) ?? undefined),
  );
  assert.is(told[2], "1, 3");
  headers.delete("x-a");
  assert.is(WireRequest.header(wire, "x-a"), undefined);
});

request("fetch() sends it on", async () => {
  const server = createServer((incoming, outgoing) => {
    let text = "";
    incoming.on("data", (data) => text += data);
    incoming.on(
      "end",
      () =>
        outgoing.end(`${incoming.method} ${incoming.headers["x-a"]} ${text}`),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const host = `127.0.0.1:${port}`;
  const text = withBody("abc", "X-A: b").replace("Host: a", `Host: ${host}`);
  const response = await fetch(make(text).request);
  assert.is(await response.text(), "POST b abc");
  server.close();
  server.closeAllConnections?.();
});

request(
  "its signal is aborted when the client leaves, asked for before or after",
  () => {
    const early = make(get());
    const { signal } = early.request;
    assert.is(signal.aborted, false);
    early.abort(new Error("left"));
    assert.is(signal.aborted, true);
    const late = make(get());
    late.abort(new Error("left"));
    assert.match(String(late.request.signal.reason), "left");
  },
);

request("a reader with a buffer of its own gets all, and the end", async () => {
  const { request, body } = make(post(["Content-Length: 5"], "hello"), {
    whole: false,
  });
  const reader = request.body!.getReader({ mode: "byob" });
  const first = reader.read(new Uint8Array(16));
  body.push(new TextEncoder().encode("hello"));
  const { value, done } = await first;
  assert.equal([new TextDecoder().decode(value), done], ["hello", false]);
  const last = reader.read(new Uint8Array(16));
  body.end();
  assert.is((await last).done, true);
});

request("it is known by its exchange, and can have another URL", () => {
  const parser = new Parser(optionsWith());
  parser.push(Buffer.from(get()), 0);
  const exchange = {} as RequestExchange;
  const wire = new WireRequest(parser.head!, undefined, exchange);
  assert.ok(WireRequest.exchangeOf(wire) === exchange);
  const real = new Request("http://b/");
  for (const other of [real, make(get()).request, {}, null, undefined, "a"]) {
    assert.is(WireRequest.exchangeOf(other), undefined);
  }
  const given = wire as unknown as Request;
  assert.is(WireRequest.setUrl(given, "https://c/d"), true);
  assert.equal([given.url, given.clone().url], ["https://c/d", "https://c/d"]);
  assert.is(WireRequest.setUrl(real, "https://c/d"), false);
  assert.is(real.url, "http://b/");
});

request("header() puts a cookie together, asked for alone", () => {
  const { request } = make(get("Cookie: c=d", "Cookie: e=f"));
  const wire = request as unknown as WireRequest;
  assert.is(WireRequest.header(wire, "cookie"), "c=d; e=f");
});

request(
  "RFC 9110 §9.3.1: a GET or HEAD has no body, whatever it sends",
  async () => {
    for (const method of ["GET", "HEAD"]) {
      const text = withBody("abc").replace("POST", method);
      const asked = () => make(text).request;
      assert.is(asked().body, null);
      assert.is(await asked().text(), "");
      assert.is((await asked().bytes()).length, 0);
      assert.is((await asked().arrayBuffer()).byteLength, 0);
      assert.is((await asked().blob()).size, 0);
      assert.is(asked().clone().body, null);
    }
  },
);

request("bytes() gives memory that nothing else is in", async () => {
  for (const framing of ["Content-Length: 4", "Transfer-Encoding: chunked"]) {
    const { request, body } = make(post([framing], ""), { whole: false });
    const reading = request.bytes();
    for (const part of ["a", "bc", "d"]) body.push(Buffer.from(part));
    body.end();
    const bytes = await reading;
    assert.is(Buffer.from(bytes).toString(), "abcd");
    assert.equal([bytes.byteOffset, bytes.buffer.byteLength], [0, 4]);
  }
});

request("its body says whether it was read, in any way", async () => {
  const whole = make(withBody("abc")).request;
  await whole.text();
  assert.equal([whole.bodyUsed, whole.body?.locked], [true, true]);
  const streamed = make(withBody("abc")).request;
  const reader = streamed.body!.getReader();
  assert.is(streamed.bodyUsed, false);
  assert.throws(() => streamed.clone());
  await rejects(() => streamed.text(), /read before/);
  await reader.read();
  reader.releaseLock();
  assert.is(streamed.bodyUsed, true);
  for (const how of ["text", "bytes", "blob"] as const) {
    await rejects(() => streamed[how](), /read before/);
  }
  const looked = make(withBody("abc")).request;
  assert.instance(looked.body, ReadableStream);
  assert.is(await looked.text(), "abc");
  assert.is(looked.bodyUsed, true);
});

request("it goes on to have a body after clone()", async () => {
  for (const looks of [false, true]) {
    const { request } = make(withBody("abc"));
    if (looks) assert.instance(request.body, ReadableStream);
    const copy = request.clone();
    assert.instance(request.body, ReadableStream);
    assert.equal([request.bodyUsed, copy.bodyUsed], [false, false]);
    assert.is(await request.text(), "abc");
    assert.equal([request.bodyUsed, copy.bodyUsed], [true, false]);
    assert.is(await copy.text(), "abc");
  }
});

request("it says of itself what any request of a server does", () => {
  const { request } = make(get());
  assert.is(String(request), "[object Request]");
  assert.is(request.constructor.name, "Request");
  const { cache, credentials, destination, integrity, keepalive } = request;
  const { mode, redirect, referrer, referrerPolicy } = request;
  assert.equal(
    [cache, credentials, destination, integrity, keepalive, mode],
    ["default", "same-origin", "", "", false, "cors"],
  );
  assert.equal(
    [redirect, referrer, referrerPolicy],
    ["follow", "about:client", ""],
  );
  const { isReloadNavigation, isHistoryNavigation, duplex } =
    request as unknown as WireRequest;
  assert.equal(
    [isReloadNavigation, isHistoryNavigation, duplex],
    [false, false, "half"],
  );
});

request.run();

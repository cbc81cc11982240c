import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { FieldsAtHand } from "../../../src/gateway/proxies/fields-at-hand.ts";
import { Refusals } from "../../../src/gateway/proxies/refusals.ts";
import { withTarget } from "../../../src/gateway/proxies/request-target.ts";
import type { ServingRuntime } from "../../../src/runtime/serving.ts";
import { FakeOutgoing } from "../call/outgoing.ts";

const targets = suite("withTarget()");

interface Given {
  /** True where the server writes URLs as URL parsers do. */
  normalizes?: boolean;
  /** How a Host is told. */
  by?: "headers" | "hostOf" | "fields" | "fields without one";
}

/** What the app sees of requests by a runtime's own server. */
function serve({ normalizes = false, by = "headers" }: Given = {}) {
  const refusals = new Refusals(() => {});
  const urls: string[] = [];
  const inner = refusals.wrap({
    style: "fetch",
    call({ url }) {
      urls.push(url);
      return new Response();
    },
  });
  let asked = 0;
  const hostOf = (request: unknown) =>
    (request as { told: string | null }).told;
  const fieldsOf: ServingRuntime["fieldsOf"] = (request) => {
    asked++;
    const host = hostOf(request);
    return host === null || by === "fields without one"
      ? ["accept", "*/*"]
      : host.split(", ").flatMap((one) => ["Host", one, "host2", "x"]);
  };
  const runtime = {
    nativeRequests: {
      ...(normalizes && { normalizes: true as const }),
      ...(by !== "headers" && { hostOf }),
    },
    ...(by.startsWith("fields") && { fieldsOf }),
  };
  const fields = new FieldsAtHand(runtime);
  const handler = withTarget({
    style: "fetch",
    fetch: (request, env) =>
      (inner.call as (...all: unknown[]) => Response)(request, env),
    node() {},
  }, { runtime, refusals, fields, reads: by.startsWith("fields") });
  /** Asks for a URL as the server has written it. */
  const ask = (url: string, host: string | null, method = "GET") => {
    const request = {
      ...{ url, method, told: host },
      headers: host === null ? [] : [["host", host]],
    } as unknown as Request;
    const answer = handler.fetch(request, undefined) as Response;
    return answer.status === 200 ? urls.at(-1) : answer.status;
  };
  return { ask, asked: () => asked, handler };
}

for (
  const given of [
    {},
    { by: "hostOf" },
    { by: "fields" },
    { by: "fields without one" },
    { normalizes: true },
  ] as const
) {
  const what = JSON.stringify(given);
  targets(`a URL is made of the Host and the target, ${what}`, () => {
    const { ask } = serve(given);
    const seen = (url: string, host = "a.example") => ask(url, host);
    assert.is(seen("http://a.example/x?y"), "http://a.example/x?y");
    assert.is(seen("http://a.example/x?y"), "http://a.example/x?y");
    assert.is(seen("http://b.example/", "b.example"), "http://b.example/");
    assert.is(seen("http://A.example/x", "A.example"), "http://a.example/x");
    assert.is(
      seen("http://a.example:80/x", "a.example:80"),
      "http://a.example/x",
    );
  });
}

targets("RFC 9112 §3.2: a Host that is none is refused", () => {
  for (const by of ["headers", "hostOf", "fields"] as const) {
    const { ask } = serve({ by });
    assert.is(ask("http://a/", "a"), "http://a/");
    for (const host of ["x/admin?", "a b", "", "a, b", "a@b"]) {
      assert.is(ask(`http://${host}/x`, host), 400, `${by}: ${host}`);
    }
    assert.is(ask("http://a/", "a"), "http://a/");
  }
});

targets("a Host decides over no path", () => {
  const { ask } = serve();
  // The server writes one after the other.
  assert.is(ask("http://a.example/admin?/x", "a.example/admin?"), 400);
});

targets("what a URL parser would change is changed", () => {
  const { ask } = serve();
  const seen = (path: string) => ask(`http://a${path}`, "a");
  assert.is(seen("/"), "http://a/");
  assert.is(seen("/a/../b"), "http://a/b");
  assert.is(seen("/a/%2e%2e/b"), "http://a/b");
  assert.is(seen("/a/.b"), "http://a/a/.b");
  assert.is(seen('/"'), "http://a/%22");
  assert.is(seen("/é"), "http://a/%C3%A9");
  assert.is(seen("/a?b#c"), 400, "a fragment is no part of it");
  assert.is(seen("/a\\b"), 400);
  assert.is(seen("/a?b\\c"), "http://a/a?b\\c");
});

targets("a server that does so itself is believed, but for a fragment", () => {
  const { ask } = serve({ normalizes: true });
  assert.is(ask("http://a/", "a"), "http://a/");
  assert.is(ask("http://a/a/../b", "a"), "http://a/a/../b");
  assert.is(ask("http://a/a#b", "a"), 400);
});

targets("a request without a Host has corn's own", () => {
  for (const by of ["headers", "hostOf", "fields"] as const) {
    const { ask } = serve({ by });
    assert.is(ask("http://10.0.0.1:8000/x?y", null), "http://localhost/x?y");
    assert.is(ask("http://10.0.0.1?y", null), "http://localhost/?y");
    assert.is(ask("http://localhost/x", null), "http://localhost/x");
  }
});

targets("RFC 9112 §3.2.2: absolute-form goes before the Host", () => {
  const { ask } = serve();
  assert.is(ask("http://b.example/x", "a.example"), "http://b.example/x");
  assert.is(ask("https://b.example/x", "a.example"), 421);
  assert.is(ask("ftp://b.example/x", "a.example"), 400);
});

targets("RFC 9112 §3.2.3, §3.2.4: CONNECT is not served, * is no path", () => {
  const { ask } = serve();
  assert.is(ask("http://a/a:80", "a", "CONNECT"), 501);
  assert.is(ask("http://a/*", "a", "OPTIONS"), 400);
  assert.is(ask("http://a/*", "a", "GET"), "http://a/*");
  const other = serve({ normalizes: true });
  assert.is(other.ask("http://a/*", "a", "OPTIONS"), "http://a/*");
});

targets("fields are held for no longer than a handler is called", () => {
  const { handler, asked } = serve({ by: "fields" });
  const request = { url: "http://a/", method: "GET", told: "a" };
  for (let count = 1; count <= 2; count++) {
    void handler.fetch(request as unknown as Request, undefined);
    assert.is(asked(), count);
  }
  let read = 0;
  const fields = new FieldsAtHand({ fieldsOf: () => (read++, []) });
  const runtime = { nativeRequests: {} };
  const listener = withTarget({
    style: "node",
    fetch: () => new Response(),
    node: (incoming) => void fields.of(incoming as object, undefined),
  }, { runtime, refusals: new Refusals(() => {}), fields, reads: false });
  const message = {
    ...{ url: "/", method: "GET", httpVersion: "1.0" },
    ...{ rawHeaders: [], headers: {} },
  };
  for (let count = 1; count <= 2; count++) {
    listener.node(message, {});
    assert.is(read, count);
  }
});

targets("a request that is refused has a URL that observers can read", () => {
  const { handler } = serve();
  const urlOf = (url: string, host: string, method = "GET") => {
    const request = new Request("http://a/", { method });
    Object.defineProperty(request, "url", { value: url, configurable: true });
    const headers = [["host", host]];
    Object.defineProperty(request, "headers", { value: headers });
    void handler.fetch(request, undefined);
    return request.url;
  };
  assert.is(urlOf("http://a@b/x?y", "a@b"), "http://localhost/x?y");
  assert.is(urlOf("ftp://b/x", "a"), "http://localhost/");
  assert.is(urlOf("http://a/b#c", "a"), "http://localhost/b#c");
});

/** What a listener sees of a message of node:http. */
function listen(
  url: string,
  { host = "a.example", method = "GET", httpVersion = "1.1" }: {
    host?: string | readonly string[] | null;
    method?: string;
    httpVersion?: string;
  } = {},
) {
  const hosts = host === null ? [] : [host].flat();
  const refusals = new Refusals(() => {});
  const runtime = { nativeRequests: {} };
  let seen: unknown;
  const inner = refusals.wrap({
    style: "node",
    call(incoming) {
      const { url, headers } = incoming as {
        url: string;
        headers: { host?: string };
      };
      seen = [url, headers.host];
    },
  });
  const handler = withTarget({
    style: "node",
    fetch: () => new Response(),
    node: (incoming, outgoing) =>
      void (inner.call as (...all: unknown[]) => void)(incoming, outgoing),
  }, {
    runtime,
    refusals,
    fields: new FieldsAtHand({}),
    reads: false,
  });
  const outgoing = new FakeOutgoing();
  const message = {
    ...{ url, method, httpVersion },
    rawHeaders: ["Accept", "*/*", ...hosts.flatMap((one) => ["HOST", one])],
    headers: { host: hosts[0] },
  };
  handler.node(message, outgoing);
  return outgoing.statusCode === 200
    ? seen
    : [outgoing.statusCode, message.headers.host];
}

targets("a listener's target is a path, or is refused", () => {
  assert.equal(listen("/x?y"), ["/x?y", "a.example"]);
  assert.equal(listen("http://B.example:81/x"), ["/x", "b.example:81"]);
  assert.equal(listen("*", { method: "OPTIONS" }), ["*", "a.example"]);
  for (const url of ["*", "x", "/a#b", "/a\\b"]) {
    assert.equal(listen(url), [400, "localhost"], url);
  }
  assert.equal(
    listen("a:80", { method: "CONNECT" })?.toString(),
    "501,localhost",
  );
});

targets("a listener's Host is one, and valid; HTTP/1.0 may have none", () => {
  assert.equal(listen("/", { host: null }), [400, "localhost"]);
  assert.equal(listen("/", { host: ["a", "b"] }), [400, "localhost"]);
  assert.equal(listen("/", { host: "a/b" }), [400, "localhost"]);
  const old = listen("/", { host: null, httpVersion: "1.0" });
  assert.equal(old, ["/", undefined]);
});

targets.run();

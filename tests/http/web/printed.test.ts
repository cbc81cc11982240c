/** What a program sees that prints a request, a response or headers: `console.log(request)` must never throw. */
import { inspect } from "node:util";
import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { WireHeaders } from "../../../src/http/web/headers.ts";
import { LightResponse } from "../../../src/http/web/light-response.ts";
import { Parser } from "../../../src/http/h1/parser.ts";
import { WireRequest } from "../../../src/http/web/request.ts";
import { runtimeName } from "../../support/process/command.ts";
import { get, optionsWith } from "../h1/read.ts";

const printed = suite("what is printed");

function request(): WireRequest {
  const parser = new Parser(optionsWith());
  parser.push(new TextEncoder().encode(get("X-A: b")), 0);
  return new WireRequest(parser.head!, undefined);
}

printed("headers show their fields", () => {
  const headers = new WireHeaders({ "X-A": "b", c: "d" });
  // Deno sorts them.
  assert.match(
    inspect(headers),
    /^Headers \{ ('x-a': 'b', c: 'd'|c: 'd', 'x-a': 'b') \}$/,
  );
  assert.match(inspect({ deep: { deeper: { headers } } }), "Headers");
});

printed("a request shows what it asks for", () => {
  const text = inspect(request());
  assert.match(text, /^Request \{/);
  for (const part of ["method: 'GET'", "url: 'http://a/'", "'x-a': 'b'"]) {
    assert.match(text, part);
  }
});

printed("a response shows its status, and is sent as before", async () => {
  const response = new LightResponse("text", {
    status: 201,
    headers: { "x-a": "b" },
  });
  const text = inspect(response);
  assert.match(text, /^Response \{/);
  assert.match(text, "status: 201");
  assert.match(text, "'x-a': 'b'");
  // Deno prints what passes for its own as its own; it has no light ones.
  if (runtimeName !== "deno") {
    assert.ok("list" in LightResponse.take(response), "it is light still");
  }
  assert.is(response.bodyUsed, false);
  assert.match(inspect(new LightResponse(new Blob(["x"]))), "status: 200");
  assert.match(inspect(new LightResponse(null)), "body: null");
  await response.text();
  assert.match(inspect(response), "bodyUsed: true");
});

printed("every member of the runtime's own can be looked at", () => {
  const pairs: [object, object][] = [
    [request(), Request.prototype],
    [new LightResponse("text"), Response.prototype],
    [new WireHeaders(), Headers.prototype],
  ];
  for (const [made, prototype] of pairs) {
    for (const name of Object.getOwnPropertyNames(prototype)) {
      assert.not.throws(() => (made as Record<string, unknown>)[name], name);
    }
    for (const name in made) {
      assert.not.throws(() => (made as Record<string, unknown>)[name], name);
    }
  }
});

printed("Node prints the same of its own", () => {
  if (runtimeName !== "node") return assert.not.equal(runtimeName, "node");
  const init = { status: 404, headers: { "x-a": "b" } };
  for (const body of [null, "text"]) {
    const options = { colors: false, depth: null };
    assert.is(
      inspect(new LightResponse(body, init), options).replace(/'\s*\}/, "' }"),
      inspect(new Response(body, init), options).replace(/'\s*\}/, "' }"),
    );
  }
});

printed.run();

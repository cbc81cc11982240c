import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { sendable, watchFetch } from "../../../src/gateway/call/fetched.ts";
import type { ServingRuntime } from "../../../src/runtime/serving.ts";

const fetched = suite("watchFetch()");

type Decodes = ServingRuntime["decodes"];

/** A `fetch()` that gives responses with these headers, watched. */
function watch(headers: Record<string, string>, decodes: Decodes) {
  const init = { status: 201, statusText: "Made", headers };
  const globals = {
    // As a runtime's, the body is a stream.
    fetch: () =>
      Promise.resolve(new Response(new Blob(["hello"]).stream(), init)),
  } as unknown as ServingRuntime["globals"];
  watchFetch({ globals, decodes });
  return globals.fetch;
}

const CODED = {
  "content-encoding": "gzip",
  "content-length": "99",
  "x-a": "b",
};

function fieldsOf({ headers }: Response): (string | null)[] {
  return ["content-encoding", "content-length", "x-a"]
    .map((name) => headers.get(name));
}

// First, as what is asked has to be known for good after it.
fetched("sendable() leaves what is coded by the app itself", async () => {
  const response = new Response("coded", { headers: CODED });
  assert.is(sendable(response), response);
  const fetch = watch(CODED, () => true);
  await fetch("http://localhost/");
  assert.is(sendable(response), response);
  const empty = new Response(null, { headers: CODED });
  assert.is(sendable(empty), empty);
});

fetched("sendable() tells of no coding that was undone", async () => {
  const fetch = watch(CODED, () => true);
  const response = await fetch("http://localhost/");
  const sent = sendable(response);
  assert.equal([sent.status, sent.statusText], [201, "Made"]);
  assert.equal(fieldsOf(sent), [null, null, "b"]);
  assert.is(await sent.text(), "hello");
});

fetched("a response made of such a body and headers is one, too", async () => {
  const fetch = watch(CODED, () => true);
  const { body, headers } = await fetch("http://localhost/");
  const sent = sendable(new Response(body, { headers }));
  assert.equal(fieldsOf(sent), [null, null, "b"]);
  const other = await fetch("http://localhost/");
  const plain = new Response(other.body, { headers: { "x-a": "b" } });
  assert.is(sendable(plain), plain);
});

fetched("so are its copies, theirs, and what it has left", async () => {
  const fetch = watch(CODED, () => true);
  const response = await fetch("http://localhost/");
  const copy = response.clone();
  const again = copy.clone();
  const { headers } = response;
  for (
    const one of [
      copy,
      again,
      new Response(response.body, { headers }),
    ]
  ) {
    const sent = sendable(one);
    assert.equal(fieldsOf(sent), [null, null, "b"]);
    assert.is(await sent.text(), "hello");
  }
});

fetched("its clone() can be replaced, as that of any other", async () => {
  const fetch = watch(CODED, () => true);
  const response = await fetch("http://localhost/");
  const other = new Response();
  response.clone = () => other;
  assert.is(response.clone(), other);
  assert.ok(Reflect.deleteProperty(response, "clone"));
  assert.is(response.clone, Response.prototype.clone);
});

fetched("one without a body is known by itself", async () => {
  const globals = {
    fetch: () => Promise.resolve(new Response(null, { headers: CODED })),
  } as unknown as ServingRuntime["globals"];
  watchFetch({ globals, decodes: () => true });
  const response = await globals.fetch("http://localhost/");
  assert.equal(fieldsOf(sendable(response)), [null, null, "b"]);
});

fetched("what the runtime does not decode is sent as it is", async () => {
  const fetch = watch(CODED, () => false);
  const response = await fetch("http://localhost/");
  assert.is(sendable(response), response);
  const plain = watch({ "x-a": "b" }, () => true);
  const other = await plain("http://localhost/");
  assert.is(sendable(other), other);
});

fetched("the runtime is told of the codings and of what was sent", async () => {
  const asked: unknown[] = [];
  const headers = { "content-encoding": "GZIP, br" };
  const fetch = watch(headers, (codings, { header, decompress }) => {
    asked.push([codings, header("accept-encoding"), decompress]);
    return false;
  });
  const own = { "accept-encoding": "br" };
  const url = "http://localhost/";
  await fetch(url);
  await fetch(url, { headers: own, decompress: false } as RequestInit);
  await fetch(new Request(url, { headers: { "accept-encoding": "gzip" } }));
  const codings = ["gzip", "br"];
  assert.equal(asked, [
    [codings, null, undefined],
    [codings, "br", false],
    [codings, "gzip", undefined],
  ]);
});

fetched.run();

import {
  stripHeaders,
  stripIncoming,
} from "../../../src/gateway/proxies/strip.ts";
import * as assert from "../../support/assert.ts";
import { suite } from "../../support/suite.ts";

const strip = suite("strip");

strip(
  "stripHeaders() takes from a request of the runtime's own, again too",
  () => {
    const headers = { "x-a": "1", "x-b": "2", "x-c": "3" };
    const request = new Request("http://localhost/", { headers });
    stripHeaders(request, ["x-a", "x-none"]);
    // What forwards and what reads a client's certificate both take some.
    stripHeaders(request, ["x-b"]);
    assert.equal([...request.headers.keys()], ["x-c"]);
  },
);

strip("stripHeaders() leaves a request that has none of them", () => {
  const request = new Request("http://localhost/", { headers: { a: "b" } });
  const { headers } = request;
  stripHeaders(request, ["x-a"]);
  assert.is(request.headers, headers);
  assert.not.ok(Object.hasOwn(request, "headers"));
});

strip("stripIncoming() takes from a message in all the ways it has", () => {
  const message = {
    headers: { "x-a": "1, 2", "x-b": "3" } as Record<string, string>,
    headersDistinct: { "x-a": ["1", "2"], "x-b": ["3"] } as Record<
      string,
      string[]
    >,
    rawHeaders: ["X-A", "1", "X-B", "3", "x-a", "2"],
  };
  stripIncoming(message, ["x-a", "x-none"]);
  assert.equal(message, {
    headers: { "x-b": "3" },
    headersDistinct: { "x-b": ["3"] },
    rawHeaders: ["X-B", "3"],
  });
  const plain = { headers: { "x-a": "1" }, rawHeaders: ["x-a", "1"] };
  stripIncoming(plain, ["x-a"]);
  assert.equal(plain, { headers: {}, rawHeaders: [] });
});

strip.run();

import { stripHeaders } from "../../../src/gateway/proxies/strip.ts";
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

strip.run();

import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { pathOf, pathStart } from "../../src/exchange/path.ts";

const path = suite("path");

path(
  "pathOf() gives the path of a URL or of a target, without the query",
  () => {
    for (
      const [url, expected] of [
        ["http://localhost:8000/a/b?c=/d#e", "/a/b"],
        ["http://localhost", "/"],
        ["http://localhost?a=/b", "/"],
        ["http://localhost/#a", "/"],
        ["/a/b?c#d", "/a/b"],
        ["/proxy/http://other/a", "/proxy/http://other/a"],
        ["/?to=http://other/a", "/"],
        ["/a#b", "/a"],
        ["*", "*"],
        ["", "/"],
      ] as const
    ) assert.is(pathOf(url), expected, url);
  },
);

path("pathStart() finds where the path begins", () => {
  assert.is(pathStart("http://localhost/a"), 16);
  assert.is(pathStart("http://localhost"), 16);
  assert.is(pathStart("/a://b/c"), 0);
});

path.run();

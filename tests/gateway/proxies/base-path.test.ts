import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import type { App } from "../../../src/gateway/app/app.ts";
import {
  withBasePath,
  withoutBase,
} from "../../../src/gateway/proxies/base-path.ts";

import { FakeOutgoing } from "../call/outgoing.ts";

const base = suite("Base path");

base("withoutBase() takes the path off, and refuses others", () => {
  const cases = [
    ["/shop", "/"],
    ["/shop/", "/"],
    ["/shop/a?b=/shop", "/a?b=/shop"],
    ["/shop?a", "/?a"],
    ["/shop/shop", "/shop"],
    ["/shopping", undefined],
    ["/", undefined],
    ["/a/shop", undefined],
    ["/SHOP", undefined],
    ["/?/shop", undefined],
    ["http://a.example/shop/b", "http://a.example/b"],
    ["http://a.example:8000/shop", "http://a.example:8000/"],
    ["http://a.example/shop?/", "http://a.example/?/"],
    ["http://shop/", undefined],
    ["http://shop", undefined],
    ["/a://b/shop", undefined],
    ["*", "*"],
  ] as const;
  for (const [url, expected] of cases) {
    assert.is(withoutBase(url, "/shop"), expected, url);
  }
});

base("withBasePath() shows a fetch app what follows the path", async () => {
  const app: App = {
    style: "fetch",
    call: (request) => new Response(`${request.url} ${request.clone().url}`),
  };
  const { call } = withBasePath(app, "/shop");
  const ask = async (url: string) => {
    const answer = await (call as (request: Request) => Response)(
      new Request(url),
    );
    return `${answer.status} ${await answer.text()}`;
  };
  assert.is(await ask("http://a/shop/x?y"), "200 http://a/x?y http://a/x?y");
  assert.is(await ask("http://a/x"), "404 Not Found\n");
});

base("withBasePath() shows a listener what follows the path", () => {
  const app: App = {
    style: "node",
    call: (incoming) => (incoming as { url: string }).url,
  };
  const { call } = withBasePath(app, "/shop");
  const listener = call as (incoming: unknown, outgoing: unknown) => unknown;
  assert.is(listener({ url: "/shop/x" }, {}), "/x");
});

base("what a listener is asked for is read as URL parsers read it", () => {
  const { call } = withBasePath({
    style: "node",
    call: (incoming) => (incoming as { url: string }).url,
  }, "/shop");
  const ask = (url: string) => {
    const outgoing = new FakeOutgoing();
    const answer = (call as (...all: unknown[]) => unknown)({ url }, outgoing);
    return answer ?? outgoing.statusCode;
  };
  assert.is(ask("/other"), 404);
  assert.is(ask("/shop/../admin"), 404);
  assert.is(ask("/shop/%2e%2E/admin?a=b"), 404);
  assert.is(ask("/other/../shop/x?a=/./b"), "/x?a=/./b");
  assert.is(ask("/shop/a%2e"), "/a%2e");
});

base.run();

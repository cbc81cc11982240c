import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import type { ExchangeObserver } from "../../../src/exchange/exchange.ts";
import { noteSwitched } from "../../../src/exchange/switched.ts";
import { withExchange } from "../../../src/gateway/observe/exchange.ts";
import { FieldsAtHand } from "../../../src/gateway/proxies/fields-at-hand.ts";
import { stripHeaders } from "../../../src/gateway/proxies/strip.ts";
import { installSizes } from "../../../src/gateway/observe/sized-response.ts";
import type { WebGlobals } from "../../../src/runtime/web-globals.ts";
import { FakeRuntime } from "../../support/fake/runtime.ts";

const exchanges = suite("FetchExchange");

const NEEDS = {
  target: false,
  requestHeaders: false,
  responseHeaders: false,
  peer: false,
};
const globals = { Headers, Request, Response, fetch } as WebGlobals;
installSizes(globals);
const SizedResponse = globals.Response as typeof Response;

/** What is seen of a header, where the runtime has these fields at hand. */
async function seen(
  name: string,
  request: Request,
  sent: readonly string[] | undefined,
): Promise<string | undefined> {
  let value: string | undefined;
  const observer: ExchangeObserver = {
    needs: {
      target: true,
      requestHeaders: true,
      responseHeaders: false,
      bytes: false,
      peer: false,
    },
    onEnd: (exchange) => void (value = exchange.requestHeader(name)),
  };
  const handler = withExchange({
    style: "fetch",
    fetch: () => new Response("hello"),
    node() {},
  }, {
    observer,
    runtime: new FakeRuntime(),
    fields: new FieldsAtHand({ fieldsOf: () => sent }),
  });
  await handler.fetch(request, undefined);
  return value;
}

exchanges(
  "the fields that are at hand tell of a request's headers",
  async () => {
    const request = new Request("http://localhost/", {
      headers: { accept: "from headers" },
    });
    const fields = ["Accept", "a", "host", "localhost", "accept", "b"];
    assert.is(await seen("accept", request, fields), "a, b");
    assert.is(await seen("referer", request, fields), undefined);
    assert.is(await seen("accept", request, undefined), "from headers");
  },
);

exchanges(
  "a text is not counted through where no observer needs its bytes",
  async () => {
    for (const bytes of [true, false]) {
      const runtime = new FakeRuntime();
      let counted = 0;
      runtime.byteLength = ({ length }) => (counted++, length);
      let seen: number | undefined;
      const handler = withExchange({
        style: "fetch",
        fetch: () => new SizedResponse("x".repeat(100)),
        node() {},
      }, {
        observer: {
          needs: { ...NEEDS, bytes },
          onEnd: (exchange) => void (seen = exchange.bytes),
        },
        runtime,
        fields: new FieldsAtHand({ fieldsOf: () => undefined }),
      });
      await handler.fetch(new Request("http://localhost/"), undefined);
      assert.equal([counted, seen], bytes ? [1, 100] : [0, undefined]);
    }
  },
);

exchanges("a URL is not asked for where no observer needs it", async () => {
  const targets: string[] = [];
  let asked = 0;
  const request = new Request("http://localhost/a?b");
  Object.defineProperty(request, "url", {
    get: () => (asked++, "http://localhost/a?b"),
  });
  for (const target of [false, true]) {
    const handler = withExchange({
      style: "fetch",
      fetch: () => new Response("hello"),
      node() {},
    }, {
      observer: {
        needs: {
          target,
          requestHeaders: false,
          responseHeaders: false,
          bytes: false,
          peer: false,
        },
        onEnd: (exchange) => void targets.push(exchange.target),
      },
      runtime: new FakeRuntime(),
      fields: new FieldsAtHand({}),
    });
    await handler.fetch(request, undefined);
  }
  assert.equal(targets, ["", "/a?b"]);
  assert.is(asked, 1);
});

exchanges("what an app shall not see is not seen either", async () => {
  const headers = { accept: "*/*", "x-real-ip": "192.0.2.1" };
  const fields = Object.entries(headers).flat();
  const request = new Request("http://localhost/", { headers });
  assert.is(await seen("x-real-ip", request, fields), "192.0.2.1");
  stripHeaders(request, ["x-real-ip"]);
  assert.is(await seen("x-real-ip", request, fields), undefined);
  assert.is(await seen("accept", request, fields), "*/*");
});

exchanges("a request that became a WebSocket is over with it", async () => {
  const ends: unknown[] = [];
  const response = new Response(null);
  Object.defineProperty(response, "status", { value: 101 });
  const switched = noteSwitched(response);
  const needs = {
    target: false,
    requestHeaders: false,
    responseHeaders: false,
    bytes: true,
    peer: false,
  };
  const handler = withExchange(
    { style: "fetch", fetch: () => response, node() {} },
    {
      observer: {
        needs,
        onEnd: ({ status, bytes }) => void ends.push([status, bytes]),
      },
      runtime: new FakeRuntime(),
      fields: new FieldsAtHand({ fieldsOf: () => undefined }),
    },
  );
  await handler.fetch(new Request("http://localhost/"), undefined);
  assert.equal(ends, []);
  switched.end({ status: 101, bytes: 7 });
  assert.equal(ends, [[101, 7]]);
});

exchanges.run();

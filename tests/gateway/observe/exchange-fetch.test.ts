import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { ALL_NEEDS } from "../../support/needs.ts";
import type {
  Exchange,
  ExchangeObserver,
} from "../../../src/exchange/exchange.ts";
import { noteSwitched } from "../../../src/exchange/switched.ts";
import { withExchange } from "../../../src/gateway/observe/exchange.ts";
import { FieldsAtHand } from "../../../src/gateway/proxies/fields-at-hand.ts";
import { stripHeaders } from "../../../src/gateway/proxies/strip.ts";
import { installSizes } from "../../../src/gateway/observe/sized-response.ts";
import type { WebGlobals } from "../../../src/runtime/web-globals.ts";
import { FakeRuntime } from "../../support/fake/runtime.ts";
import { BEGINNING } from "../../support/fake/clock.ts";

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

interface Given {
  request?: Request;
  runtime?: Partial<FakeRuntime>;
  needs?: ExchangeObserver["needs"];
}

/** Serves an answer, and what is seen of it once it has ended. */
function serve(
  respond: () => Response | Promise<Response>,
  { request = new Request("http://localhost/a?b"), runtime, needs = ALL_NEEDS }:
    Given = {},
) {
  const ends: Exchange[] = [];
  const own = Object.assign(new FakeRuntime(), {
    byteLength: (text: string) => new TextEncoder().encode(text).length,
    ...runtime,
  });
  own.clock.pass(1000);
  const handler = withExchange({
    style: "fetch",
    fetch: (_request, _env, finish) => {
      const answer = respond();
      return answer instanceof Promise
        ? answer.then((one) => finish?.(one) ?? one)
        : answer;
    },
    node() {},
  }, {
    observer: { needs, onEnd: (exchange) => void ends.push(exchange) },
    runtime: own,
    fields: new FieldsAtHand({ fieldsOf: () => undefined }),
  });
  const ask = (finish?: (response: Response) => Response) =>
    handler.fetch(request, undefined, finish);
  return { ends, ask, clock: own.clock };
}

exchanges("a request and its response are told as they were", async () => {
  const peer = { kind: "tcp", address: "192.0.2.1", port: 1 } as const;
  const { ends, ask, clock } = serve(async () => {
    clock.pass(20);
    await Promise.resolve();
    return new SizedResponse("h\u00e9llo", {
      status: 404,
      headers: { "x-own": "y" },
    });
  }, {
    request: new Request("http://localhost/a?b", {
      method: "PUT",
      headers: { "user-agent": "curl" },
    }),
    runtime: { peerOf: () => peer } as unknown as Partial<FakeRuntime>,
  });
  await ask();
  clock.pass(5);
  const [exchange] = ends;
  const { method, target, protocol, status, bytes, ms, aborted, startMs } =
    exchange!;
  assert.equal(
    { method, target, protocol, status, bytes, ms, aborted, startMs },
    {
      ...{ method: "PUT", target: "/a?b", protocol: undefined },
      ...{
        status: 404,
        bytes: 6,
        ms: 25,
        aborted: false,
        startMs: BEGINNING + 1000,
      },
    },
  );
  clock.pass(5);
  assert.is(exchange!.ms, 25, "it is over");
  assert.is(exchange!.peer, peer);
  assert.is(exchange!.requestHeader("user-agent"), "curl");
  assert.is(exchange!.requestHeader("accept"), undefined);
  assert.is(exchange!.responseHeader("x-own"), "y");
  assert.is(exchange!.responseHeader("x-none"), undefined);
});

exchanges("a target without a path is the root", async () => {
  const request = new Request("http://localhost/");
  Object.defineProperty(request, "url", { value: "http://localhost" });
  const { ends, ask } = serve(() => new SizedResponse("x"), { request });
  await ask();
  assert.is(ends[0]?.target, "/");
});

exchanges(
  "bytes are those that are sent, as far as they are known",
  async () => {
    const head = new Request("http://localhost/", { method: "HEAD" });
    const headers = { "content-length": "7" };
    const cases: [() => Response, number | undefined, Request?][] = [
      [() => new SizedResponse("hello"), 5],
      [() => new SizedResponse("hello"), 0, head],
      [() => new SizedResponse(null, { status: 204 }), 0],
      [() => new SizedResponse(new FormData(), { headers }), 7],
      [() => new SizedResponse(new FormData()), undefined],
    ];
    for (const [respond, bytes, request] of cases) {
      const { ends, ask } = serve(respond, request && { request });
      await ask();
      assert.is(ends.length, 1);
      assert.is(ends[0]?.bytes, bytes);
    }
  },
);

exchanges("a stream is counted as it goes, and over with its end", async () => {
  const { ends, ask } = serve(() => {
    const pieces: unknown[] = [new Uint8Array(3), "h\u00e9", undefined];
    return new SizedResponse(
      new ReadableStream<unknown>({
        pull(controller) {
          if (pieces.length === 0) return controller.close();
          controller.enqueue(pieces.shift());
        },
      }) as ReadableStream<Uint8Array<ArrayBuffer>>,
      { status: 201 },
    );
  });
  const response = await ask();
  assert.equal([response.status, ends.length], [201, 0]);
  const reader = response.body!.getReader();
  for (let count = 0; count < 3; count++) await reader.read();
  assert.is(ends.length, 0);
  assert.ok((await reader.read()).done);
  const [{ bytes, aborted } = {} as Exchange] = ends;
  assert.equal([ends.length, bytes, aborted], [1, 6, false]);
});

exchanges(
  "a stream that its client leaves, or that fails, is told so",
  async () => {
    let cancelled: unknown;
    const left = serve(() =>
      new SizedResponse(
        new ReadableStream({ cancel: (reason) => void (cancelled = reason) }),
      )
    );
    await (await left.ask()).body!.cancel("left");
    assert.is(cancelled, "left");
    assert.equal(left.ends.map(({ aborted }) => aborted), [true]);
    const reluctant = serve(() =>
      new SizedResponse(
        new ReadableStream({ cancel: () => Promise.reject(new Error("no")) }),
      )
    );
    const refused = (await reluctant.ask()).body!.cancel();
    assert.is(await refused.then(String, (error) => error.message), "no");
    const failing = serve(() =>
      new SizedResponse(
        new ReadableStream({
          pull: (controller) => controller.error(new Error("broken")),
        }),
      )
    );
    const response = await failing.ask();
    const why = await response.text().then(String, (error) => error.message);
    assert.is(why, "broken");
    assert.equal(failing.ends.map(({ aborted }) => aborted), [true]);
  },
);

exchanges(
  "a stream that is in use already is left to the runtime",
  async () => {
    const locked = new SizedResponse(new ReadableStream());
    locked.body!.getReader();
    const { ends, ask } = serve(() => locked);
    assert.is(await ask(), locked);
    assert.is(ends.length, 1);
  },
);

exchanges(
  "an answer that comes later passes through `finish` too",
  async () => {
    const { ends, ask } = serve(async () => {
      await Promise.resolve();
      return new SizedResponse("x", { status: 202 });
    });
    const finished = await ask(() => new SizedResponse("finished"));
    assert.is(await finished.text(), "finished");
    assert.is(ends[0]?.status, 202);
  },
);

exchanges("the response is the runtime's own, where it has one", async () => {
  const own = new SizedResponse("own", { status: 203 });
  const { ends, ask } = serve(() => new SizedResponse("x"), {
    runtime: { nativeRequests: { own: () => own } } as Partial<FakeRuntime>,
  });
  assert.is(await ask(), own);
  assert.is(ends[0]?.status, 203);
});

exchanges("a 101 that stands for nothing is over at once", async () => {
  const response = new Response(null);
  Object.defineProperty(response, "status", { value: 101 });
  const { ends, ask } = serve(() => response);
  await ask();
  assert.equal(ends.map(({ status }) => status), [101]);
});

exchanges(
  "headers of one that becomes a WebSocket can be asked later",
  async () => {
    const headers = new Headers({ upgrade: "websocket", "x-a": "b" });
    const request = new Request("http://localhost/");
    Object.defineProperty(request, "headers", { get: () => headers });
    for (const upgradeOf of [() => undefined, undefined]) {
      headers.set("x-a", "b");
      const { ends, ask } = serve(() => new SizedResponse("x"), {
        request,
        runtime: {
          nativeRequests: upgradeOf && { upgradeOf } || {},
        } as Partial<FakeRuntime>,
      });
      await ask();
      headers.delete("x-a");
      assert.is(ends[0]?.requestHeader("x-a"), upgradeOf && "b");
    }
  },
);

exchanges.run();

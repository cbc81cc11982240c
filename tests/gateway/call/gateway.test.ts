import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import type {
  App,
  AppContext,
  FetchApp,
  NodeApp,
} from "../../../src/gateway/app/app.ts";
import {
  readFlightRecord,
  SEATS,
} from "../../../src/exchange/flight-record.ts";
import { contextOf } from "../../../src/gateway/call/request-members.ts";
import { createGateway } from "../../../src/gateway/call/gateway.ts";
import type { GatewayOptions } from "../../../src/gateway/call/gateway.ts";
import { Inflight } from "../../../src/gateway/call/inflight.ts";
import { Timing } from "../../../src/gateway/call/timing.ts";
import {
  ClientFailure,
  noteRefusal,
} from "../../../src/base/http/client-failure.ts";
import { readFrames } from "../../../src/base/frames.ts";
import { settle } from "../../support/fake/runtime.ts";
import { runtimeName } from "../../support/process/command.ts";
import { FakeOutgoing } from "./outgoing.ts";

const gateway = suite("gateway");

interface Options extends
  Pick<
    GatewayOptions,
    "onRefused" | "upgradeOf" | "own" | "unsendable"
  > {
  maxRequests?: number;
  dev?: boolean;
}

function wrap(
  style: "fetch" | "node",
  call: FetchApp | NodeApp,
  { maxRequests = 0, dev = false, ...more }: Options = {},
) {
  const inflight = new Inflight(() => 0);
  const seen = { busy: 0, limits: 0, failures: [] as string[] };
  const handler = createGateway({ style, call } as App, {
    inflight,
    onBusy: () => seen.busy++,
    onLimit: () => seen.limits++,
    onFailure: (text) => seen.failures.push(text),
    maxRequests,
    dev,
    ...more,
  });
  return { inflight, seen, handler };
}

/** A gateway to a fetch app; `ask` sends it a request. */
function serve(call: FetchApp, options: Options = {}) {
  const { inflight, seen, handler } = wrap("fetch", call, options);
  const ask = (path = "/") =>
    handler.fetch(new Request(`http://localhost${path}`), "env");
  return { inflight, seen, ask };
}

const REFUSAL = "Internal Server Error\n";

async function isRefusal(response: Response): Promise<void> {
  assert.is(response.status, 500);
  assert.is(response.headers.get("content-type"), "text/plain; charset=utf-8");
  assert.is(await response.text(), REFUSAL);
}

/** What another process would read of the requests in hand. */
function recordOf({ recorder }: Inflight) {
  return readFlightRecord(recorder.copy());
}

gateway("fetch() gives a synchronous answer as it is", () => {
  const answer = new Response("x");
  const { ask, inflight } = serve((request, env) => {
    assert.is((request as Request).url, "http://localhost/");
    assert.is(env, "env");
    return answer;
  });
  assert.is(ask(), answer);
  assert.is(inflight.open, 0);
  assert.is(inflight.requests, 1);
});

gateway("fetch() gives what a promise resolves to", async () => {
  const answer = new Response("x");
  const gate = Promise.withResolvers<Response>();
  const { ask, inflight } = serve(() => gate.promise);
  const asked = ask();
  assert.is(inflight.open, 1);
  assert.is(recordOf(inflight)?.waiting.length, 1);
  gate.resolve(answer);
  assert.is(await asked, answer);
  assert.is(inflight.open, 0);
});

gateway("fetch() waits for what is a promise of another kind", async () => {
  const answer = new Response("x");
  const { ask } = serve(() => ({
    then: (resolve: (value: unknown) => void) => resolve(answer),
  }));
  assert.is(await ask(), answer);
});

gateway("fetch() makes a Response of one of another make", async () => {
  const { ask } = serve(() => ({
    status: 201,
    headers: [["x-a", "b"]],
    body: "made",
  }));
  const made = await ask();
  assert.instance(made, Response);
  assert.equal([made.status, made.headers.get("x-a")], [201, "b"]);
  assert.is(await made.text(), "made");
});

gateway("fetch() refuses one that no Response can be", async () => {
  const { ask, seen } = serve(() => ({
    status: 200,
    headers: [["x-a", "b\r\nc: d"]],
  }));
  await isRefusal(await ask());
  assert.is(seen.failures.length, 1);
  const { ask: askError } = serve(() => Response.error());
  await isRefusal(await askError());
});

const failing: Record<string, FetchApp> = {
  "throws": () => {
    throw new Error("secret");
  },
  "rejects": () => Promise.reject(new Error("secret")),
};
for (const [how, call] of Object.entries(failing)) {
  gateway(
    `fetch() answers 500 without details when the app ${how}`,
    async () => {
      const { ask, inflight, seen } = serve(call);
      await isRefusal(await ask("/a?secret=1"));
      assert.is(inflight.open, 0);
      assert.is(seen.failures.length, 1);
      assert.match(seen.failures[0] ?? "", /^GET \/a failed\nError: secret\n/);
    },
  );
}

gateway("fetch() shows the stack where dev allows it", async () => {
  const call = failing.throws as FetchApp;
  const { ask } = serve(call, { dev: true });
  assert.match(await (await ask()).text(), "Error: secret");
});

const noResponses: Record<string, [unknown, string]> = {
  "undefined": [undefined, "undefined"],
  "null": [null, "null"],
  "a text": ["hello", "hello"],
  "an object": [{ body: "x" }, "[object Object]"],
  "an object without a prototype": [
    Object.create(null),
    "something that has no text",
  ],
};
for (const [what, [value, text]] of Object.entries(noResponses)) {
  for (const style of ["sync", "async"]) {
    gateway(`fetch() answers 500 for ${what}, ${style}`, async () => {
      const { ask, inflight, seen } = serve(() =>
        style === "sync" ? value : Promise.resolve(value)
      );
      await isRefusal(await ask());
      assert.is(inflight.open, 0);
      assert.match(
        seen.failures[0] ?? "",
        `TypeError: App returned ${text} instead of a Response`,
      );
    });
  }
}

gateway(
  "fetch() survives an answer that throws when it is looked at",
  async () => {
    const trap = {
      get status() {
        throw new Error("trap");
      },
    };
    const { ask, inflight } = serve(() => trap);
    await isRefusal(await ask());
    assert.is(inflight.open, 0, "it is counted once");
  },
);

/** What throws whatever is asked of it. */
function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

const thrown: Record<string, unknown> = {
  "a revoked proxy": revoked(),
  "undefined": undefined,
  "null": null,
  "a text": "no",
  "an object without a prototype": Object.create(null),
  "an error that is its own cause": (() => {
    const error = new Error("round");
    error.cause = error;
    return error;
  })(),
};
for (const [what, value] of Object.entries(thrown)) {
  gateway(`fetch() answers 500 when the app throws ${what}`, async () => {
    const { ask, seen } = serve(() => {
      throw value;
    });
    await isRefusal(await ask());
    assert.is(seen.failures.length, 1);
  });
}

gateway(
  "onBusy() is called when the first request opens, before the app is",
  async () => {
    const order: string[] = [];
    const gate = Promise.withResolvers<Response>();
    const { ask, seen } = serve(() => {
      order.push(`app after ${seen.busy}`);
      return gate.promise;
    });
    const first = ask();
    const second = ask();
    assert.is(seen.busy, 1);
    assert.equal(order, ["app after 1", "app after 1"]);
    gate.resolve(new Response());
    await Promise.all([first, second]);
    void ask();
    assert.is(seen.busy, 2);
  },
);

gateway("the request at work is named while it has the event loop", () => {
  const { ask, inflight } = serve(() => {
    assert.is(recordOf(inflight)?.atWork?.path, "/a");
    return new Response();
  });
  void ask("/a");
  assert.equal(recordOf(inflight), {
    atWork: undefined,
    begun: 1,
    waiting: [],
  });
});

gateway(
  "onLimit() is called once, at the request that reaches it",
  async () => {
    const { ask, seen } = serve(() => new Response(), { maxRequests: 3 });
    const limits: number[] = [];
    for (let count = 1; count <= 5; count++) {
      await ask();
      limits.push(seen.limits);
    }
    assert.equal(limits, [0, 0, 1, 1, 1]);
  },
);

gateway("what a client did wrong is no failure of the app", async () => {
  const { ask, seen } = serve(() =>
    Promise.reject(new ClientFailure("The client closed the connection"))
  );
  await isRefusal(await ask());
  assert.equal(seen.failures, []);
});

gateway("what refuses what a client sent is told to the client", async () => {
  for (
    const [status, text, upgrade] of [
      [400, "Bad Request\n", null],
      [426, "Upgrade Required\n", "websocket"],
    ] as const
  ) {
    const error = new TypeError("Invalid Header");
    noteRefusal(error, status);
    const { ask, seen } = serve(() => {
      throw new Error("no upgrade", { cause: error });
    });
    const response = await ask();
    assert.is(response.status, status);
    assert.is(await response.text(), text);
    assert.is(response.headers.get("upgrade"), upgrade);
    assert.is(response.headers.get("connection"), upgrade && "Upgrade");
    assert.equal(seen.failures, []);
  }
});

gateway("onLimit() is never called without a limit", () => {
  const { ask, seen } = serve(() => new Response());
  for (let count = 0; count < 100; count++) void ask();
  assert.is(seen.limits, 0);
});

async function isIdle(inflight: Inflight): Promise<boolean> {
  let idle = false;
  void inflight.idle().then(() => idle = true);
  await settle();
  return idle;
}

gateway("waitUntil() holds the drain after the answer", async () => {
  const gate = Promise.withResolvers<void>();
  const { ask, inflight, seen } = serve((_request, _env, { waitUntil }) => {
    waitUntil(gate.promise);
    return new Response();
  });
  await ask();
  assert.not(await isIdle(inflight));
  gate.resolve();
  assert.ok(await isIdle(inflight));
  assert.equal(seen.failures, []);
});

gateway("waitUntil() reports a rejection and ends nothing", async () => {
  const { ask, inflight, seen } = serve((_request, _env, context) => {
    context.waitUntil(Promise.reject(new Error("later")));
    return new Response();
  });
  await ask();
  assert.ok(await isIdle(inflight));
  assert.is(seen.failures.length, 1);
  assert.match(seen.failures[0] ?? "", "waitUntil() promise rejected");
});

gateway("waitUntil() takes what is no promise", async () => {
  const { ask, inflight } = serve((_request, _env, context) => {
    context.waitUntil(undefined as unknown as Promise<void>);
    return new Response();
  });
  assert.is((await ask()).status, 200);
  assert.ok(await isIdle(inflight));
});

gateway("the context is what edge runtimes have", () => {
  const { ask } = serve((_request, _env, context: AppContext) => {
    context.passThroughOnException();
    assert.equal(context.props, {});
    return new Response();
  });
  assert.is((ask() as Response).status, 200);
});

/** A gateway to a Node listener that was sent one request. */
function listen(call: NodeApp, options: Options = {}) {
  const { inflight, seen, handler } = wrap("node", call, options);
  const outgoing = new FakeOutgoing();
  handler.node({ method: "GET", url: "/a?secret=1" }, outgoing);
  return { inflight, seen, outgoing };
}

gateway("node() counts a request until its response is closed", () => {
  const { inflight, outgoing, seen } = listen((_req, res) => {
    (res as FakeOutgoing).end("x");
  });
  assert.is(inflight.open, 1);
  assert.equal(recordOf(inflight)?.waiting, [
    { method: "GET", path: "/a", ms: 0 },
  ]);
  outgoing.emit("close");
  assert.is(inflight.open, 0);
  assert.is(inflight.requests, 1);
  assert.is(seen.busy, 1);
});

gateway(
  "fetch() tells of work that was given up, but for clients that left",
  async () => {
    for (const left of [false, true]) {
      const client = new AbortController();
      const { handler, seen } = wrap("fetch", () => {
        if (left) client.abort();
        throw new DOMException("given up", "AbortError");
      });
      const { signal } = client;
      const request = new Request("http://localhost/", { signal });
      await isRefusal(await handler.fetch(request, "env"));
      assert.is(seen.failures.length, left ? 0 : 1);
    }
  },
);

const listeners: Record<string, NodeApp> = {
  "throws": () => {
    throw new Error("secret");
  },
  "rejects": () => Promise.reject(new Error("secret")),
  "rejects by a promise of another kind": () => ({
    then: (_: unknown, reject: (error: Error) => void) =>
      reject(new Error("secret")),
  }),
};
for (const [how, call] of Object.entries(listeners)) {
  gateway(
    `node() answers 500 without details when the app ${how}`,
    async () => {
      const { outgoing, seen } = listen(call);
      await settle();
      assert.is(outgoing.statusCode, 500);
      assert.is(outgoing.body, REFUSAL);
      assert.is(seen.failures.length, 1);
      assert.match(seen.failures[0] ?? "", /^GET \/a failed\nError: secret/);
    },
  );
}

gateway("node() drops the headers that a failed app had set", () => {
  const { outgoing } = listen((_req, res) => {
    (res as FakeOutgoing).setHeader("content-length", "3");
    throw new Error("no");
  });
  assert.equal([...outgoing.headers], [
    ["content-type", "text/plain; charset=utf-8"],
  ]);
});

gateway("node() cuts a response that the app had begun", () => {
  const { outgoing } = listen((_req, res) => {
    (res as FakeOutgoing).headersSent = true;
    throw new Error("no");
  });
  assert.ok(outgoing.destroyed);
  assert.is(outgoing.body, "");
});

gateway("node() leaves a response that the app had ended", async () => {
  const { outgoing, seen } = listen((_req, res) => {
    (res as FakeOutgoing).end("done");
    return Promise.reject(new Error("too late"));
  });
  await settle();
  assert.is(outgoing.body, "done");
  assert.not(outgoing.destroyed);
  assert.is(seen.failures.length, 1);
});

gateway(
  "fetch() passes an answer that comes later through `finish`, a failure too",
  async () => {
    const { handler } = wrap("fetch", async (request: Request) => {
      await Promise.resolve();
      if (request.url.endsWith("/bad")) throw new Error("no");
      return new Response("x");
    });
    const finished: number[] = [];
    const finish = (response: Response) => {
      finished.push(response.status);
      return new Response("finished");
    };
    for (const path of ["good", "bad"]) {
      const request = new Request(`http://localhost/${path}`);
      const response = await handler.fetch(request, undefined, finish);
      assert.is(await response.text(), "finished");
    }
    assert.equal(finished, [200, 500]);
  },
);

gateway("fetch() does not pass a synchronous answer through `finish`", () => {
  const answer = new Response("x");
  const { handler } = wrap("fetch", () => answer);
  const given = handler.fetch(
    new Request("http://localhost/"),
    undefined,
    () => {
      throw new Error("called");
    },
  );
  assert.is(given, answer);
});

gateway("onRefused() is told of what is answered by 400 or more", () => {
  const told: (string | undefined)[] = [];
  const onRefused: Options["onRefused"] = ({ url }) => told.push(url);
  const status = (path: string) => Number(path.slice(1));
  const { ask } = serve(
    ({ url }) => new Response("", { status: status(new URL(url).pathname) }),
    { onRefused },
  );
  void ask("/399");
  void ask("/400");
  assert.equal(told, ["http://localhost/400"]);
  const { handler } = wrap("node", (_req: unknown, res: unknown) => {
    (res as FakeOutgoing).end();
  }, { onRefused });
  for (const url of ["/399", "/400"]) {
    const outgoing = new FakeOutgoing();
    outgoing.statusCode = status(url);
    handler.node({ method: "GET", url }, outgoing);
    outgoing.emit("close");
  }
  assert.equal(told.slice(1), ["/400"]);
});

/** What an app answers that has let its connection be upgraded, and whether that is a failure. */
const upgraded: Record<string, [FetchApp, number]> = {
  "a Response": [() => new Response("x"), 0],
  "what looks like one": [() => ({ status: 200 }), 0],
  "nothing": [() => undefined, 0],
  "a text": [() => "x", 1],
  "an error": [() => {
    throw new Error("late");
  }, 1],
};
for (const [what, [call, failures]] of Object.entries(upgraded)) {
  gateway(`fetch() gives the upgrade in place of ${what}`, () => {
    const upgrade = new Response();
    const { ask, seen } = serve(call, { upgradeOf: () => upgrade });
    assert.is(ask(), upgrade);
    assert.is(seen.failures.length, failures);
  });
}

gateway("fetch() gives the engine its own kind of Response", () => {
  const own = new Response("own");
  const { ask } = serve(() => new Response("x"), { own: () => own });
  assert.is(ask(), own);
});

gateway("fetch() refuses what the engine cannot send", async () => {
  const answer = new Response("x");
  const { ask, seen } = serve(() => answer, {
    unsendable: (sent) => sent === answer ? "a locked body" : undefined,
  });
  await isRefusal(await ask());
  assert.match(seen.failures[0] ?? "", "TypeError: App returned a locked body");
});

gateway("fetch() answers more requests at once than have a seat", async () => {
  const gate = Promise.withResolvers<void>();
  const { ask, inflight } = serve(async ({ url }) => {
    await gate.promise;
    return new Response(url);
  });
  const asked = Array.from({ length: SEATS + 5 }, (_, at) => ask(`/${at}`));
  assert.is(inflight.open, SEATS + 5);
  gate.resolve();
  const texts = await Promise.all(
    asked.map(async (answer) => await (await answer).text()),
  );
  assert.equal(texts, asked.map((_, at) => `http://localhost/${at}`));
  assert.is(inflight.open, 0);
});

gateway("what was answered is told to what times it", async () => {
  for (
    const call of [
      () => new Response("", { status: 503 }),
      () => Promise.resolve(new Response("", { status: 503 })),
      () => Promise.reject(new Error("no")),
      () => {
        throw new Error("no");
      },
    ]
  ) {
    const { ask, inflight } = serve(call);
    const timing = inflight.timing = new Timing();
    await ask();
    assert.is(timing.take().failed, 1);
  }
  const { handler, inflight } = wrap("node", (_req: unknown, res: unknown) => {
    (res as FakeOutgoing).statusCode = 503;
  });
  const timing = inflight.timing = new Timing();
  const outgoing = new FakeOutgoing();
  handler.node({ method: "GET", url: "/" }, outgoing);
  outgoing.emit("close");
  assert.is(timing.take().failed, 1);
});

gateway("node() names the request at work until its listener returns", () => {
  let path: string | undefined;
  const { handler, inflight } = wrap("node", () => {
    path = recordOf(inflight)?.atWork?.path;
  });
  handler.node({ method: "GET", url: "/a" }, new FakeOutgoing());
  assert.is(path, "/a");
  assert.is(recordOf(inflight)?.atWork, undefined);
});

gateway(
  "node() tells of work that was given up, but for clients that left",
  async () => {
    for (const destroyed of [false, true]) {
      const { handler, seen } = wrap("node", () => {
        throw Object.assign(new Error("reset"), { code: "ECONNRESET" });
      });
      const socket = { destroyed };
      handler.node({ method: "GET", url: "/", socket }, new FakeOutgoing());
      await settle();
      assert.is(seen.failures.length, destroyed ? 0 : 1);
    }
  },
);

gateway("what only looks like a Response is framed anew", async () => {
  const answer = {
    status: 201,
    statusText: "Made",
    headers: { "transfer-encoding": "chunked", "content-length": "4, 4" },
    body: "made",
  };
  const { ask } = serve(() => answer);
  const made = await ask();
  assert.equal([made.status, made.statusText], [201, "Made"]);
  assert.equal(
    ["transfer-encoding", "content-length"].map((name) =>
      made.headers.get(name)
    ),
    [null, null],
  );
  answer.headers["content-length"] = "4";
  const length = (await ask()).headers.get("content-length");
  assert.is(length, "4");
});

gateway("one whose body was read before is refused", async () => {
  const { ask, seen } = serve(() => ({
    status: 200,
    body: "x",
    bodyUsed: true,
  }));
  await isRefusal(await ask());
  assert.match(seen.failures[0] ?? "", "its body was read before");
});

gateway("what an app calls without its context finds it by the request", () => {
  let found: unknown;
  let given: unknown;
  const { ask } = serve((request, _env, context) => {
    found = contextOf(request);
    given = context;
    return new Response();
  });
  void ask();
  assert.ok(found !== undefined && found === given);
});

gateway("a stack names the seat of the request that waits for it", async () => {
  let stack = "";
  const { ask } = serve(async () => {
    await Promise.resolve();
    stack = new Error("here").stack ?? "";
    return new Response();
  });
  await ask();
  const { seat } = readFrames(stack, "/");
  // Bun tells of no callers before an `await`.
  assert.is(seat, runtimeName === "bun" ? undefined : 0);
});

gateway.run();

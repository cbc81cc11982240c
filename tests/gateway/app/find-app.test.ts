import { createServer } from "node:http";
import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { AppError } from "../../../src/base/errors.ts";
import { appOfServer, findApp } from "../../../src/gateway/app/find-app.ts";
import type { ListeningServer } from "../../../src/runtime/listening.ts";
import type { AppContext } from "../../../src/gateway/app/app.ts";
import type { AppQuery } from "../../../src/gateway/app/find-app.ts";

const app = suite("findApp");

type Module = Record<string, unknown>;

const context = {} as AppContext;
const request = new Request("http://localhost/");

function find(module: Module, query: Partial<AppQuery> = {}) {
  return findApp(module, { text: "app.ts", gateway: "auto", ...query });
}

/** How an app answers a request, told by its style. */
async function use(module: Module, query: Partial<AppQuery> = {}) {
  const found = await find(module, query);
  const answer = found.style === "fetch"
    ? await found.call(request, "env", context)
    : found.call("req", "res");
  return [found.style, answer];
}

async function refusal(
  module: Module,
  query: Partial<AppQuery> = {},
): Promise<string> {
  try {
    await find(module, query);
  } catch (error) {
    assert.instance(error, AppError);
    return (error as AppError).message;
  }
  throw new Error("it was accepted");
}

class Site {
  readonly name = "site";
  fetch(_request: Request): string {
    return this.name;
  }
}

const anonymous = [(_: unknown, b: unknown) => b][0];

const accepted: Record<string, [Module, string, unknown, Partial<AppQuery>?]> =
  {
    "an object with fetch": [{ default: new Site() }, "fetch", "site"],
    "a function of a request": [
      { default: (r: Request) => r.url },
      "fetch",
      "http://localhost/",
    ],
    "a function without parameters": [{ default: () => "x" }, "fetch", "x"],
    "a function that is async": [
      { default: (_: Request) => Promise.resolve("x") },
      "fetch",
      "x",
    ],
    "a function of request and env": [
      { default: (_request: Request, env: unknown) => env },
      "fetch",
      "env",
    ],
    "a function of request, env and context": [
      {
        default: (_request: Request, _env: unknown, ctx: unknown) =>
          ctx === context,
      },
      "fetch",
      true,
    ],
    "a function of request and info, as Deno has it": [
      { default: (_request: Request, info: unknown) => info },
      "fetch",
      "env",
    ],
    "a function of request and server, as Bun has it": [
      { default: (_request: Request, server: unknown) => server },
      "fetch",
      "env",
    ],
    "a Node listener": [
      { default: (_req: unknown, res: unknown) => res },
      "node",
      "res",
    ],
    "a Node listener by longer names": [
      {
        default: function (_request: unknown, response: unknown) {
          return response;
        },
      },
      "node",
      "res",
    ],
    "a Node listener of three parameters": [
      { default: (_req: unknown, res: unknown, _next: unknown) => res },
      "node",
      "res",
    ],
    "a function with fetch, which is an app": [
      {
        default: Object.assign((_a: unknown, _b: unknown) => "call", {
          fetch: () => "fetch",
        }),
      },
      "fetch",
      "fetch",
    ],
    "an unclear function, by --gateway fetch": [
      { default: anonymous },
      "fetch",
      "env",
      { gateway: "fetch" },
    ],
    "an unclear function, by --gateway node": [
      { default: anonymous },
      "node",
      "res",
      { gateway: "node" },
    ],
    "an export called listener": [
      { listener: (_req: unknown, res: unknown) => res, websocket: {} },
      "node",
      "res",
    ],
    "an export called handler": [
      { handler: (_req: unknown, res: unknown, _next: unknown) => res },
      "node",
      "res",
    ],
    "a listener that toNodeHandler() of H3 and srvx makes": [
      { default: (_nodeReq: unknown, nodeRes: unknown) => nodeRes },
      "node",
      "res",
    ],
    "any parameters, by --gateway node": [
      { default: (...args: unknown[]) => args[1] },
      "node",
      "res",
      { gateway: "node" },
    ],
    "a named fetch": [{ fetch: () => "x" }, "fetch", "x"],
    "a named fetch, whatever its parameters are called": [
      { fetch: anonymous },
      "fetch",
      "env",
    ],
    "a named fetch beside a default that is no app": [
      { default: { title: "config" }, fetch: () => "x" },
      "fetch",
      "x",
    ],
    "a default before a named fetch": [
      { default: () => "default", fetch: () => "named" },
      "fetch",
      "default",
    ],
    "an export by name": [
      { site: new Site(), default: () => "x" },
      "fetch",
      "site",
      { exportName: "site" },
    ],
    "a key of a CommonJS module": [
      { default: { site: new Site() } },
      "fetch",
      "site",
      { exportName: "site" },
    ],
    "the default of a compiled CommonJS module": [
      { default: { __esModule: true, default: new Site() } },
      "fetch",
      "site",
    ],
    "what a factory returns": [
      { make: (title: string) => () => title },
      "fetch",
      "title",
      { exportName: "make", args: ["title"] },
    ],
    "what an async default factory returns": [
      { default: () => Promise.resolve(new Site()) },
      "fetch",
      "site",
      { args: [] },
    ],
  };

for (const [what, [module, style, answer, query]] of Object.entries(accepted)) {
  app(`findApp() accepts ${what}`, async () => {
    assert.equal(await use(module, query), [style, answer]);
  });
}

const FORMS =
  ": export an object with fetch(request), a function (request) => Response or a Node listener (req, res)";

const refused: Record<string, [Module, string, Partial<AppQuery>?]> = {
  "a module without exports": [
    {},
    'Cannot use "app.ts" as an app: there is no default export and no export "fetch"; it exports nothing',
  ],
  "a module with marks of CommonJS alone": [
    { __esModule: true, "module.exports": {} },
    'Cannot use "app.ts" as an app: there is no default export and no export "fetch"; it exports nothing',
  ],
  "a module with other exports": [
    { app: new Site(), other: 1 },
    'Cannot use "app.ts" as an app: there is no default export and no export "fetch"; its exports are "app", "other"; name the app: app.ts:app',
  ],
  "an export that is not there": [
    { app: new Site() },
    'Cannot find "site" in "app.ts": its exports are "app"',
    { exportName: "site" },
  ],
  "undefined": [
    { default: undefined },
    `Cannot use "app.ts" as an app: default export is undefined${FORMS}`,
  ],
  "null": [
    { default: null },
    `Cannot use "app.ts" as an app: default export is null${FORMS}`,
  ],
  "a text": [
    { default: "hello" },
    `Cannot use "app.ts" as an app: default export is the string "hello"${FORMS}`,
  ],
  "a number": [
    { site: 8000 },
    `Cannot use "app.ts" as an app: export "site" is the number 8000${FORMS}`,
    { exportName: "site" },
  ],
  "a bigint": [
    { default: 1n },
    `Cannot use "app.ts" as an app: default export is the bigint 1${FORMS}`,
  ],
  "a symbol": [
    { default: Symbol("s") },
    `Cannot use "app.ts" as an app: default export is the symbol Symbol(s)${FORMS}`,
  ],
  "an object without fetch": [
    { default: { port: 1, host: 2 } },
    `Cannot use "app.ts" as an app: default export is an object with port, host${FORMS}`,
  ],
  "an object whose fetch is a text": [
    { default: { port: 1, fetch: "x" } },
    'Cannot use "app.ts" as an app: default export is an object with port, fetch: its fetch is the string "x", it must be a function (request) => Response',
  ],
  "an object whose fetch is undefined": [
    { default: { fetch: undefined } },
    'Cannot use "app.ts" as an app: default export is an object with fetch: its fetch is undefined, it must be a function (request) => Response',
  ],
  "an object whose fetch is a class": [
    { default: { fetch: Site } },
    'Cannot use "app.ts" as an app: default export is an object with fetch: its fetch is the class Site, it must be a function (request) => Response',
  ],
  "an object of a class whose fetch is null": [
    {
      default: new (class Api {
        fetch = null;
      })(),
    },
    'Cannot use "app.ts" as an app: default export is an Api with fetch: its fetch is null, it must be a function (request) => Response',
  ],
  "what a factory returns, whose fetch is an app": [
    { default: () => ({ fetch: new Site() }) },
    'Cannot use "app.ts" as an app: what default export returned is an object with fetch: its fetch is a Site with fetch, it must be a function (request) => Response',
    { args: [] },
  ],
  "a named fetch that is a text": [
    { fetch: "x" },
    'Cannot use "app.ts" as an app: export "fetch" is the string "x", it must be a function (request) => Response',
  ],
  "an object with an app": [
    { default: { app: new Site(), port: 1 } },
    'Cannot use "app.ts" as an app: default export is an object with app, port; name the app: app.ts:app',
  ],
  "an object with what makes an app": [
    { default: { createApp: () => new Site() } },
    'Cannot use "app.ts" as an app: default export is an object with createApp; name the app: app.ts:createApp()',
  ],
  "an object with an app, by name": [
    { site: { app: new Site() } },
    'Cannot use "app.ts" as an app: export "site" is an object with app: export its app itself',
    { exportName: "site" },
  ],
  "what a factory returns, with an app": [
    { default: () => ({ server: new Site() }) },
    'Cannot use "app.ts" as an app: what default export returned is an object with server: return its server itself',
    { args: [] },
  ],
  "an empty object": [
    { default: {} },
    `Cannot use "app.ts" as an app: default export is an object with no keys${FORMS}`,
  ],
  "an object without a prototype": [
    { default: Object.create(null) },
    `Cannot use "app.ts" as an app: default export is an object with no keys${FORMS}`,
  ],
  "an object of a class": [
    { default: new Map() },
    `Cannot use "app.ts" as an app: default export is a Map without fetch${FORMS}`,
  ],
  "an array": [
    { default: [] },
    `Cannot use "app.ts" as an app: default export is an Array without fetch${FORMS}`,
  ],
  "a class": [
    { default: Site },
    'Cannot use "app.ts" as an app: default export is the class Site: export an object of it, new Site()',
  ],
  "a promise": [
    { default: Promise.resolve(new Site()) },
    'Cannot use "app.ts" as an app: default export is a Promise without fetch: export what it resolves to, with await',
  ],
  "a Koa app": [
    { default: { callback() {}, use() {} } },
    'Cannot use "app.ts" as an app: default export is an object with callback, use: export app.callback(), as Koa apps do',
  ],
  "a Fastify app": [
    { default: { routing() {}, ready() {} } },
    'Cannot use "app.ts" as an app: default export is an object with routing, ready: export app.routing after await app.ready(), as Fastify apps do',
  ],
  "an unclear function": [
    { default: anonymous },
    'Cannot use "app.ts" as an app: default export is a function of 2 parameters whose names leave open whether it is (request, env) or (req, res): say --gateway fetch or --gateway node',
  ],
  "a function of any parameters": [
    { handler: (...args: unknown[]) => args },
    'Cannot use "app.ts" as an app: export "handler" is a function of 0 parameters whose names leave open whether it is (request, env) or (req, res): say --gateway fetch or --gateway node',
  ],
  "an object with fetch, by --gateway node": [
    { default: { fetch() {} } },
    'Cannot use "app.ts" as an app: default export is an object with fetch: leave out --gateway node',
    { gateway: "node" },
  ],
  "an object of a class with fetch, by --gateway node": [
    { default: new Site() },
    'Cannot use "app.ts" as an app: default export is a Site with fetch: leave out --gateway node',
    { gateway: "node" },
  ],
  "a named fetch beside another default, by --gateway node": [
    { default: {}, fetch() {} },
    `Cannot use "app.ts" as an app: default export is an object with no keys${FORMS}`,
    { gateway: "node" },
  ],
  "a factory that is none": [
    { default: new Site() },
    'Cannot call default export of "app.ts": it is a Site with fetch, not a function',
    { args: [] },
  ],
  "what a factory returns": [
    { default: () => 1 },
    `Cannot use "app.ts" as an app: what default export returned is the number 1${FORMS}`,
    { args: [] },
  ],
  "a factory that throws": [
    {
      make() {
        throw new Error("no");
      },
    },
    'Cannot make the app: export "make" of "app.ts" threw',
    { exportName: "make", args: [] },
  ],
};

for (const [what, [module, message, query]] of Object.entries(refused)) {
  app(`findApp() refuses ${what}`, async () => {
    assert.is(await refusal(module, query), message);
  });
}

app("findApp() knows an ecosystem file", async () => {
  const module = { default: { apps: [{ script: "server.js" }] } };
  assert.match(
    await refusal(module),
    "PM2's ecosystem file does; here each is",
  );
});

app("findApp() says which export to name", async () => {
  const fetches = { fetch: () => new Response() };
  const helper = (text: string) => text;
  const cases: readonly (readonly [Module, string])[] = [
    [{ helper, api: fetches }, "app.ts:api"],
    [{ default: 42, helper, api: fetches }, "app.ts:api"],
    [{ helper, app: () => new Response() }, "app.ts:app"],
    [{ helper, createApp: () => fetches }, "app.ts:createApp()"],
  ];
  for (const [module, name] of cases) {
    assert.ok(
      (await refusal(module)).endsWith(`; name the app: ${name}`),
      name,
    );
  }
  for (
    const module of [{ helper }, { helper, App: class App {} }, { app: 42 }]
  ) {
    assert.not.match(await refusal(module), "name the app");
  }
});

app("findApp() passes on why a factory threw", async () => {
  const cause = new Error("no database");
  try {
    await find({ default: () => Promise.reject(cause) }, { args: [] });
    assert.unreachable();
  } catch (error) {
    assert.is((error as AppError).cause, cause);
  }
});

app("findApp() keeps an app's own this", async () => {
  const { call } = await find({ default: new Site() });
  assert.is(call(request, undefined, context), "site");
});

app("findApp() accepts an Express app", async () => {
  const { default: express } = await import("express");
  assert.is((await find({ default: express() })).style, "node");
});

app(
  "findApp() accepts what Koa's callback() gives, and no Koa app",
  async () => {
    const { default: Koa } = await import("koa");
    const koa = new Koa();
    assert.is((await find({ default: koa.callback() })).style, "node");
    assert.match(await refusal({ default: koa }), "export app.callback()");
  },
);

app("findApp() accepts Fastify's routing, and no Fastify app", async () => {
  const { default: fastify } = await import("fastify");
  const server = fastify();
  await server.ready();
  assert.is((await find({ default: server.routing })).style, "node");
  assert.match(await refusal({ default: server }), "export app.routing");
  await server.close();
});

app("findApp() accepts a Hono app, and its fetch", async () => {
  const { Hono } = await import("hono");
  const hono = new Hono();
  assert.is((await find({ default: hono })).style, "fetch");
  assert.is((await find({ default: hono.fetch })).style, "fetch");
});

app("metrics are a function, or a registry that has one", async () => {
  const fetch = () => new Response();
  const own = { metrics: () => "own 1\n" };
  const told = async (module: Module) => (await find(module)).metrics?.();
  assert.is(await told({ default: { fetch } }), undefined);
  assert.is(await told({ default: { fetch }, metrics: "none" }), undefined);
  assert.is(await told({ default: { fetch }, ...own }), "own 1\n");
  assert.is(await told({ default: { fetch, ...own } }), "own 1\n");
  assert.is(await told({ default: { fetch }, metrics: own }), "own 1\n");
});

app("a server that listens brings its WebSockets with it", () => {
  const serverWith = (options: Module): ListeningServer => ({
    ...{ port: 3000, asked: "port 3000", secure: false },
    ...{ serve() {}, release() {}, end() {} },
    app: { style: "fetch", server: {}, call: () => new Response(), options },
  });
  const query = { text: "app.ts" };
  const handlers = { message() {} };
  const found = appOfServer(serverWith({ websocket: handlers }), {}, query);
  assert.is(found.style, "fetch");
  assert.equal(found.sockets, { style: "bun", handlers });
  assert.is("sockets" in appOfServer(serverWith({}), {}, query), false);
});

/** A server that listens, as far as its app matters. */
function listening(own: ListeningServer["app"]): ListeningServer {
  return {
    ...{ port: 3000, asked: "port 3000", secure: false },
    ...{ serve() {}, release() {}, end() {} },
    app: own,
  };
}

app("a server that listens is called as its app is", async () => {
  const query = { text: "app.ts" };
  const onStart = () => "started";
  const by = appOfServer(
    listening({
      style: "fetch",
      server: {},
      call: () => new Response("x"),
      options: { maxRequestBodySize: 9 },
    }),
    { onStart },
    query,
  );
  assert.is(by.style, "fetch");
  const answer = (by.call as () => Response)();
  assert.is(await answer.text(), "x");
  assert.is(by.unused?.grave, true);
  assert.is(by.onStart?.({} as never), "started");
  const server = createServer();
  const calls: unknown[] = [];
  server.on("upgrade", (...all) => void calls.push(all));
  const node = appOfServer(
    listening(
      {
        style: "node",
        server,
        call: (...all: unknown[]) => void calls.push(all),
      } as ListeningServer["app"],
    ),
    {},
    query,
  );
  assert.is(node.style, "node");
  (node.call as (...all: unknown[]) => void)("req", "res");
  if (node.sockets?.style === "node") {
    node.sockets.upgrade(1, 2 as never, 3 as never);
  }
  assert.equal(calls, [["req", "res"], [1, 2, 3]]);
  assert.is("unused" in node, false);
});

app("a server that speaks no HTTP/1.1 is no app", () => {
  assert.throws(
    () => appOfServer(listening(undefined), {}, { text: "app.ts" }),
    (error: Error) =>
      error instanceof AppError && error.message ===
        'Cannot use "app.ts" as an app: its server at port 3000 speaks no HTTP/1.1',
  );
});

app("onStart and onStop are the app's own, or exports", async () => {
  const told = async (module: Module, query: Partial<AppQuery> = {}) => {
    const { onStart, onStop } = await find(module, query);
    return [onStart?.("worker" as never), onStop?.("worker" as never)];
  };
  const fetch = () => new Response();
  assert.equal(await told({ default: { fetch } }), [undefined, undefined]);
  const exported = {
    onStart: (worker: unknown) => `start ${worker}`,
    onStop: (worker: unknown) => `stop ${worker}`,
  };
  const both = ["start worker", "stop worker"];
  assert.equal(await told({ default: { fetch }, ...exported }), both);
  assert.equal(await told({ default: { fetch, ...exported } }), both);
  const inner = { site: { fetch }, default: exported };
  assert.equal(await told(inner, { exportName: "site" }), both);
  // The app itself goes first, with its own `this`.
  const own = {
    name: "own",
    fetch,
    onStart() {
      return this.name;
    },
    onStop: "never",
  };
  assert.equal(await told({ default: own, ...exported }), ["own", both[1]]);
  const listener = Object.assign(fetch, exported);
  assert.equal(await told({ default: listener }), both);
});

app("metrics of a registry have it as their this", async () => {
  const registry = {
    text: "own 2\n",
    metrics(this: { text: string }) {
      return this.text;
    },
  };
  const fetch = () => new Response();
  const found = await find({ default: { fetch, metrics: registry } });
  assert.is(found.metrics?.(), "own 2\n");
  const without = await find({ default: { fetch, metrics: { metrics: 1 } } });
  assert.is(without.metrics, undefined);
});

app(
  "findApp() passes on why the options of a server cannot be used",
  async () => {
    try {
      await find({ default: { routes: {} } });
      assert.unreachable();
    } catch (error) {
      const { message, cause } = error as AppError;
      assert.is(
        message,
        'Cannot use "app.ts" as an app: its "routes" are served on Bun alone, give --runtime bun or a fetch beside them',
      );
      assert.instance(cause, AppError);
    }
  },
);

app("findApp() keeps what an export or its factory made", async () => {
  const site = new Site();
  assert.is((await find({ default: site })).made, site);
  const by = await find({ default: () => site }, { args: [] });
  assert.is(by.made, site);
});

app.run();

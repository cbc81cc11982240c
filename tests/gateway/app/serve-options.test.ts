import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import type { AppContext } from "../../../src/gateway/app/app.ts";
import { findApp } from "../../../src/gateway/app/find-app.ts";
import { unusedOfServer } from "../../../src/gateway/app/serve-options.ts";
import type { WithRoutes } from "../../../src/runtime/serving.ts";

const options = suite("serve options");

const context = {} as AppContext;
const request = new Request("http://localhost/");

/** Stands in for Bun's: one path has its route. */
const withRoutes: WithRoutes = (routes, fetch) => (request, env, context) => {
  const route = routes[new URL(request.url).pathname];
  return route ?? fetch?.(request, env, context) ?? "none";
};

function find(exported: unknown, runtime = "bun") {
  return findApp({ default: exported }, {
    text: "app.ts",
    gateway: "auto",
    serving: { runtime, ...(runtime === "bun" && { withRoutes }) },
  });
}

async function answer(exported: unknown, runtime?: string) {
  const { call } = await find(exported, runtime);
  return await (call as (...args: unknown[]) => unknown)(
    request,
    "env",
    context,
  );
}

function fail(): never {
  throw new Error("oops");
}

options(
  "error answers for a fetch that fails, and lets others be",
  async () => {
    const error = (thrown: Error) => `sorry: ${thrown.message}`;
    assert.is(await answer({ error, fetch: fail }), "sorry: oops");
    const later = () => Promise.reject(new Error("later"));
    assert.is(await answer({ error, fetch: later }, "node"), "sorry: later");
    assert.is(await answer({ error, fetch: () => "fine" }), "fine");
  },
);

options("a failure stands where error answers nothing", async () => {
  for (const error of [() => {}, () => Promise.resolve(undefined)]) {
    const failed = answer({ error, fetch: fail });
    const why = await failed.then(String, (thrown: Error) => thrown.message);
    assert.is(why, "oops");
  }
});

options("middleware is called in its order, around fetch", async () => {
  const middleware = ["a", "b"].map(
    (name) => (_: Request, next: () => string) => `${name}(${next()})`,
  );
  const exported = {
    middleware,
    fetch: (...args: unknown[]) => args.slice(1).map(String).join(),
  };
  assert.is(await answer(exported, "deno"), "a(b(env,[object Object]))");
});

options("plugins change what their server has", async () => {
  const seen: unknown[] = [];
  const exported = {
    plugins: [(server: {
      options: { middleware: unknown[] };
      runtime: string;
    }) => {
      seen.push(server.runtime);
      server.options.middleware.push((_: Request, next: () => string) =>
        `plugged ${next()}`
      );
    }],
    fetch: () => "in",
  };
  assert.is(await answer(exported, "node"), "plugged in");
  assert.equal(seen, ["node"]);
  assert.is("middleware" in exported, false, "the export stays as it is");
});

options("a plugin has a server that answers", async () => {
  const answers: unknown[] = [];
  const exported = {
    plugins: [async (server: {
      fetch(request: Request): unknown;
      ready(): Promise<unknown>;
    }) => {
      answers.push(await server.fetch(request));
      answers.push(await server.ready() === server);
    }],
    middleware: [(_: Request, next: () => string) => `around ${next()}`],
    fetch: () => "in",
  };
  assert.is(await answer(exported), "around in");
  assert.equal(answers, ["around in", true]);
});

options("routes are served where the runtime has them", async () => {
  assert.is(await answer({ routes: { "/": "route" } }), "route");
  assert.is(await answer({ routes: {} }), "none");
  assert.is(await answer({ routes: {}, fetch: () => "rest" }), "rest");
  const refused = await answer({ routes: {} }, "node").then(
    String,
    (error: Error) => error.message,
  );
  assert.match(refused, "served on Bun alone, give --runtime bun");
});

options("what is not used is named with corn's word for it", async () => {
  const fetch = () => "x";
  assert.is((await find({ fetch, error: fail })).unused, undefined);
  const some = await find({ fetch, port: 3000, id: "a", development: false });
  assert.equal(some.unused, { text: "port (--bind), id", grave: false });
  const more = await find({ fetch, routes: {}, idleTimeout: 5 }, "node");
  assert.equal(more.unused, {
    text: "routes (--runtime bun), idleTimeout (--keep-alive)",
    grave: true,
  });
  assert.equal(
    unusedOfServer({ port: 1, tls: {}, id: "a", maxRequestBodySize: 9 }),
    { text: "maxRequestBodySize (--limit-request-body)", grave: true },
  );
});

options(
  "a server of srvx that does not listen has its error handler",
  async () => {
    class Server {
      readonly runtime = "bun";
      readonly options = {
        error: (thrown: Error) => `sorry: ${thrown.message}`,
      };
      readonly fetch = fail;
      serve(): void {}
    }
    assert.is(await answer(new Server()), "sorry: oops");
    const failed = answer(Object.assign(new Server(), { serve: undefined }));
    const why = await failed.then(String, (thrown: Error) => thrown.message);
    assert.is(why, "oops", "it is no server of srvx");
  },
);

options("an object of a class is no such export", async () => {
  class App {
    readonly port = 3000;
    fetch(): never {
      throw new Error("own");
    }
    error(): string {
      return "never";
    }
  }
  assert.is((await find(new App())).unused, undefined);
  const why = await answer(new App()).then(
    String,
    (error: Error) => error.message,
  );
  assert.is(why, "own");
});

options.run();

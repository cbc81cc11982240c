import { createServer } from "node:http";
import * as assert from "../../support/assert.ts";
import { suite } from "../../support/suite.ts";
import { findApp } from "../../../src/gateway/app/find-app.ts";
import type { ImportBeside } from "../../../src/gateway/app/find-sockets.ts";

const sockets = suite("findSockets");

const fetch = () => new Response();
const query = { text: "app.ts", gateway: "auto" } as const;

async function find(
  module: Readonly<Record<string, unknown>>,
  beside?: ImportBeside,
) {
  return (await findApp(module, query, beside)).sockets;
}

/** What an upgrade listener was called with. */
function listener() {
  const calls: unknown[][] = [];
  return { calls, run: (...args: unknown[]) => void calls.push(args) };
}

sockets("most apps have none", async () => {
  assert.is(await find({ default: { fetch } }), undefined);
  assert.is(
    await find({ default: { fetch, websocket: "no", upgrade: true } }),
    undefined,
  );
});

sockets("a framework's object that listens is no http.Server", async () => {
  const framework = {
    ...{ fetch, listening: false, requestTimeout: 0 },
    ...{ emit() {}, listen() {}, close() {} },
  };
  assert.is(await find({ default: framework }), undefined);
});

sockets("a websocket with a message handler is for Bun.serve", async () => {
  const websocket = { message() {}, idleTimeout: 30 };
  const found = { style: "bun", handlers: websocket };
  assert.equal(await find({ default: { fetch, websocket } }), found);
  assert.equal(await find({ default: { fetch }, websocket }), found);
  assert.equal(await find({ fetch, websocket }), found);
});

sockets("an upgrade is called as http.Server calls its listeners", async () => {
  const { calls, run } = listener();
  const found = await find({ default: { fetch }, upgrade: run });
  assert.is(found?.style, "node");
  if (found?.style === "node") found.upgrade(1, 2 as never, 3 as never);
  assert.equal(calls, [[1, 2, 3]]);
});

sockets("injectWebSocket adds its listener to a stand-in", async () => {
  const { calls, run } = listener();
  const found = await find({
    default: { fetch },
    injectWebSocket: (server: { on(name: string, run: unknown): void }) => {
      server.on("close", () => calls.push(["close"]));
      server.on("upgrade", run);
    },
  });
  if (found?.style === "node") found.upgrade(1, 2 as never, 3 as never);
  assert.equal(calls, [[1, 2, 3]]);
});

interface StandIn {
  on(name: string, run: unknown): StandIn;
  once: StandIn["on"];
  addListener: StandIn["on"];
  off(name: string, run: unknown): StandIn;
  listenerCount(name: string): number;
}

sockets(
  "the stand-in is as much of a server as libraries ask for",
  async () => {
    const { calls, run } = listener();
    const counts: number[] = [];
    const found = await find({
      default: { fetch },
      injectWebSocket(server: StandIn) {
        counts.push(server.listenerCount("upgrade"));
        server.on("upgrade", run).once("upgrade", run)
          .addListener("upgrade", run).off("close", run);
        counts.push(
          server.listenerCount("upgrade"),
          server.listenerCount("close"),
        );
      },
    });
    assert.equal(counts, [0, 3, 0]);
    if (found?.style === "node") await found.upgrade(1, 2 as never, 3 as never);
    assert.is(calls.length, 3);
  },
);

sockets("an upgrade lasts as long as what its listeners return", async () => {
  const error = new Error("no");
  const found = await find({
    default: { fetch },
    injectWebSocket: (server: StandIn) =>
      void server.on("upgrade", () => Promise.reject(error)),
  });
  if (found?.style !== "node") return assert.unreachable();
  const upgraded = found.upgrade(1, 2 as never, 3 as never);
  assert.is(await Promise.resolve(upgraded).catch((thrown) => thrown), error);
});

sockets(
  "a server that does not listen is an app by its listeners",
  async () => {
    const { calls, run } = listener();
    const server = createServer((...args) => void calls.push(args));
    const app = await findApp({ default: server }, query);
    assert.is(app.style, "node");
    app.call(1 as never, 2, undefined as never);
    const found = app.sockets;
    if (found?.style !== "node") return assert.unreachable();
    assert.is(found.takes?.(), false);
    server.on("upgrade", run);
    assert.is(found.takes?.(), true);
    found.upgrade(3, 4 as never, 5 as never);
    assert.equal(calls, [[1, 2], [3, 4, 5]]);
  },
);

sockets("a websocket server without one goes to the app's bridge", async () => {
  const { calls, run } = listener();
  const websocket = { server: { handleUpgrade() {} } };
  const given: Record<string, unknown>[] = [];
  const asked: string[] = [];
  const found = await find({ default: { fetch, websocket } }, (name) => {
    asked.push(name);
    return Promise.resolve({
      createAdaptorServer(
        options: { createServer(): { on(name: string, run: unknown): void } },
      ) {
        given.push({ ...options });
        options.createServer().on("upgrade", run);
      },
    });
  });
  assert.equal(asked, ["@hono/node-server"]);
  assert.is(given[0]?.websocket, websocket);
  assert.is(given[0]?.overrideGlobalObjects, false);
  const ask = given[0]?.fetch as () => unknown;
  assert.instance(ask(), Response, "it asks the app itself");
  if (found?.style === "node") found.upgrade(1, 2 as never, 3 as never);
  assert.equal(calls, [[1, 2, 3]]);
});

sockets("Elysia has its handlers in a module of its own", async () => {
  const message = () => {};
  const elysia = {
    server: null as unknown,
    config: { websocket: { idleTimeout: 7 } },
    fetch(this: { server: unknown }) {
      return this.server;
    },
    ...{ handle() {}, ws() {}, listen() {} },
  };
  const app = await findApp(
    { default: elysia },
    query,
    (name) =>
      Promise.resolve(
        name === "elysia/ws" ? { websocket: { message } } : undefined,
      ),
  );
  assert.equal(app.sockets, {
    style: "bun",
    handlers: { message, idleTimeout: 7 },
  });
  if (app.style !== "fetch") return assert.unreachable();
  const request = new Request("http://localhost");
  const call = (env: unknown) => app.call(request, env, undefined as never);
  assert.is(call({ incoming: 1 }), null, "on Node it has none");
  const server = { upgrade() {} };
  assert.is(call(server), server);
  const other = await find({ default: { ...elysia, server: null } });
  assert.is(other, undefined);
});

sockets("an app that only has a server of its own is no Elysia", async () => {
  const own = { server: null as unknown, fetch: () => own.server };
  const app = await findApp({ default: own }, query);
  if (app.style !== "fetch") return assert.unreachable();
  const request = new Request("http://localhost");
  const env = { upgrade() {} };
  assert.is(app.call(request, env, undefined as never), null);
});

sockets("a websocket server without a bridge is refused", async () => {
  const websocket = { server: { handleUpgrade() {} } };
  try {
    await find({ default: { fetch, websocket } });
    assert.unreachable();
  } catch (error) {
    assert.match(
      (error as Error).message,
      'Cannot serve the WebSockets of "app.ts": its "websocket.server" is for the package @hono/node-server',
    );
  }
});

sockets.run();

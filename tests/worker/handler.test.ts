import { Inflight } from "../../src/gateway/call/inflight.ts";
import { OpenSockets } from "../../src/gateway/sockets/open-sockets.ts";
import type { App } from "../../src/gateway/app/app.ts";
import { createHandler } from "../../src/worker/handler.ts";
import type { HandlerPlans } from "../../src/worker/handler.ts";
import { createHost } from "../../src/worker/observe/worker-host.ts";
import type { OwnHooks } from "../../src/worker/own-hooks.ts";
import * as assert from "../support/assert.ts";
import { FakeLink, FakeRuntime } from "../support/fake/runtime.ts";
import { suite } from "../support/suite.ts";
import { planOf } from "./boot.ts";

const handling = suite("createHandler()");

/** What calls an app that answers with the path and the body of a request. */
function start(
  given: Partial<HandlerPlans> = {},
  engine: "native" | "wire" = "native",
) {
  const runtime = new FakeRuntime();
  const link = new FakeLink();
  const { clock } = runtime;
  const inflight = new Inflight(() => clock.now());
  const happened: string[] = [];
  const app: App = {
    style: "fetch",
    async call(request: Request) {
      const { pathname } = new URL(request.url);
      if (pathname === "/fail") throw new Error("boom");
      if (pathname === "/socket.io/") return new Response("", { status: 400 });
      return new Response(`${pathname} ${await request.text()}`);
    },
  };
  const { limits, proxies, recycle, sockets } = planOf();
  const { handler } = createHandler(
    app,
    { limits, proxies, recycle, sockets, dev: false, ...given },
    {
      engine,
      host: createHost(runtime, link),
      hooks: {
        ...{ hooks: {}, worker: { log: {} }, limitMs: 0 },
        call: () => undefined,
      } as unknown as OwnHooks,
      inflight,
      openSockets: new OpenSockets({
        clock,
        random: () => 0.5,
        watcher: undefined,
      }),
      onBusy: () => void happened.push("busy"),
      onLimit: () => void happened.push("limit"),
    },
  );
  return {
    happened,
    inflight,
    lines: () => link.of<{ text: string }>("log").map(({ text }) => text),
    async ask(path: string, body = ""): Promise<string> {
      const answer = await handler.fetch(
        new Request(`http://localhost${path}`, {
          method: "POST",
          body,
          headers: { "content-length": String(body.length) },
        }),
        undefined,
      );
      return `${answer.status} ${await answer.text()}`;
    },
  };
}

handling("an app is asked what was asked for", async () => {
  const { ask, happened, inflight } = start();
  assert.is(await ask("/a", "body"), "200 /a body");
  assert.equal([happened, inflight.requests, inflight.open], [["busy"], 1, 0]);
});

handling("an app below a path is asked without it", async () => {
  const { proxies } = planOf({ proxies: { basePath: "/api" } });
  const { ask } = start({ proxies });
  assert.is(await ask("/api/a"), "200 /a ");
  assert.match(await ask("/other"), /^404 /);
});

handling("a body is limited here where the engine does not", async () => {
  const { limits } = planOf({ limits: { maxBody: 3 } });
  assert.match(await start({ limits }).ask("/a", "body"), /^413 /);
  assert.is(await start({ limits }).ask("/a", "bod"), "200 /a bod");
  assert.is(await start({ limits }, "wire").ask("/a", "body"), "200 /a body");
});

handling("the last request of a worker is told of", async () => {
  const { recycle } = planOf({ recycle: { maxRequests: 2 } });
  const { ask, happened } = start({ recycle });
  await ask("/a");
  assert.equal(happened, ["busy"]);
  await ask("/a");
  assert.ok(happened.includes("limit"));
});

handling("what an app fails with is for the log alone", async () => {
  const { ask, lines } = start();
  const answer = await ask("/fail");
  assert.match(answer, /^500 /);
  assert.not.match(answer, "boom");
  assert.match(lines().join("\n"), "Error: boom");
  const dev = await start({ dev: true }).ask("/fail");
  assert.match(dev, "boom");
});

handling("a library that polls and is refused is given advice", async () => {
  const { ask, lines } = start();
  await ask("/a?EIO=4&transport=polling&sid=abc");
  assert.equal(lines(), []);
  await ask("/socket.io/?EIO=4&transport=polling&sid=abc");
  assert.match(lines().join("\n"), "or run one worker");
});

handling.run();

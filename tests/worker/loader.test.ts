import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { AppError } from "../../src/base/errors.ts";
import type { AppPlan } from "../../src/gateway/app/app-plan.ts";
import { Capture } from "../../src/gateway/app/capture.ts";
import { loadApp } from "../../src/worker/loader.ts";
import { FakeRuntime, settle } from "../support/fake/runtime.ts";
import { FakeServer } from "../support/fake/server.ts";
import { planOf } from "./boot.ts";

const loader = suite("loader");

const URL = "file:///srv/app.ts";

/** Loads a module that is there at once, fails or comes later. */
function loading(
  module: Record<string, unknown> | Error | Promise<Record<string, unknown>>,
  app: Partial<AppPlan> = {},
) {
  const runtime = new FakeRuntime();
  if (!(module instanceof Promise)) runtime.modules.set(URL, module);
  else runtime.importModule = () => module;
  const said: string[] = [];
  const failures: unknown[] = [];
  const capture = new Capture({
    allowed: [],
    insists: app.gateway === "listen",
  });
  const loaded = loadApp({ ...planOf().app, ...app }, runtime, {
    capture,
    farewell: runtime.farewell,
    limitMs: 5000,
    say: (text) => said.push(text),
    onFailure: (error) => failures.push(error),
  });
  const refusal = loaded.then(
    () => "it was loaded",
    (error) => error as Error,
  );
  return { runtime, loaded, refusal, capture, said, failures };
}

loader("loadApp() finds the app in the module", async () => {
  const { loaded } = loading({ make: (x: number) => () => x }, {
    text: "app.ts:make(1)",
    exportName: "make",
    args: [1],
  });
  const { style, call, listens } = await loaded;
  assert.is(style, "fetch");
  assert.is((call as () => unknown)(), 1);
  assert.is(listens, undefined);
});

loader("loadApp() passes on why a module cannot be loaded", async () => {
  const cause = new SyntaxError("Unexpected token");
  const error = await loading(cause).refusal as Error;
  assert.instance(error, AppError);
  assert.is(error.message, 'Cannot load app "app.ts"');
  assert.is(error.cause, cause);
});

loader("loadApp() refuses a module that has nothing left to do", async () => {
  const { runtime, refusal, said } = loading({ default: 1 });
  await settle();
  assert.ok(runtime.farewell.awaited);
  runtime.farewell.idle();
  const { message } = await refusal as Error;
  assert.match(message, "default export is the number 1");
  assert.match(message, "; nor does it listen");
  assert.equal(said, []);
});

loader("loadApp() takes the server that a module listens with", async () => {
  const { loaded, capture } = loading({ onStop: () => {} });
  const server = new FakeServer(3000);
  assert.is(capture.onListen(server), "hold");
  const app = await loaded;
  assert.is(app.listens, server);
  assert.is(app.style, "fetch");
  assert.type(app.onStop, "function");
});

loader("loadApp() waits for a server while there is work", async () => {
  const { runtime, loaded, capture, said } = loading({});
  await settle();
  runtime.clock.pass(999);
  assert.equal(said, []);
  runtime.clock.pass(1);
  assert.match(
    said[0] ?? "",
    /^Waiting for the app to listen: .*it exports nothing/,
  );
  capture.onListen(new FakeServer(3000));
  assert.is((await loaded).listens?.port, 3000);
  assert.not.ok(runtime.farewell.awaited, "nobody waits any more");
});

loader("loadApp() does not wait for ever", async () => {
  const { runtime, refusal } = loading({});
  await settle();
  runtime.clock.pass(4999);
  await settle();
  assert.ok(runtime.farewell.awaited);
  runtime.clock.pass(1);
  assert.match((await refusal as Error).message, "nor does it listen");
  assert.not.ok(runtime.farewell.awaited);
});

loader(
  "loadApp() names a server at a free port and how to serve it",
  async () => {
    const { runtime, refusal, capture, said } = loading({});
    await settle();
    capture.onListen(new FakeServer(0));
    runtime.clock.pass(1000);
    assert.match(
      said[0] ?? "",
      /^Waiting for the app to listen: .*it exports nothing/,
    );
    runtime.clock.pass(4000);
    assert.match(
      (await refusal as Error).message,
      "; its server at a free port is its own (--gateway listen takes it)",
    );
  },
);

loader("loadApp() does not wait where an export was asked for", async () => {
  const { refusal } = loading({}, { exportName: "app" });
  assert.match((await refusal as Error).message, 'Cannot find "app"');
});

loader("loadApp() serves a module that waits until it listens", async () => {
  let end: (error: Error) => void = () => {};
  const module = new Promise<Record<string, unknown>>((_, reject) => {
    end = reject;
  });
  const { runtime, loaded, capture, failures } = loading(module);
  const server = new FakeServer(3000);
  capture.onListen(server);
  await settle();
  runtime.clock.pass(49);
  let isLoaded = false;
  void loaded.then(() => isLoaded = true);
  await settle();
  assert.not(isLoaded, "its exports count where they come");
  runtime.clock.pass(1);
  assert.is((await loaded).listens, server);
  const failure = new Error("after it listened");
  end(failure);
  await settle();
  assert.is((failures[0] as Error).cause, failure);
});

loader("loadApp() serves an export before a server", async () => {
  const { loaded, capture } = loading({ default: () => "export" });
  const server = new FakeServer(3000);
  capture.onListen(server);
  const app = await loaded;
  assert.is((app.call as () => unknown)(), "export");
  assert.is(app.listens, server);
  assert.ok(capture.isBeside);
});

loader("loadApp() serves the server where that is asked for", async () => {
  const { loaded, capture } = loading({ default: () => "export" }, {
    gateway: "listen",
  });
  capture.onListen(new FakeServer(0));
  const app = await loaded;
  const answer = (app.call as () => Response)();
  assert.is(await answer.text(), "own");
});

loader("loadApp() refuses a server that speaks no HTTP/1.1", async () => {
  const { refusal, capture } = loading({}, { gateway: "listen" });
  assert.instance(
    capture.onListen(new FakeServer(1883, { http: false })),
    Error,
  );
  assert.is(capture.server, undefined);
  await settle();
  capture.onListen(new FakeServer(3000));
  assert.is(await refusal, "it was loaded");
});

loader.run();

import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { AppError } from "../../src/base/errors.ts";
import { loadApp } from "../../src/worker/loader.ts";
import { FakeRuntime } from "../support/fake/runtime.ts";
import { planOf } from "./boot.ts";

const loader = suite("loader");

const URL = "file:///srv/app.ts";

loader("loadApp() finds the app in the module", async () => {
  const runtime = new FakeRuntime();
  runtime.modules.set(URL, { make: (x: number) => () => x });
  const app = { text: "app.ts:make(1)", url: URL, exportName: "make" };
  const { style, call } = await loadApp(
    { ...app, args: [1], gateway: "auto" },
    runtime,
  );
  assert.is(style, "fetch");
  assert.is((call as () => unknown)(), 1);
});

loader("loadApp() passes on why a module cannot be loaded", async () => {
  const runtime = new FakeRuntime();
  const cause = new SyntaxError("Unexpected token");
  runtime.modules.set(URL, cause);
  try {
    await loadApp(planOf().app, runtime);
    assert.unreachable();
  } catch (error) {
    assert.instance(error, AppError);
    assert.is((error as Error).message, 'Cannot load app "app.ts"');
    assert.is((error as Error).cause, cause);
  }
});

loader("loadApp() refuses a module that holds no app", async () => {
  const runtime = new FakeRuntime();
  runtime.modules.set(URL, { default: 1 });
  try {
    await loadApp(planOf().app, runtime);
    assert.unreachable();
  } catch (error) {
    assert.match((error as Error).message, "default export is the number 1");
  }
});

loader.run();

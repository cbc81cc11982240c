import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import type { HttpEngine } from "../../src/runtime/runtime.ts";
import type { RequestHandler } from "../../src/runtime/runtime.ts";
import {
  createEngine,
  engineFor,
  prepareFor,
  servesDescriptors,
} from "../../src/worker/engine.ts";
import { FakeRuntime } from "../support/fake-runtime.ts";
import { bootOf } from "./boot.ts";

const engine = suite("worker engine");

const handlerOf = (style: RequestHandler["style"]): RequestHandler => ({
  style,
  fetch: () => new Response("x"),
  node() {},
});

const optionsOf = (style: RequestHandler["style"]) => ({
  handler: handlerOf(style),
  report() {},
  observer: undefined,
});

engine("createEngine() makes the one that was chosen", async () => {
  const runtime = new FakeRuntime();
  const native = await createEngine(bootOf(), runtime, optionsOf("fetch"));
  assert.is(native.name, "fake");
  const boot = bootOf({ http: "wire" });
  const wire = await createEngine(boot, runtime, optionsOf("fetch"));
  assert.is(wire.name, "wire");
  assert.is(runtime.engines.length, 1);
});

engine("createEngine() refuses a Node listener for wire", async () => {
  try {
    const boot = bootOf({ http: "wire" });
    await createEngine(boot, new FakeRuntime(), optionsOf("node"));
    assert.unreachable("it was made");
  } catch (error) {
    assert.match(
      (error as Error).message,
      /Cannot serve "app\.ts" .*\(req, res\)/,
    );
  }
});

engine("prepareFor() changes what an app finds for wire only", async () => {
  const runtime = new FakeRuntime();
  await prepareFor(bootOf(), runtime, false);
  assert.is(runtime.globals.Response, Response);
  await prepareFor(bootOf({ http: "wire" }), runtime, false);
  assert.is.not(runtime.globals.Response, Response);
  assert.ok(new runtime.globals.Response() instanceof Response);
});

engine(
  "prepareFor() leaves the Response to the runtime where asked",
  async () => {
    const runtime = new FakeRuntime();
    const boot = bootOf({ http: "wire", lightResponse: false });
    await prepareFor(boot, runtime, false);
    assert.is(runtime.globals.Response, Response);
    assert.is(runtime.globals.Headers, Headers);
    assert.is.not(runtime.globals.Request, Request);
  },
);

engine("engineFor() takes what is faster where auto leaves it open", () => {
  for (const name of ["node", "bun", "deno"] as const) {
    for (const style of ["fetch", "node"] as const) {
      const own = name === "node" && style === "fetch" ? "wire" : "native";
      const runtime = { name, servesDescriptors: () => true };
      const choose = (http: HttpEngine) =>
        engineFor(bootOf({ http }), runtime, style);
      assert.is(choose("auto"), own);
      assert.is(choose("native"), "native");
      assert.is(choose("wire"), "wire");
    }
  }
});

engine("engineFor() takes wire where native cannot use the sockets", () => {
  const runtime = { name: "deno", servesDescriptors: () => false } as const;
  const boot = bootOf({ http: "auto" });
  assert.is(engineFor(boot, runtime, "fetch"), "wire");
  assert.is(engineFor(boot, runtime, "node"), "native");
  const [listener] = boot.listeners;
  const without = { ...boot, listeners: [{ ...listener!, descriptors: [] }] };
  assert.is(engineFor(without, runtime, "fetch"), "native");
});

engine("servesDescriptors() is the chosen engine's answer", () => {
  const runtime = new FakeRuntime();
  runtime.holdsListeners = false;
  assert.is(servesDescriptors(bootOf(), runtime, "fetch"), false);
  const boot = bootOf({ http: "wire" });
  assert.is(servesDescriptors(boot, runtime, "fetch"), true);
});

engine.run();

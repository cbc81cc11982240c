import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import type { HttpEngine } from "../../src/runtime/runtime.ts";
import type { RequestHandler } from "../../src/runtime/runtime.ts";
import {
  createEngine,
  demandEngine,
  engineFor,
  loadEngines,
  prepareFor,
  servesDescriptors,
} from "../../src/worker/engine.ts";
import type { Choice } from "../../src/worker/engine.ts";
import type { HttpPlan } from "../../src/http/engine/http-plan.ts";
import { isStream, sizeOf } from "../../src/gateway/observe/sized-response.ts";
import { asyncClass } from "../../src/worker/classes/async.ts";
import { loadWorkerClass } from "../../src/worker/classes/load.ts";
import { syncClass } from "../../src/worker/classes/sync.ts";
import { FakeRuntime } from "../support/fake/runtime.ts";
import { bootOf } from "./boot.ts";

const engine = suite("worker engine");

const handlerOf = (style: RequestHandler["style"]): RequestHandler => ({
  style,
  fetch: () => new Response("x"),
  node() {},
});

/** A choice as a boot message has it. */
function choiceOf(
  engine: HttpEngine,
  http: Partial<HttpPlan> = {},
  workerClass = asyncClass,
): Choice {
  const { plan, listeners } = bootOf({ plan: { http: { engine, ...http } } });
  return { workerClass, http: plan.http, listeners };
}

type Use = Parameters<typeof createEngine>[2];

const optionsOf = (style: RequestHandler["style"]) => ({
  text: "app.ts",
  handler: handlerOf(style),
  report() {},
  observer: undefined,
});

engine("engineFor() takes wire where an address speaks TLS", () => {
  const listeners = choiceOf("auto").listeners.map((one) => ({
    ...one,
    secure: true as const,
  }));
  for (const workerClass of [asyncClass, syncClass]) {
    for (const name of ["node", "bun", "deno"] as const) {
      const runtime = { name, servesDescriptors: () => true } as const;
      const choice = { ...choiceOf("auto", {}, workerClass), listeners };
      assert.is(engineFor(choice, runtime, "fetch"), "wire");
    }
  }
});

engine("demandEngine() refuses what cannot be served by TLS", () => {
  const listeners = choiceOf("auto").listeners.map((one) => ({
    ...one,
    secure: true as const,
  }));
  const demand = (http: HttpEngine, style: RequestHandler["style"]) => {
    const runtime = new FakeRuntime();
    Object.assign(runtime, { name: "deno" });
    demandEngine({ ...choiceOf(http), listeners }, runtime, {
      style,
      text: "app.ts",
    });
  };
  assert.throws(() => demand("native", "fetch"), /leave out --http native$/);
  assert.throws(() => demand("auto", "node"), /it is a Node listener/);
});

engine("createEngine() makes the one that was chosen", async () => {
  const runtime = new FakeRuntime();
  const native = await createEngine(
    choiceOf("native"),
    runtime,
    optionsOf("fetch"),
  );
  assert.is(native.name, "fake");
  const choice = choiceOf("wire");
  const wire = await createEngine(choice, runtime, optionsOf("fetch"));
  assert.is(wire.name, "wire");
  assert.is(runtime.engines.length, 1);
});

engine(
  "engineFor() takes what is instrumented, unless wire is asked for",
  () => {
    const runtime = { name: "node", servesDescriptors: () => true } as const;
    const of = (engine: HttpEngine, instrumented: boolean) =>
      engineFor({ ...choiceOf(engine), instrumented }, runtime, "fetch");
    assert.is(of("auto", false), "wire");
    assert.is(of("auto", true), "native");
    assert.is(of("wire", true), "wire");
  },
);

engine("createEngine() refuses a Node listener for wire", async () => {
  try {
    const choice = choiceOf("wire");
    await createEngine(choice, new FakeRuntime(), optionsOf("node"));
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
  await prepareFor(choiceOf("native"), runtime, false);
  assert.is(runtime.globals.Response, Response);
  await prepareFor(choiceOf("wire"), runtime, false);
  assert.is.not(runtime.globals.Response, Response);
  assert.ok(new runtime.globals.Response() instanceof Response);
});

engine(
  "prepareFor() leaves the Response to the runtime where asked",
  async () => {
    const runtime = new FakeRuntime();
    const choice = choiceOf("wire", { lightResponse: false });
    await prepareFor(choice, runtime, false);
    assert.is(runtime.globals.Response, Response);
    assert.is(runtime.globals.Headers, Headers);
    assert.is.not(runtime.globals.Request, Request);
  },
);

engine(
  "prepareFor() lets light responses stand for a server's own that says so",
  async () => {
    let own = <T>(answer: T): T | Response => answer;
    const prepared = async (
      http: Partial<HttpPlan> = {},
      observed: boolean = false,
    ) => {
      const runtime = new FakeRuntime();
      const native = await runtime.loadNative();
      Object.assign(runtime, {
        loadNative: () =>
          Promise.resolve({
            ...native,
            answerBy: (make: typeof own) => own = make,
          }),
      });
      await prepareFor(choiceOf("native", http), runtime, observed);
      return runtime.globals;
    };
    const Native = Response;
    const { Response: Plain } = await prepared({ lightResponse: false });
    assert.is(Plain, Native);
    const globals = await prepared();
    const light = new globals.Response("Hello");
    assert.ok(light instanceof Native);
    assert.is.not(Object.getPrototypeOf(light), Native.prototype);
    const answer = own(light);
    assert.is(Object.getPrototypeOf(answer), Native.prototype);
    assert.is(await answer.text(), "Hello");
    assert.is(own(answer), answer);

    // Then they have a size.
    const { Response: Light } = await prepared({}, true);
    const sizedBytes = (body: BodyInit) =>
      sizeOf(own(new Light(body)), (text) => text.length);
    assert.is(sizedBytes("Hello"), 5);
    assert.is(sizedBytes(new Uint8Array(7)), 7);
    assert.is(sizedBytes(new Blob(["123"])), 3);
    const stream = own(new Light(new ReadableStream()));
    assert.ok(isStream(stream));
  },
);

engine("engineFor() takes what is faster where auto leaves it open", () => {
  for (const name of ["node", "bun", "deno"] as const) {
    for (const style of ["fetch", "node"] as const) {
      const own = name === "node" && style === "fetch" ? "wire" : "native";
      const runtime = { name, servesDescriptors: () => true };
      const choose = (engine: HttpEngine) =>
        engineFor(choiceOf(engine), runtime, style);
      assert.is(choose("auto"), own);
      assert.is(choose("native"), "native");
      assert.is(choose("wire"), "wire");
    }
  }
});

engine("engineFor() takes for sync what can rest", async () => {
  for (const name of ["node", "bun", "deno"] as const) {
    const runtime = { name, servesDescriptors: () => true };
    const of = (engine: HttpEngine, style: "fetch" | "node") =>
      engineFor(choiceOf(engine, {}, syncClass), runtime, style);
    assert.is(of("auto", "fetch"), "wire");
    assert.is(of("auto", "node"), "native");
  }
  for (
    const [name, style, why] of [
      ["bun", "node", /by sync workers: .*\(req, res\).* --runtime node/],
      ["deno", "fetch", /by sync workers: the native engine of deno .*--http/],
    ] as const
  ) {
    const runtime = Object.assign(new FakeRuntime(), { name });
    const choice = choiceOf("native", {}, syncClass);
    try {
      await createEngine(choice, runtime, optionsOf(style));
      assert.unreachable("it was made");
    } catch (error) {
      assert.match((error as Error).message, why);
    }
  }
  const made = await createEngine(
    choiceOf("native", {}, syncClass),
    Object.assign(new FakeRuntime(), { name: "node" }),
    optionsOf("node"),
  );
  assert.is(made.name, "fake");
});

engine("engineFor() takes wire where native cannot use the sockets", () => {
  const runtime = { name: "deno", servesDescriptors: () => false } as const;
  const choice = choiceOf("auto");
  assert.is(engineFor(choice, runtime, "fetch"), "wire");
  assert.is(engineFor(choice, runtime, "node"), "native");
  const [listener] = choice.listeners;
  const without = { ...choice, listeners: [{ ...listener!, descriptors: [] }] };
  assert.is(engineFor(without, runtime, "fetch"), "native");
  // One address of several is enough, of those and of ones that speak TLS.
  const [plain] = without.listeners;
  const secure = { ...plain!, secure: true as const };
  for (const other of [listener!, secure]) {
    const both = { ...choice, listeners: [plain!, other] };
    assert.is(engineFor(both, runtime, "fetch"), "wire");
  }
});

engine("loadWorkerClass() finds each by its name", async () => {
  for (const name of ["async", "sync", "thread"] as const) {
    const found = await loadWorkerClass(name);
    assert.is(found.name, name);
    assert.is(found.createPlace !== undefined, name === "sync");
  }
});

engine("servesDescriptors() is the chosen engine's answer", () => {
  const runtime = new FakeRuntime();
  runtime.holdsListeners = false;
  assert.is(servesDescriptors(choiceOf("native"), runtime, "fetch"), false);
  const choice = choiceOf("wire");
  assert.is(servesDescriptors(choice, runtime, "fetch"), true);
});

/** A machine that counts what is loaded on it. */
function counting() {
  const runtime = new FakeRuntime();
  const loaded: string[] = [];
  const { loadNative, loadTransport } = runtime;
  runtime.loadNative = () => {
    loaded.push("native");
    return loadNative.call(runtime);
  };
  runtime.loadTransport = async () => {
    loaded.push("wire");
    const transport = await loadTransport.call(runtime);
    return {
      ...transport,
      prepareTls() {
        loaded.push("tls");
        return Promise.resolve();
      },
    };
  };
  return { runtime, loaded };
}

engine("loadEngines() loads what any app may need, and no more", async () => {
  const loadedFor = async (http: HttpEngine, secure = false) => {
    const { runtime, loaded } = counting();
    const choice = choiceOf(http);
    const listeners = choice.listeners.map((one) => ({
      ...one,
      ...secure && { secure: true as const },
    }));
    await loadEngines({ ...choice, listeners }, runtime, true);
    return loaded;
  };
  assert.equal(await loadedFor("native"), ["native"]);
  assert.equal(await loadedFor("wire"), ["wire"]);
  assert.equal(await loadedFor("wire", true), ["wire", "tls"]);
  assert.equal(await loadedFor("auto"), ["native", "wire"]);
});

engine("createEngine() hands the native engine what it is to use", async () => {
  const runtime = new FakeRuntime();
  const onEnd = () => {};
  const given = {
    ...optionsOf("fetch"),
    onEnd,
    place: {} as Use["place"],
    sockets: {} as Use["sockets"],
    tls: { cert: "c" } as Use["tls"],
  };
  await createEngine(choiceOf("native"), runtime, given);
  await createEngine(choiceOf("native"), runtime, optionsOf("fetch"));
  const [all, none] = runtime.engines.map(({ options }) => options);
  for (const name of ["onEnd", "place", "sockets", "tls"] as const) {
    assert.is(all?.[name], given[name], name);
    assert.not(Object.hasOwn(none ?? {}, name), name);
  }
  const { limits } = choiceOf("native").http;
  assert.is(all?.handshakeMs, limits.headerMs);
  assert.is(all?.keepAliveMs, 5000);
});

engine("createEngine() refuses to choose ciphers on deno", async () => {
  const runtime = new FakeRuntime();
  const made = (name: string) => {
    Object.assign(runtime, { name });
    return createEngine(choiceOf("native"), runtime, {
      ...optionsOf("fetch"),
      tls: { ciphers: "HIGH" } as Use["tls"],
    }).then(() => "", ({ message }) => message);
  };
  assert.match(await made("deno"), "Cannot choose ciphers on deno");
  assert.is(await made("node"), "");
});

engine("prepareFor() prepares the runtime's own server", async () => {
  const runtime = new FakeRuntime();
  let installed = 0;
  const native = await runtime.loadNative();
  runtime.loadNative = () =>
    Promise.resolve({
      ...native,
      installWebGlobals() {
        installed++;
        return Promise.resolve();
      },
    });
  await prepareFor(choiceOf("native"), runtime, false);
  assert.is(installed, 1);
});

engine(
  "prepareFor() prepares the transport for servers of the app's",
  async () => {
    const runtime = new FakeRuntime();
    const globals = { ...runtime.globals };
    Object.assign(runtime, { globals });
    const transport = await runtime.loadTransport();
    let prepared = 0;
    runtime.loadTransport = () =>
      Promise.resolve({ ...transport, prepare: () => void prepared++ });
    await prepareFor(choiceOf("wire"), runtime, false);
    assert.is(prepared, 1);
  },
);

engine.run();

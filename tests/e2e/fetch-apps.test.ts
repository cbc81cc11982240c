/** Fetch apps as they are written for other servers, with each engine. */
import * as assert from "../support/assert.ts";
import { curl, get } from "../support/client/curl.ts";
import { runtimeName } from "../support/process/command.ts";
import { promises } from "../support/promise.ts";

const apps = promises("fetch apps");

const APP = `
  const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const tell = (request) => Response.json({
    ip: request.ip,
    runtime: request.runtime.name,
    bun: typeof request.runtime.bun?.server?.requestIP,
    copy: new Request(request).ip ?? null,
    path: new URL(request.url).pathname,
  });
  export default {
    port: 3000,
    idleTimeout: 20,
    maxRequestBodySize: 1000,
    routes: { "/users/:id": (request) => new Response("user " + request.params.id) },
    error: (error) => new Response("sorry: " + error.message, { status: 503 }),
    middleware: [async (request, next) => {
      const response = await next();
      response.headers.set("x-middleware", "1");
      return response;
    }],
    async fetch(request) {
      const { pathname } = new URL(request.url);
      if (pathname === "/fail") throw new Error("oops");
      if (pathname === "/own") {
        request.ip = "mine";
        return new Response(request.ip);
      }
      if (pathname === "/held") {
        request.waitUntil(later(300).then(() => console.log("held to the end")));
      }
      await later(1);
      return tell(request);
    },
  };
`;

for (const engine of ["native", "wire"]) {
  apps(`members of request and export work on ${engine}`, async (lab) => {
    const app = lab.write("app.mjs", APP);
    const args = ["-w", "1", "--http", engine];
    const server = await lab.start({ app, args });
    const { url } = server;
    const told = await curl(`${url}/`, "-H", "X-Forwarded-For: 192.0.2.9");
    assert.equal(JSON.parse(told.body), {
      ip: "192.0.2.9",
      runtime: runtimeName,
      bun: runtimeName === "bun" ? "function" : "undefined",
      copy: null,
      path: "/",
    });
    assert.match(told.head, /x-middleware: 1/i);
    assert.is(JSON.parse(await get(url)).ip, "127.0.0.1");
    assert.is(await get(`${url}/own`), "mine");
    const failed = await curl(`${url}/fail`);
    assert.equal([failed.status, failed.body], [503, "sorry: oops"]);
    const user = await get(`${url}/users/7`);
    if (runtimeName === "bun") assert.is(user, "user 7");
    else assert.is(JSON.parse(user).path, "/users/7");
    const routes = runtimeName === "bun" ? "" : "routes (--runtime bun), ";
    assert.match(
      server.log(),
      `of what it gives its server corn does not use ${routes}port (--bind), idleTimeout (--keep-alive), maxRequestBodySize (--limit-request-body)`,
    );
    await get(`${url}/held`);
    assert.is((await server.stop()).code, 0);
    assert.match(server.log() + server.output(), "held to the end");
  });
}

/** As zone.js, bluebird and what makes JSON legible for developers do. */
const TAMPERING = `
  const Plain = Promise;
  class Zone {
    constructor(run) { this.plain = new Plain(run); }
    then(run, fail) { return new Zone((resolve) => resolve(this.plain.then(run, fail))); }
    catch(fail) { return this.then(undefined, fail); }
    finally(run) { return new Zone((resolve) => resolve(this.plain.finally(run))); }
    static resolve(value) { return new Zone((resolve) => resolve(value)); }
    static reject(error) { return new Zone((_, reject) => reject(error)); }
    static all(list) { return Zone.resolve(Plain.all(list)); }
    static race(list) { return Zone.resolve(Plain.race(list)); }
  }
  globalThis.Promise = Zone;
  const { stringify } = JSON;
  JSON.stringify = (value) => stringify(value, null, 2);
  Object.prototype.toJSON = () => "spoilt";
  const nothing = () => 0;
  const timers = ["setTimeout", "setInterval", "setImmediate", "queueMicrotask"];
  for (const name of timers) globalThis[name] = nothing;
  performance.now = nothing;
  process.hrtime = Object.assign(() => [0, 0], { bigint: () => 0n });
  globalThis.Date = class extends Date {
    constructor() { super(0); }
    static now() { return 0; }
  };
  process.exit = nothing;
  process.removeAllListeners();
  process.on("exit", () => {
    throw new Error("thrown at the end");
  });
  function stream() {
    let left = 320;
    const pull = (controller) => {
      if (left-- === 0) return controller.close();
      controller.enqueue(new Uint8Array(64 * 1024).fill(97));
    };
    return new ReadableStream({ pull });
  }
  export default {
    async fetch(request) {
      const { pathname } = new URL(request.url);
      if (pathname === "/never") return new Plain(() => {});
      if (pathname === "/stream") return new Response(stream());
      if (pathname === "/zone") return Zone.resolve(new Response("zone"));
      if (pathname === "/blob") return new Response(new Blob(["blob"]));
      return new Response(await request.text());
    },
  };
`;

for (const engine of ["native", "wire"]) {
  apps(
    `an app that puts others in the place of what corn uses is served on ${engine}`,
    async (lab) => {
      const app = lab.write("app.mjs", TAMPERING);
      const limits = ["--request-timeout", "1", "--graceful-timeout", "5"];
      const args = ["-w", "1", "--worker-connections", "1", "--http", engine];
      const server = await lab.start({ app, args: [...args, ...limits] });
      const { url } = server;
      const asked = [
        get(`${url}/zone`),
        get(`${url}/blob`),
        get(`${url}/text`, "-d", "sent"),
      ];
      assert.equal(await Promise.all(asked), [
        "zone",
        "blob",
        "sent",
      ]);
      assert.is((await get(`${url}/stream`)).length, 320 * 64 * 1024);
      const never = await curl(`${url}/never`, "--max-time", "5");
      assert.is(never.status, 504);
      assert.is((await server.stop()).code, 0);
      assert.not.match(server.log(), /WARNING|graceful timeout/);
    },
  );
}

apps.run();

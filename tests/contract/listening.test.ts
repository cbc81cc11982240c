/** Servers of the app's own are asked about before they listen. */
import cluster from "node:cluster";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { rmSync } from "node:fs";
import { connect, createServer as createNetServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import * as assert from "../support/assert.ts";
import { runtime, serveEngine } from "../support/engine/engine.ts";
import { skip, suite } from "../support/suite.ts";
import { until } from "../support/wait.ts";
import type {
  ListeningServer,
  ListenVerdict,
} from "../../src/runtime/runtime.ts";

const listening = suite(`a server of the app's on ${runtime.name}`);

const PORT = 4321;
let verdict: ListenVerdict = "hold";
let asked: ListeningServer[] = [];
let closed: ListeningServer[] = [];

runtime.watchServers({
  address: { kind: "tcp", host: "127.0.0.1", port: PORT },
  onListen(server) {
    asked.push(server);
    return verdict;
  },
  onClose: (server) => void closed.push(server),
});

listening.before.each(() => {
  verdict = "hold";
  asked = [];
  closed = [];
});

const globals = globalThis as unknown as {
  Bun?: {
    serve(options: Record<string, unknown>): {
      port: number;
      url: URL;
      hostname: string;
      stop(force?: boolean): Promise<void>;
      requestIP(request: Request): unknown;
      reload(options: Record<string, unknown>): void;
    };
  };
  Deno?: {
    serve(...args: unknown[]): {
      addr: Record<string, unknown>;
      finished: Promise<void>;
      shutdown(): Promise<void>;
    };
  };
};

function only(): ListeningServer {
  assert.is(asked.length, 1);
  return asked[0] as ListeningServer;
}

listening("an http.Server that is held listens when it is told", async () => {
  const server = createHttpServer(() => {});
  let called = 0;
  assert.is(server.listen(3000, () => called++), server);
  const held = only();
  assert.equal([held.port, held.asked, held.secure], [
    3000,
    "port 3000",
    false,
  ]);
  assert.equal([server.listening, server.address(), called], [false, null, 0]);
  held.serve();
  await Promise.resolve();
  assert.equal([server.listening, called], [true, 1]);
  assert.equal(server.address(), {
    address: "127.0.0.1",
    family: "IPv4",
    port: PORT,
  });
});

listening("one of node:https is known to want TLS", () => {
  createHttpsServer(() => {}).listen(3000);
  assert.ok(only().secure);
});

listening("its requests go to whoever listens to them", () => {
  const server = createHttpServer();
  server.listen(3000);
  const requests: unknown[] = [];
  server.on("request", (...args) => requests.push(...args));
  const { app } = only();
  assert.is(app?.style, "node");
  if (app?.style !== "node") return;
  assert.is(app.server, server);
  app.call("incoming", "outgoing");
  assert.equal(requests, ["incoming", "outgoing"]);
});

listening("it closes when its last connection has ended", async () => {
  const server = createHttpServer(() => {});
  server.listen({ port: 3000 });
  const held = only();
  held.serve();
  const calls: string[] = [];
  server.close(() => calls.push("callback"));
  server.on("close", () => calls.push("close"));
  assert.equal(closed, [held]);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(calls, []);
  held.end();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(calls, ["callback", "close"]);
  assert.not.ok(server.listening);
  let again: Error | undefined;
  server.close((error) => again = error);
  await new Promise((resolve) => setImmediate(resolve));
  assert.is(
    (again as { code?: string } | undefined)?.code,
    "ERR_SERVER_NOT_RUNNING",
  );
});

listening("a signal closes it", () => {
  const server = createHttpServer(() => {});
  const abort = new AbortController();
  server.listen({ port: 3000, signal: abort.signal });
  only().serve();
  abort.abort();
  assert.equal(closed, asked);
});

listening("a signal that is aborted already closes it as well", async () => {
  const server = createHttpServer(() => {});
  server.listen({ port: 3000, signal: AbortSignal.abort() });
  only().serve();
  assert.equal(closed, []);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(closed, asked);
});

listening("a signal closes no server that corn lets listen", async () => {
  const server = createHttpServer(() => {});
  const abort = new AbortController();
  const signal = abort.signal;
  server.listen({ port: 0, host: "127.0.0.1", signal });
  only().release();
  await until("it to listen", () => server.listening);
  const gone = once(server, "close");
  abort.abort();
  await gone;
  assert.equal(closed, []);
});

listening("what listen() is asked for is read as node:net reads it", () => {
  const path = join(tmpdir(), "corn-never-opened.sock");
  const cases: readonly [unknown[], number | undefined, string][] = [
    [[3000, "127.0.0.1"], 3000, "port 3000"],
    [["3000"], 3000, "port 3000"],
    [[{ port: "3000", host: "::" }], 3000, "port 3000"],
    [[], 0, "port 0"],
    [[undefined, () => {}], 0, "port 0"],
    [[() => {}], 0, "port 0"],
    [[path], undefined, path],
    [[{ path }], undefined, path],
    [[{ fd: 7 }], undefined, "a descriptor or handle"],
  ];
  for (const [args, port, text] of cases) {
    asked = [];
    const server = createHttpServer(() => {});
    (server.listen as (...args: unknown[]) => unknown)(...args);
    assert.equal([only().port, only().asked], [port, text]);
  }
});

listening(
  "a port that is undefined is known from one that is not given",
  () => {
    const asking = (options: object) => {
      asked = [];
      createHttpServer(() => {}).listen(options);
      return only();
    };
    // The address of a server at a path has no port.
    const { port } = "/run/app.sock" as { port?: number };
    assert.ok(asking({ host: "127.0.0.1", port }).portless);
    assert.not.ok(asking({ host: "127.0.0.1", port: 0 }).portless);
    assert.not.ok(asking({ path: "/run/app.sock", port }).portless);
    assert.not.ok(asking({ fd: 3, port }).portless);
  },
);

listening("one that is refused says so by its event", async () => {
  verdict = new Error("Cannot listen");
  const server = createHttpServer(() => {});
  server.listen(3000);
  assert.equal(await once(server, "error"), [verdict]);
});

listening("one that is let listens, at once or later", async () => {
  for (const late of [false, true]) {
    asked = [];
    verdict = late ? "hold" : "let";
    const server = createHttpServer(() => {});
    let called = 0;
    server.listen(0, "127.0.0.1", () => called++);
    if (late) only().release();
    await until("its callback", () => called > 0);
    const { port } = server.address() as { port: number };
    assert.ok(port > 0 && port !== PORT);
    const gone = once(server, "close");
    server.close();
    await gone;
    assert.is(called, 1, "it was called once");
    assert.is(asked.length, 1, "what it is made of asks for nothing");
    assert.equal(closed, []);
  }
});

listening("a net.Server has no requests", () => {
  const server = createNetServer(() => {});
  server.listen(1883);
  assert.is(only().app, undefined);
});

listening("fork() of node:cluster is refused by name", () => {
  assert.throws(
    () => cluster.fork(),
    /Cannot fork by node:cluster in a worker/,
  );
});

listening("corn's own servers are not asked about", async () => {
  for (const style of ["fetch", "node"] as const) {
    await using served = await serveEngine({
      source: "address",
      ...(style === "fetch" ? { fetch: () => new Response("own") } : {
        node: (_: unknown, outgoing: unknown) =>
          void (outgoing as { end(text: string): void }).end("own"),
      }),
    });
    assert.equal(asked, []);
    assert.is(served.address.kind, "tcp");
  }
});

listening(
  "Bun.serve() gives a server that says where corn serves",
  async () => {
    const { Bun } = globals;
    if (Bun === undefined) return skip("there is no Bun.serve");
    const options = { port: 3000, fetch: () => new Response("one") };
    const server = Bun.serve(options);
    const held = only();
    assert.equal([held.port, held.asked], [3000, "port 3000"]);
    assert.equal([server.port, server.hostname], [PORT, "127.0.0.1"]);
    assert.is(server.url.href, `http://127.0.0.1:${PORT}/`);
    const { app } = held;
    if (app?.style !== "fetch") return assert.unreachable();
    const request = new Request("http://localhost/");
    assert.is(server.requestIP(request), null);
    const live = { requestIP: (asked: Request) => asked === request && "live" };
    const answer = await app.call(request, live);
    assert.is(await (answer as Response).text(), "one");
    assert.is(server.requestIP(request), "live");
    server.reload({ fetch: () => new Response("two") });
    const changed = await app.call(request, live);
    assert.is(await (changed as Response).text(), "two");
    for (const wrong of [{ fetch: 5 }, { routes: { "/": 5 } }]) {
      assert.throws(() => server.reload(wrong), TypeError);
    }
    server.reload({ fetch: undefined });
    const same = await app.call(request, live);
    assert.is(await (same as Response).text(), "two", "it stays as it was");
    let stopped = false;
    const stop = server.stop().then(() => stopped = true);
    assert.equal(closed, [held]);
    await new Promise((resolve) => setImmediate(resolve));
    assert.not.ok(stopped);
    held.end();
    await stop;
  },
);

listening(
  "Bun.serve() speaks TLS where it has a key, not by the option",
  () => {
    const { Bun } = globals;
    if (Bun === undefined) return skip("there is no Bun.serve");
    const key = { cert: "a certificate", key: "its key" };
    const cases: [unknown, boolean][] = [
      [undefined, false],
      [{}, false],
      // As srvx gives it.
      [{ cert: undefined, key: undefined, passphrase: undefined }, false],
      [[], false],
      [key, true],
      [[key], true],
    ];
    for (const [tls, secure] of cases) {
      asked = [];
      Bun.serve({ port: 3000, tls, fetch: () => new Response() });
      assert.is(only().secure, secure, JSON.stringify(tls));
    }
  },
);

listening("Bun.serve() throws where it is refused, and is let", async () => {
  const { Bun } = globals;
  if (Bun === undefined) return skip("there is no Bun.serve");
  const options = { port: 0, fetch: () => new Response("let") };
  verdict = new Error("Cannot listen");
  assert.throws(() => Bun.serve(options), /Cannot listen/);
  verdict = "let";
  const server = Bun.serve(options);
  assert.is(await (await fetch(server.url)).text(), "let");
  await server.stop(true);
});

/** What routes are asked for: a method and a path. */
const ROUTED = [
  ...["GET /", "HEAD /", "GET /call?x=1", "PUT /call", "GET /call/"],
  ...["GET /u/1", "GET /u/a%20b%2Fc", "GET /u/me", "GET /u/", "GET /u/1/x/2"],
  ...["GET /m", "POST /m", "PUT /m", "HEAD /m", "GET /w/", "GET /w/a/b"],
  ...["GET /w/k/z", "GET /off", "GET /file", "GET /fails", "GET /cookie"],
  ...["GET /any", "GET /any/more", "GET /"],
];

listening("the routes of Bun.serve() answer as they do there", async () => {
  const { Bun } = globals;
  if (Bun === undefined) return skip("there is no Bun.serve");
  const file = new Blob(["a file"]);
  type Routed = Request & {
    params: Record<string, string>;
    cookies: { set(name: string, value: string): void };
  };
  const say = ({ method, params }: Routed) => Response.json([method, params]);
  const routes = {
    "/": new Response("home", { headers: { "x-home": "1" } }),
    "/call": say,
    "/u/:id": say,
    "/u/me": new Response("me"),
    "/u/:id/x/:other": say,
    "/m": { GET: () => new Response("get"), POST: new Response("post") },
    "/w/*": say,
    "/w/:name/z": say,
    "/off": false,
    "/file": new Response(file),
    "/fails": () => Promise.reject(new Error("seen")),
    "/cookie": ({ cookies }: Routed) => {
      cookies.set("a", "b");
      return new Response("set");
    },
    "/:any": say,
  };
  const error = ({ message }: Error) => new Response(message, { status: 500 });
  const rest = ({ url }: Request) =>
    new Response(`rest ${new URL(url).pathname}`, { status: 404 });
  for (const more of [{ fetch: rest, error }, { error }]) {
    asked = [];
    verdict = "let";
    const there = Bun.serve({ port: 0, routes, ...more });
    verdict = "hold";
    asked = [];
    Bun.serve({ port: 3000, routes, ...more });
    const { app } = only();
    if (app?.style !== "fetch") return assert.unreachable();
    const facts = async (answer: Response, method: string) => [
      answer.status,
      // Bun sends no body for HEAD, which is corn's server's part here.
      method === "HEAD" ? "" : await answer.text(),
      answer.headers.get("set-cookie"),
      answer.headers.get("x-home"),
    ];
    for (const line of ROUTED) {
      const [method = "", path = ""] = line.split(" ");
      const request = () => new Request(there.url.origin + path, { method });
      const got = await app.call(request(), {}) as Response;
      const wanted = await fetch(request());
      assert.equal(
        [line, ...await facts(got, method)],
        [line, ...await facts(wanted, method)],
      );
    }
    await there.stop(true);
  }
});

listening("what Bun.serve() cannot be served by is named", () => {
  const { Bun } = globals;
  if (Bun === undefined) return skip("there is no Bun.serve");
  assert.throws(() => Bun.serve({ port: 0 }), /needs either/);
  assert.equal(asked, []);
  for (const value of [{ index: "./page.html" }, {}, 7, { GET: 1 }]) {
    assert.throws(
      () => Bun.serve({ port: 3000, routes: { "/page": value } }),
      /Cannot serve the route "\/page" of Bun.serve: it is no function/,
    );
  }
});

listening(
  "Deno.serve() gives a server that says where corn serves",
  async () => {
    const { Deno } = globals;
    if (Deno === undefined) return skip("there is no Deno.serve");
    const told: unknown[] = [];
    const handler = () => new Response("deno");
    const forms: readonly unknown[][] = [
      [handler],
      [{ port: 3000, onListen: (addr: unknown) => told.push(addr) }, handler],
      [{ handler, path: "/run/app.sock" }],
    ];
    const ports: unknown[] = [];
    for (const args of forms) {
      asked = [];
      const server = Deno.serve(...args);
      const held = only();
      ports.push(held.port);
      assert.equal(server.addr, {
        transport: "tcp",
        hostname: "127.0.0.1",
        port: PORT,
      });
      held.serve();
      const { app } = held;
      if (app?.style !== "fetch") return assert.unreachable();
      const answer = app.call(new Request("http://localhost/"), {});
      assert.is(await (answer as Response).text(), "deno");
      const shut = server.shutdown();
      held.end();
      await shut;
      await server.finished;
    }
    assert.equal(ports, [8000, 3000, undefined]);
    assert.equal(told, [{
      transport: "tcp",
      hostname: "127.0.0.1",
      port: PORT,
    }]);
  },
);

listening("Deno.serve() that is let ends by its signal alone", async () => {
  const { Deno } = globals;
  if (Deno === undefined) return skip("there is no Deno.serve");
  verdict = "let";
  const abort = new AbortController();
  const { signal } = abort;
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", signal, onListen() {} },
    () => new Response(),
  );
  abort.abort();
  await server.finished;
  assert.equal(closed, []);
});

listening("a server that is released ends as the app says", async () => {
  const { Bun, Deno } = globals;
  if (Bun === undefined && Deno === undefined) {
    return skip("node:http is the only one");
  }
  const path = join(tmpdir(), `corn-released-${process.pid}.sock`);
  const answer = () => new Response();
  const answers = () =>
    new Promise<boolean>((resolve) => {
      const socket = connect(path);
      socket.on("connect", () => resolve(true)).on(
        "error",
        () => resolve(false),
      );
      socket.on("connect", () => socket.destroy());
    });
  const bun = Bun?.serve({ unix: path, fetch: answer });
  const deno = Deno?.serve({ path, onListen() {} }, answer);
  assert.is(await answers(), false);
  only().release();
  assert.is(await answers(), true);
  await (bun?.stop(true) ?? deno?.shutdown());
  await deno?.finished;
  assert.is(await answers(), false);
  assert.equal(closed, []);
  rmSync(path, { force: true });
});

listening("Deno.serve() answers a failure by onError", async () => {
  const { Deno } = globals;
  if (Deno === undefined) return skip("there is no Deno.serve");
  Deno.serve(
    { onError: (error: Error) => new Response(error.message) },
    () => Promise.reject(new Error("seen")),
  );
  const { app } = only();
  if (app?.style !== "fetch") return assert.unreachable();
  const answer = await app.call(new Request("http://localhost/"), {});
  assert.is(await (answer as Response).text(), "seen");
});

listening("a listener without HTTP is asked about, by its call", async () => {
  const { Bun, Deno } = globals as unknown as Record<
    "Bun" | "Deno",
    { listen(options: unknown): Partial<Record<"stop" | "close", () => void>> }
  >;
  const own = Bun ?? Deno;
  if (own === undefined) return skip("node:net is the only one");
  const ask = (where: object) => {
    const socket = { data() {} };
    const listener = own.listen({ hostname: "127.0.0.1", socket, ...where });
    listener.stop?.();
    listener.close?.();
  };
  verdict = new Error("refused");
  assert.throws(() => ask({ port: PORT }), /refused/);
  const name = Bun === undefined ? "Deno.listen" : "Bun.listen";
  const { port, app, call } = only();
  assert.equal([port, app, call], [PORT, undefined, name]);
  verdict = "let";
  ask({ port: 0 });
  // One of node:net, which listens by the same on Bun, is asked about once.
  const server = createNetServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  server.close();
  assert.equal(asked.map((one) => [one.port, one.call]), [
    [PORT, name],
    [0, name],
    [0, undefined],
  ]);
});

listening.run();

/** What an app finds in `env`: what the runtime's own server hands to it, with either engine. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import * as assert from "../support/assert.ts";
import type { RequestHandler } from "../../src/runtime/runtime.ts";
import {
  http,
  runtime,
  serveEngine,
  sourcesOf,
} from "../support/engine/engine.ts";
import { promises } from "../support/promise.ts";
import { skip } from "../support/suite.ts";
import { until } from "../support/wait.ts";

const env = promises(`env of the ${http} engine on ${runtime.name}`);

/** What an app on Node finds. */
interface Messages {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
}

/** What an app on Bun finds. */
interface BunServer {
  requestIP(request: Request): { address: string; port: number } | null;
  upgrade(request: Request): boolean;
}

/** What an app on Deno finds. */
interface DenoInfo {
  readonly remoteAddr: { readonly hostname: string; readonly port: number };
  readonly completed: Promise<void>;
}

function serve(fetch: RequestHandler["fetch"]) {
  const [source = "address"] = sourcesOf("fetch");
  return serveEngine({ fetch, source });
}

const nodeOnly = (name: string, body: Parameters<typeof env>[1]) => {
  if (runtime.name === "node") env(name, body);
};

nodeOnly("incoming tells of the request", async ({ connect }) => {
  await using served = await serve((_, env) => {
    const { incoming, outgoing } = env as Messages;
    const { method, url, httpVersion, headers, rawHeaders, socket } = incoming;
    return Response.json({
      method,
      url,
      httpVersion,
      headers,
      raw: rawHeaders.includes("X-Odd"),
      distinct: incoming.headersDistinct["x-odd"],
      address: socket.remoteAddress,
      port: socket.remotePort,
      complete: incoming.complete,
      same: outgoing.req === incoming && outgoing.socket === socket,
    });
  });
  const client = await connect(served.target);
  const headers = { "X-Odd": "1", "x-odd": "2", "Cookie": "a=1" };
  for (const path of ["/a?b=c", "/again"]) {
    const { text } = await client.request(path, { headers });
    const { headers: seen, ...told } = JSON.parse(text);
    assert.equal(told, {
      method: "GET",
      url: path,
      httpVersion: "1.1",
      raw: true,
      distinct: ["1", "2"],
      address: "127.0.0.1",
      port: client.socket.localPort,
      complete: told.complete,
      same: true,
    });
    assert.equal(seen, { host: "test", "x-odd": "1, 2", cookie: "a=1" });
  }
});

nodeOnly("the body can be read from incoming", async ({ connect }) => {
  await using served = await serve(async (_, env) =>
    new Response(await text((env as Messages).incoming))
  );
  const client = await connect(served.target);
  const body = "corn".repeat(50_000);
  for (let count = 0; count < 3; count++) {
    const answer = await client.request("/", { method: "POST", body });
    assert.is(answer.text, body);
  }
});

nodeOnly("both say when the response is out", async ({ connect }) => {
  const seen: string[] = [];
  await using served = await serve((_, env) => {
    const { incoming, outgoing } = env as Messages;
    incoming.on("close", () => seen.push("incoming close"));
    incoming.on("aborted", () => seen.push("aborted"));
    outgoing.on("finish", () => seen.push(`finish ${outgoing.statusCode}`));
    outgoing.on("close", () => {
      seen.push(`close ${outgoing.headersSent} ${outgoing.writableFinished}`);
    });
    assert.not.ok(outgoing.headersSent);
    return new Response("x", { status: 201 });
  });
  const client = await connect(served.target);
  await client.request("/", { method: "POST", body: "" });
  await until("the end", () => seen.length === 3);
  assert.equal(seen.sort(), [
    "close true true",
    "finish 201",
    "incoming close",
  ]);
  assert.is((await client.request("/")).status, 201);
});

nodeOnly("both say when the client left", async ({ connect }) => {
  const seen: string[] = [];
  const never = new Promise<Response>(() => {});
  await using served = await serve((_, env) => {
    const { incoming, outgoing } = env as Messages;
    incoming.on("aborted", () => seen.push("aborted"));
    outgoing.on("finish", () => seen.push("finish"));
    outgoing.on("close", () => {
      seen.push(`close ${outgoing.writableFinished}`);
    });
    seen.push("asked");
    return never;
  });
  const client = await connect(served.target);
  client.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n1");
  await until("the request", () => seen.length === 1);
  client.close();
  await until("the end", () => seen.length === 3);
  assert.equal(seen.sort(), ["aborted", "asked", "close false"]);
});

if (runtime.name === "node") {
  const calls: Record<string, (messages: Messages) => unknown> = {
    write: ({ outgoing }) => outgoing.write("x"),
    end: ({ outgoing }) => outgoing.end("x"),
    writeHead: ({ outgoing }) => outgoing.writeHead(200),
    setHeader: ({ outgoing }) => outgoing.setHeader("a", "b"),
    flushHeaders: ({ outgoing }) => outgoing.flushHeaders(),
    pipe: ({ incoming, outgoing }) => incoming.pipe(outgoing),
  };
  for (const [name, call] of Object.entries(calls)) {
    if (http === "native") continue;
    env(`outgoing.${name}() is refused by name`, async ({ connect }) => {
      await using served = await serve((_, env) => {
        try {
          call(env as Messages);
          return new Response("it went through");
        } catch (error) {
          return new Response((error as Error).message);
        }
      });
      const client = await connect(served.target);
      assert.is(
        (await client.request("/")).text,
        `Cannot call outgoing.${name}(): the wire engine sends the Response that the app returns, give --http native`,
      );
    });
  }
}

nodeOnly("outgoing sends early hints", async ({ connect }) => {
  await using served = await serve((_, env) => {
    const { outgoing } = env as Messages;
    outgoing.writeEarlyHints({ link: ["</a.css>; rel=preload; as=style"] });
    return new Response("late");
  });
  const client = await connect(served.target);
  client.send("/");
  const hints = await client.answer({ method: "HEAD" });
  assert.is(hints.status, 103);
  assert.is(hints.headers.get("link"), "</a.css>; rel=preload; as=style");
  assert.is((await client.answer()).text, "late");
});

if (runtime.name === "bun") {
  env("requestIP() knows each request's client", async ({ connect }) => {
    let server: BunServer | undefined;
    await using served = await serve((request, env) => {
      server ??= env as BunServer;
      return Response.json(server.requestIP(request));
    });
    for (let count = 0; count < 2; count++) {
      const client = await connect(served.target);
      const { address, port } = JSON.parse((await client.request("/")).text);
      assert.equal([address, port], ["127.0.0.1", client.socket.localPort]);
    }
    assert.is(server?.requestIP(new Request("http://localhost")), null);
  });

  env("upgrade() has no WebSocket without handlers", async ({ connect }) => {
    if (http === "native") {
      return skip("the native engine upgrades to WebSockets");
    }
    await using served = await serve((request, env) => {
      try {
        return Response.json((env as BunServer).upgrade(request));
      } catch (error) {
        return new Response((error as Error).message);
      }
    });
    const client = await connect(served.target);
    assert.is((await client.request("/")).text, "false");
    const headers = { Upgrade: "websocket", Connection: "upgrade" };
    assert.is(
      (await client.request("/", { headers })).text,
      'Cannot upgrade to a WebSocket: the app exports no "websocket" with its handlers',
    );
  });
}

if (runtime.name === "deno") {
  env("completed tells the end of each response", async ({ connect }) => {
    const seen: string[] = [];
    await using served = await serve((request, env) => {
      const { completed, remoteAddr } = env as DenoInfo;
      const path = new URL(request.url).pathname;
      completed.then(() => seen.push(path), () => seen.push(`${path} broke`));
      return new Response(`${remoteAddr.hostname} ${remoteAddr.port}`);
    });
    const client = await connect(served.target);
    const address = `127.0.0.1 ${client.socket.localPort}`;
    assert.is((await client.request("/one")).text, address);
    assert.is((await client.request("/two")).text, address);
    await until("the ends", () => seen.length === 2);
    assert.equal(seen, ["/one", "/two"]);
  });
}

env.run();

import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import * as assert from "../support/assert.ts";
import {
  http,
  runtime,
  serveEngine,
  sourcesOf,
  styles,
  usesNodeNet,
} from "../support/engine/engine.ts";
import { promises } from "../support/promise.ts";
import { sleep, until } from "../support/wait.ts";

const engine = promises(`The ${http} engine on ${runtime.name}`);

const MEGABYTES = 5;
const big = new Uint8Array(MEGABYTES * 1024 * 1024).map((_, index) => index);

/** What both styles answer. */
interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
}

function reply(path: string, body: Uint8Array): Reply {
  const headers = { "content-type": "text/plain", "x-path": path };
  switch (path) {
    case "/echo":
      return { status: 200, headers, body };
    case "/big":
      return { status: 200, headers, body: big };
    case "/empty":
      return { status: 204, headers: {}, body: "" };
    case "/missing":
      return {
        status: 404,
        headers: { ...headers, "x-why": "no such page" },
        body: "none\n",
      };
  }
  return { status: 200, headers, body: `hello ${path}\n` };
}

async function fetch(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  const { status, headers, body } = reply(
    pathname,
    new Uint8Array(await request.arrayBuffer()),
  );
  return new Response(status === 204 ? null : body as BodyInit, {
    status,
    headers,
  });
}

async function node(incoming: unknown, outgoing: unknown): Promise<void> {
  const request = incoming as IncomingMessage;
  const response = outgoing as ServerResponse;
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const { status, headers, body } = reply(
    request.url ?? "",
    new Uint8Array(await new Blob(chunks as BlobPart[]).arrayBuffer()),
  );
  response.writeHead(status, headers);
  response.end(body);
}

const faces = { fetch: { fetch }, node: { node } };

for (const style of styles) {
  for (const source of sourcesOf(style)) {
    const about = `${style} style, by ${source}`;
    const face = faces[style];

    engine(`serves requests of every kind: ${about}`, async ({ connect }) => {
      await using served = await serveEngine({ ...face, source });
      assert.equal(served.reports, []);
      const client = await connect(served.target);

      const got = await client.request("/a?b=c", { headers: { "X-Odd": "ü" } });
      assert.is(got.status, 200);
      assert.match(got.text, /^hello \/a/);
      assert.is(got.headers.get("content-type"), "text/plain");
      assert.is(got.closes, false);

      const missing = await client.request("/missing");
      assert.is(missing.status, 404);
      assert.is(missing.headers.get("x-why"), "no such page");

      const head = await client.request("/", { method: "HEAD" });
      assert.equal([head.status, head.body.length], [200, 0]);
      assert.is((await client.request("/empty")).status, 204);

      const posted = await client.request("/echo", {
        method: "POST",
        body: "corn ü",
      });
      assert.is(posted.text, "corn ü");
      assert.ok(client.open, "all of it on one connection");
    });

    engine(
      `takes and gives big bodies whole: ${about}`,
      async ({ connect }) => {
        // Comparing bodies takes a while on a busy machine.
        const keepAliveMs = 5000;
        await using served = await serveEngine({
          ...face,
          source,
          keepAliveMs,
        });
        const client = await connect(served.target);
        const posted = await client.request("/echo", {
          method: "POST",
          body: big,
        });
        assert.ok(
          same(posted.body, big),
          `${posted.body.length} bytes came back`,
        );
        // Deno ends a connection that brought so much, and says so (2.9.5).
        const next = posted.closes ? await connect(served.target) : client;
        const got = await next.request("/big");
        assert.ok(same(got.body, big), `${got.body.length} bytes came`);
      },
    );

    engine(`answers HTTP/1.0 and closes: ${about}`, async ({ connect }) => {
      await using served = await serveEngine({ ...face, source });
      const client = await connect(served.target);
      const { status, text } = await client.request("/old", { version: "1.0" });
      assert.equal([status, text], [200, "hello /old\n"]);
      await client.closed();
    });

    engine(
      `keeps no connection where the keep-alive time is 0: ${about}`,
      async ({ connect }) => {
        await using served = await serveEngine({
          ...face,
          source,
          keepAliveMs: 0,
        });
        const client = await connect(served.target);
        const { text, closes } = await client.request("/");
        assert.equal([text, closes], ["hello /\n", true]);
        // Deno.serve says so and leaves the closing to the client (2.9.6).
        if (served.engine.name !== "Deno.serve") await client.closed();
      },
    );

    engine(
      `closes an idle connection after the keep-alive time: ${about}`,
      async ({ connect }) => {
        await using served = await serveEngine({
          ...face,
          source,
          keepAliveMs: 300,
        });
        const client = await connect(served.target);
        assert.is((await client.request("/")).closes, false);
        if (usesNodeNet(served.engine)) {
          // Node adds a second of its own.
          await client.closed(3000);
        } else {
          // The native servers know no such time for one connection (Bun 1.4.5, Deno 2.9.6).
          await new Promise((resolve) => setTimeout(resolve, 600));
          assert.is((await client.request("/")).status, 200);
        }
      },
    );

    engine(
      `serves a unix socket: ${about}`,
      async ({ folder, connect, forgive }) => {
        const path = join(folder, "engine.sock");
        forgive(path);
        await using served = await serveEngine({
          ...face,
          source,
          address: { kind: "unix", path },
        });
        assert.equal(served.address, { kind: "unix", path });
        const client = await connect({ path });
        assert.is((await client.request("/unix")).text, "hello /unix\n");
      },
    );
  }
}

engine("a response that streams arrives part by part", async ({ connect }) => {
  const [source = "address"] = sourcesOf("fetch");
  const gate = Promise.withResolvers<void>();
  await using served = await serveEngine({
    source,
    fetch: () => {
      let part = 0;
      return new Response(
        new ReadableStream({
          async pull(controller) {
            if (part === 1) await gate.promise;
            if (part === 2) return controller.close();
            controller.enqueue(new TextEncoder().encode(`part ${part++}\n`));
          },
        }),
      );
    },
  });
  const client = await connect(served.target);
  client.send("/");
  await until("the first part", () => client.unread > 0);
  gate.resolve();
  assert.is((await client.answer()).text, "part 0\npart 1\n");
});

engine("env is what the runtime's own server gives", async ({ connect }) => {
  const [source = "address"] = sourcesOf("fetch");
  await using served = await serveEngine({
    source,
    fetch: (request, env) => new Response(addressOf(request, env)),
  });
  const client = await connect(served.target);
  assert.is((await client.request("/")).text, "127.0.0.1");
});

engine("a descriptor that was its own is left to others", async (lab) => {
  if (runtime.name !== "bun") {
    return lab.skip("only Bun's listeners are looked after");
  }
  const [source = "address"] = sourcesOf("fetch");
  const answer = { source, fetch: () => new Response("ok") };
  const served = await serveEngine(answer);
  await served[Symbol.asyncDispose]();
  // Longer than it is between two looks for room.
  await sleep(1050);
  // They get the numbers that it had.
  await using next = await serveEngine(answer);
  const clients = await Promise.all(
    Array.from({ length: 8 }, () => lab.connect(next.target)),
  );
  await sleep(300);
  for (const client of clients) {
    assert.is((await client.request("/")).text, "ok");
  }
});

/** The client's address, as apps on each runtime ask for it. */
function addressOf(request: Request, env: unknown): string {
  // deno-lint-ignore no-explicit-any -- each runtime's own shape
  const own = env as any;
  switch (runtime.name) {
    case "node":
      return own.incoming.socket.remoteAddress;
    case "bun":
      return own.requestIP(request).address;
    case "deno":
      return own.remoteAddr.hostname;
  }
}

function same(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length &&
    one.every((byte, index) => byte === other[index]);
}

engine.run();

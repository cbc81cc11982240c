/** What a fetch app finds and what becomes of its answers is what the web's standards and the runtimes' own servers promise. */
import { reset } from "../support/client/client.ts";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { brotliCompressSync, gunzipSync, gzipSync } from "node:zlib";
import { Hono } from "hono";
import type { MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { every } from "hono/combine";
import { compress } from "hono/compress";
import { cors } from "hono/cors";
import { etag } from "hono/etag";
import { secureHeaders } from "hono/secure-headers";
import { timing } from "hono/timing";
import { isDeparture, isGivenUp } from "../../src/base/http/client-failure.ts";
import * as assert from "../support/assert.ts";
import { answering } from "../support/engine/answering.ts";
import { http, runtime, serveEngine } from "../support/engine/engine.ts";
import { promises } from "../support/promise.ts";
import { sleep, until } from "../support/wait.ts";

const answers = promises(`Answers of the ${http} engine on ${runtime.name}`);

/** What a function throws, by name; undefined where it throws nothing. */
function thrown(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    return (error as Error).name;
  }
  return undefined;
}

answers(
  "a request whose body was read can be made anew with another body",
  async () => {
    await using app = await answering(async (request) => {
      const { pathname } = new URL(request.url);
      if (pathname === "/read") await request.text();
      else if (pathname === "/locked") request.body!.getReader();
      else for await (const _ of request.body!);
      const made = new Request(request, { body: "new" });
      return Response.json({
        text: await made.text(),
        method: made.method,
        agent: made.headers.get("user-agent"),
        used: request.bodyUsed || pathname === "/locked",
        // Bun makes one of a request that was read (1.4.5); the standard does not.
        remade: runtime.name === "bun" || thrown(() => new Request(request)),
        cloned: thrown(() => request.clone()),
      });
    });
    for (const path of ["/read", "/stream", "/locked"]) {
      const { status, text } = await app.ask(path, {
        method: "POST",
        body: "old",
        headers: { "User-Agent": "x" },
      });
      assert.is(status, 200, `${path}: ${app.reports}`);
      assert.equal(JSON.parse(text), {
        text: "new",
        method: "POST",
        agent: "x",
        used: true,
        remade: runtime.name === "bun" || "TypeError",
        cloned: "TypeError",
      }, path);
    }
  },
);

answers(
  "Hono's bodyLimit() lets a body in chunks pass, or answers 413",
  async () => {
    const hono = new Hono();
    hono.use(bodyLimit({ maxSize: 10 }));
    hono.post("/", async (c) => c.text(`got ${await c.req.text()}`));
    await using app = await answering((request) => hono.fetch(request));
    for (
      const [body, status, text] of [
        ["hello", 200, "got hello"],
        ["hello, world", 413, "Payload Too Large"],
      ] as const
    ) {
      const client = await app.connect();
      client.write(
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" +
          `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
      );
      const answer = await client.answer();
      assert.equal([answer.status, answer.text], [status, text]);
    }
  },
);

const encoder = new TextEncoder();

/** A stream of these pieces. */
function pieces(...all: readonly unknown[]): ReadableStream {
  return new ReadableStream({
    start(controller) {
      for (const piece of all) controller.enqueue(piece);
      controller.close();
    },
  });
}

/** Bun's own files, where this is Bun. */
const { Bun } = globalThis as unknown as {
  Bun?: { file(path: string): Blob };
};

answers(
  "a body keeps its type, and its length where that is known",
  async ({ write }) => {
    const page = write("page.html", "<p>0123456789</p>\n");
    const form = new FormData();
    form.append("a", "b");
    const type = "text/x-test";
    const bodies: Record<string, () => BodyInit> = {
      "/blob": () => new Blob(["body"], { type }),
      "/file": () => new File(["body"], "a.txt", { type }),
      "/form": () => new URLSearchParams({ a: "b" }),
      "/parts": () => form,
      "/text": () => "text",
      "/buffer": () => encoder.encode("body").buffer,
      "/view": () => new DataView(encoder.encode("abodyb").buffer, 1, 4),
      ...(Bun && { "/page": () => Bun.file(page) }),
    };
    await using app = await answering((request) => {
      const { pathname, searchParams } = new URL(request.url);
      const headers = { "x-a": "b" };
      const body = bodies[pathname]!();
      const how = searchParams.get("how");
      if (how === "with") return new Response(body, { headers });
      const response = new Response(body);
      // As Hono does it.
      return how === "copied"
        ? new Response(response.body, response)
        : response;
    });
    const expected: Record<
      string,
      [type: RegExp | undefined, length?: number]
    > = {
      "/blob": [/^text\/x-test$/, 4],
      "/file": [/^text\/x-test$/, 4],
      "/form": [/^application\/x-www-form-urlencoded;charset=utf-8$/i, 3],
      "/parts": [/^multipart\/form-data; boundary=/],
      "/text": [/^text\/plain; ?charset=utf-8$/i, 4],
      "/buffer": [undefined, 4],
      "/view": [undefined, 4],
      ...(Bun && { "/page": [/^text\/html;charset=utf-8$/i, 18] }),
    };
    // @hono/node-server names text/plain, Deno.serve tells no length of a Blob,
    // and Bun.serve none of a copy (2.1.8, 2.9.6, 1.4.5).
    const exact = http === "wire" || runtime.name === "bun";
    for (const [path, [media, length]] of Object.entries(expected)) {
      for (const how of ["plain", "with", "copied"]) {
        const { status, headers } = await app.ask(`${path}?how=${how}`);
        const what = `${path} ${how}`;
        assert.is(status, 200, `${what}: ${app.reports}`);
        if (media !== undefined && (exact || runtime.name !== "node")) {
          if (http === "wire" || how === "plain") {
            assert.match(headers.get("content-type") ?? "", media, what);
          }
        }
        if (length !== undefined && http === "wire") {
          assert.is(headers.get("content-length"), String(length), what);
        }
      }
    }
  },
);

answers(
  "a file of Bun's is sent in the part that a client asks for",
  async ({ write, skip }) => {
    if (Bun === undefined) return skip("only Bun has such files");
    const page = Bun.file(write("page.html", "<p>0123456789</p>\n"));
    await using app = await answering((request) => {
      switch (new URL(request.url).pathname) {
        case "/own":
          return new Response(page.slice(3, 6), {
            status: 206,
            headers: { "content-range": "bytes 3-5/18" },
          });
        case "/made":
          return new Response(page, { status: 201 });
      }
      return new Response(page, { headers: { "x-a": "b" } });
    });
    const range = async (field: string, path = "/", method = "GET") => {
      const { status, headers, text } = await app.ask(path, {
        method,
        headers: { Range: field },
      });
      return [status, headers.get("content-range"), text];
    };
    assert.equal(await range("bytes=3-5"), [206, "bytes 3-5/18", "012"]);
    assert.equal(await range("bytes=13-"), [206, "bytes 13-17/18", "</p>\n"]);
    assert.equal(await range("bytes=-5"), [206, "bytes 13-17/18", "</p>\n"]);
    assert.equal(await range("bytes=13-99"), [206, "bytes 13-17/18", "</p>\n"]);
    assert.equal(await range("bytes=18-"), [416, "bytes */18", ""]);
    const whole = [200, undefined, "<p>0123456789</p>\n"];
    for (
      const field of ["bytes=5-3", "bytes=0-1,3-4", "items=0-1", "bytes=-"]
    ) {
      assert.equal(await range(field), whole, field);
    }
    assert.equal(await range("bytes=3-5", "/", "POST"), whole);
    assert.equal(await range("bytes=3-5", "/", "HEAD"), [200, undefined, ""]);
    assert.equal(await range("bytes=3-5", "/made"), [201, ...whole.slice(1)]);
    assert.equal(await range("bytes=3-5", "/own"), [
      206,
      "bytes 3-5/18",
      "012",
    ]);
  },
);

answers("a stream may give texts, and bytes in any form", async ({ skip }) => {
  if (http === "native" && runtime.name !== "bun") {
    return skip("Deno.serve takes bytes only, @hono/node-server texts as well");
  }
  await using app = await answering((request) => {
    switch (new URL(request.url).pathname) {
      case "/texts":
        return new Response(pieces("h\u00e9", encoder.encode("llo")));
      case "/bytes":
        return new Response(pieces(
          encoder.encode("a").buffer,
          new DataView(encoder.encode("-bc-").buffer, 1, 2),
          new Uint16Array(encoder.encode("de").buffer),
        ));
      case "/generator":
        return new Response(
          (async function* () {
            yield "a";
            await Promise.resolve();
            yield encoder.encode("b");
          })() as unknown as BodyInit,
        );
    }
    return new Response(pieces(5));
  });
  for (
    const [path, text] of [
      ["/texts", "h\u00e9llo"],
      ["/bytes", "abcde"],
      ["/generator", "ab"],
    ] as const
  ) {
    const answer = await app.ask(path);
    assert.equal([answer.status, answer.text], [200, text], path);
  }
  if (http !== "wire") return;
  assert.is((await app.ask("/number")).status, 500);
  assert.match(app.reports.join(), "it gives no bytes");
});

answers(
  "an async generator gives a body, and ends with its client",
  async ({ skip }) => {
    if (http === "native" && runtime.name === "deno") {
      return skip("Deno.serve takes such as give bytes only");
    }
    let ended = 0;
    await using app = await answering(() =>
      new Response(
        (async function* () {
          try {
            for (let at = 0;; at++) {
              yield `${at}\n`;
              await sleep(5);
            }
          } finally {
            ended++;
          }
        })() as unknown as BodyInit,
      )
    );
    const client = await app.connect();
    client.send("/");
    await until("the first pieces", () => client.unread > 120);
    reset(client.socket);
    await until("the end of the generator", () => ended === 1);
  },
);

answers("an answer of fetch() goes out as it was decoded", async () => {
  const text = "upstream ".repeat(1000);
  const bodies: Record<string, Uint8Array> = {
    gzip: gzipSync(text),
    br: brotliCompressSync(text),
    identity: encoder.encode(text),
    "x-other": encoder.encode(text),
  };
  const upstream = createServer(({ url = "", method }, outgoing) => {
    const [, coding = "", framing] = url.split("/");
    outgoing.setHeader("content-encoding", coding);
    const body = bodies[coding]!;
    if (framing === "length") outgoing.setHeader("content-length", body.length);
    if (method === "HEAD") outgoing.end();
    else outgoing.end(body);
  });
  await new Promise<void>((resolve) =>
    upstream.listen(0, "127.0.0.1", resolve)
  );
  const { port } = upstream.address() as AddressInfo;
  const hows: Record<string, (from: Response) => Response> = {
    as: (from) => from,
    cloned: (from) => from.clone(),
    left: (from) => (from.clone(), from),
    copied: (from) => new Response(from.body, from),
    "copied twice": (from) => {
      const copy = new Response(from.body, { headers: from.headers });
      return new Response(copy.body, copy);
    },
  };
  await using app = await answering(async (request) => {
    const { pathname, searchParams } = new URL(request.url);
    const from = await fetch(`http://127.0.0.1:${port}${pathname}`, {
      method: request.method,
    });
    assert.ok(from.headers.has("content-encoding"), "apps see the field");
    return hows[searchParams.get("how") ?? "as"]!(from);
  });
  try {
    for (const coding of Object.keys(bodies)) {
      for (const framing of ["length", "chunked"]) {
        for (const how of Object.keys(hows)) {
          const what = `${coding} ${framing} ${how}`;
          const path = `/${coding}/${framing}?how=${encodeURIComponent(how)}`;
          const answer = await app.ask(path);
          assert.is(answer.status, 200, what);
          assert.is(answer.text, text, what);
          const known = coding === "gzip" || coding === "br";
          const told = answer.headers.get("content-encoding");
          assert.is(told, known ? undefined : coding, what);
        }
        const { headers } = await app.ask(`/gzip/${framing}`, {
          method: "HEAD",
        });
        assert.is(headers.get("content-encoding"), undefined, "HEAD");
      }
    }
  } finally {
    upstream.closeAllConnections();
    upstream.close();
  }
});

answers(
  "Hono's middleware leaves an answer whole, and its length where that is known",
  async () => {
    const middleware: Record<string, MiddlewareHandler> = {
      cors: cors({ origin: "http://a" }),
      etag: etag(),
      timing: timing(),
      secure: secureHeaders(),
      compress: compress({ threshold: 1e6 }),
      assign: async (c, next) => {
        await next();
        c.res = new Response(c.res.body, c.res);
      },
      header: async (c, next) => {
        await next();
        c.header("x-late", "1");
      },
      all: every(cors({ origin: "http://a" }), timing(), etag()),
    };
    const hono = new Hono();
    for (const [name, one] of Object.entries(middleware)) {
      hono.use(`/${name}/*`, one);
      hono.get(`/${name}/text`, (c) => c.text("h\u00e9llo"));
      hono.get(`/${name}/json`, (c) => c.json({ a: 1 }));
      hono.get(`/${name}/bytes`, (c) => c.body(encoder.encode("bytes")));
      hono.get(`/${name}/blob`, () => new Response(new Blob(["blob!"])));
      hono.get(`/${name}/moved`, (c) => c.redirect("/else"));
      hono.get(
        `/${name}/stream`,
        () => new Response(pieces(encoder.encode("s"))),
      );
    }
    hono.use("/packed/*", compress({ threshold: 1 }));
    hono.get("/packed/text", (c) => c.html("text ".repeat(100)));
    await using app = await answering((request) => hono.fetch(request));
    const bodies: Record<
      string,
      [status: number, text: string, size?: number]
    > = {
      text: [200, "h\u00e9llo", 6],
      json: [200, '{"a":1}', 7],
      bytes: [200, "bytes", 5],
      blob: [200, "blob!", 5],
      moved: [302, "", 0],
      stream: [200, "s"],
    };
    const client = await app.connect();
    for (const name of Object.keys(middleware)) {
      for (const [kind, [status, text, size]] of Object.entries(bodies)) {
        const what = `${name} of ${kind}`;
        const answer = await client.request(`/${name}/${kind}`);
        assert.is(answer.status, status, `${what}: ${app.reports}`);
        assert.is(answer.text, text, what);
        if (http === "wire" && size !== undefined) {
          assert.is(answer.headers.get("content-length"), String(size), what);
        }
      }
    }
    const headers = { "Accept-Encoding": "gzip" };
    const packed = await client.request("/packed/text", { headers });
    assert.is(packed.headers.get("content-encoding"), "gzip");
    assert.is(String(gunzipSync(packed.body)), "text ".repeat(100));
  },
);

answers(
  "a body whose client has left is no failure of the app's",
  async ({ connect }) => {
    const failures: unknown[] = [];
    const readings = [
      (request: Request) => request.text(),
      async (request: Request) => {
        for await (const _ of request.body ?? []);
      },
      async (request: Request) => {
        const reader = request.body!.getReader();
        while (!(await reader.read()).done);
      },
    ];
    await using served = await serveEngine({
      source: "address",
      async fetch(request) {
        const at = Number(new URL(request.url).pathname.slice(1));
        try {
          await readings[at]!(request);
          failures.push("it ended");
        } catch (error) {
          const left = isDeparture(error) ||
            isGivenUp(error) && request.signal.aborted;
          failures.push(left ? "left" : error);
        }
        return new Response("late");
      },
    });
    for (let at = 0; at < readings.length; at++) {
      const client = await connect(served.target);
      client.write(
        `POST /${at} HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nhello`,
      );
      await sleep(100);
      client.close();
      await until("the end of the reading", () => failures.length > at);
    }
    assert.equal(failures, ["left", "left", "left"]);
  },
);

answers.run();

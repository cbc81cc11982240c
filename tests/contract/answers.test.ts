/** What a fetch app finds and what becomes of its answers is what the web's standards and the runtimes' own servers promise. */
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import * as assert from "uvu/assert";
import { answering } from "../support/answering.ts";
import { http, runtime } from "../support/engine.ts";
import { promises } from "../support/promise.ts";

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

answers.run();

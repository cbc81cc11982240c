/** What an app is given beside its request, with either engine. */
import { get as getByNode } from "node:http";
import * as assert from "../support/assert.ts";
import type { AppContext } from "../../src/gateway/app/app.ts";
import { createGateway } from "../../src/gateway/call/gateway.ts";
import { Inflight } from "../../src/gateway/call/inflight.ts";
import {
  http,
  runtime,
  serveEngine,
  sourcesOf,
  styles,
} from "../support/engine/engine.ts";
import { curl } from "../support/client/curl.ts";
import { promises } from "../support/promise.ts";

const context = promises(`context with ${http} on ${runtime.name}`);

/** Bun's and Deno's own servers have neither. */
const able = http === "wire" || runtime.name === "node";

type Call = (
  request: Request,
  context: AppContext,
) => Response | Promise<Response>;

function serve(call: Call) {
  const [source = "address"] = sourcesOf("fetch");
  const { fetch } = createGateway({
    style: "fetch",
    call: (request, _env, context) => call(request, context),
  }, {
    inflight: new Inflight(() => 0),
    onBusy() {},
    onLimit() {},
    onFailure: (text) => console.error(text),
    maxRequests: 0,
    dev: true,
  });
  return serveEngine({ fetch, source });
}

const LINKS = [
  ["link", "</a.css>; rel=preload; as=style"],
  ["link", "</b.js>; rel=preload; as=script"],
] as [string, string][];

const where = able ? context : () => {};

where(
  "RFC 8297: early hints come before the response",
  async ({ connect }) => {
    const sent: boolean[] = [];
    await using served = await serve((_, context) => {
      sent.push(context.earlyHints(LINKS));
      return new Response("late");
    });
    const client = await connect(served.target);
    client.write(
      "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
    );
    for (let count = 0; count < 2; count++) {
      if (able) {
        const hints = await client.answer({ method: "HEAD" });
        assert.is(hints.status, 103);
        assert.match(hints.headers.get("link") ?? "", /a\.css|b\.js/);
      }
      const answer = await client.answer();
      assert.equal([answer.status, answer.text], [200, "late"]);
    }
    assert.equal(sent, [true, true]);
  },
);

context(
  "RFC 9110 §15.2: no interim response to HTTP/1.0",
  async ({ connect }) => {
    await using served = await serve((_, context) =>
      Response.json(context.earlyHints(LINKS))
    );
    const client = await connect(served.target);
    const answer = await client.request("/", { version: "1.0" });
    assert.equal([answer.status, answer.text], [200, "false"]);
  },
);

context(
  "early hints are too late once the response began",
  async ({ connect }) => {
    let late: boolean | undefined;
    await using served = await serve((_, context) =>
      new Response(
        new ReadableStream({
          async start(controller) {
            controller.enqueue(new TextEncoder().encode("begun "));
            await new Promise((resolve) => setTimeout(resolve, 20));
            late = context.earlyHints(LINKS);
            controller.enqueue(new TextEncoder().encode("ended"));
            controller.close();
          },
        }),
      )
    );
    const client = await connect(served.target);
    assert.is((await client.request("/")).text, "begun ended");
    assert.is(late, false);
  },
);

where(
  "RFC 9110 §6.5: trailers are apart from the headers",
  async ({ connect }) => {
    await using served = await serve(async (request, context) => {
      const body = await request.text();
      const trailers = await context.trailers();
      const merged = request.headers.has("x-check");
      return Response.json([body, [...trailers], merged]);
    });
    const client = await connect(served.target);
    const head =
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    const fields = "X-Check: 42\r\nAuthorization: no\r\nX-More: a\r\n";
    client.write(`${head}3\r\none\r\n0\r\n${fields}\r\n`);
    const told = JSON.parse((await client.answer()).text);
    const trailers = [["x-check", "42"], ["x-more", "a"]];
    assert.equal(told, ["one", trailers, false]);
    client.write(`${head}3\r\ntwo\r\n0\r\n\r\n`);
    assert.is((await client.answer()).text, '["two",[],false]');
    assert.is(
      (await client.request("/", { method: "POST", body: "3" })).text,
      '["3",[],false]',
    );
  },
);

const SUM = { "X-Sum": () => Promise.resolve("42") };
const asking = { headers: { TE: "trailers" } };

context(
  "RFC 9110 §6.5: a response has trailers where both sides can",
  async ({ connect }) => {
    const told: boolean[] = [];
    await using served = await serve((request, context) => {
      told.push(context.sendTrailers(SUM));
      return new Response(request.url.endsWith("/stream") ? stream() : "text");
    });
    const client = await connect(served.target);
    for (const path of ["/stream", "/text"]) {
      const plain = await client.request(path);
      assert.equal([plain.text, plain.trailers], ["text", []]);
      const asked = await client.request(path, asking);
      assert.equal(
        [asked.text, asked.trailers, asked.headers.get("trailer")],
        http === "wire"
          ? ["text", ["x-sum: 42"], "x-sum"]
          : ["text", [], undefined],
      );
    }
    assert.equal(told, [false, http === "wire", false, http === "wire"]);
  },
);

if (http === "wire") {
  context(
    "an answer of corn's own has no trailers of the app's",
    async (lab) => {
      await using served = await serve((_, context) => {
        context.sendTrailers({
          "x-sum": () => {
            throw new Error("there is no sum");
          },
        });
        throw new Error("the app failed");
      });
      const client = await lab.connect(served.target);
      const { status, trailers, text } = await client.request("/", asking);
      assert.equal([status, trailers], [500, []]);
      assert.match(text, "the app failed");
    },
  );

  context("curl and node:http read the trailers of a response", async () => {
    await using served = await serve((_, context) => {
      context.sendTrailers(SUM);
      return new Response(stream());
    });
    const { host, port } = served.target as { host: string; port: number };
    const url = `http://${host}:${port}/`;
    const { exit, body } = await curl(url, "-H", "TE: trailers");
    assert.equal([exit, body], [0, "textx-sum: 42\r\n"]);
    const trailers = await new Promise((resolve, reject) => {
      getByNode(url, { ...asking, agent: false }, (response) => {
        response.resume();
        response.on("end", () => resolve(response.trailers));
      }).on("error", reject);
    });
    assert.equal(trailers, { "x-sum": "42" });
  });
}

function stream(): ReadableStream<Uint8Array> {
  return new Blob(["text"]).stream();
}

context("a request without trailers has none", async ({ connect }) => {
  await using served = await serve(async (request, context) => {
    const hinted = !able && context.earlyHints(LINKS);
    const body = await request.text();
    return Response.json([hinted, body, [...await context.trailers()]]);
  });
  const client = await connect(served.target);
  const answer = await client.request("/", { method: "POST", body: "x" });
  assert.is(answer.text, '[false,"x",[]]');
});

if (styles.includes("node") && runtime.name === "node") {
  context("a Node listener is given it too", async ({ connect }) => {
    const { node } = createGateway({
      style: "node",
      call: (...args: unknown[]) => {
        const [, outgoing, context] = args as [
          unknown,
          { end(text: string): void },
          AppContext,
        ];
        outgoing.end(String(context.earlyHints(LINKS)));
      },
    }, {
      inflight: new Inflight(() => 0),
      onBusy() {},
      onLimit() {},
      onFailure: (text) => console.error(text),
      maxRequests: 0,
      dev: true,
    });
    await using served = await serveEngine({ node, source: "address" });
    const client = await connect(served.target);
    client.send("/");
    assert.is((await client.answer({ method: "HEAD" })).status, 103);
    assert.is((await client.answer()).text, "true");
  });
}

context.run();

/** Apps whose answers only look like Responses: nothing of them breaks out of a header, or frames a body twice. */
import * as assert from "../support/assert.ts";
import { answering } from "../support/engine/answering.ts";
import { http, runtime } from "../support/engine/engine.ts";
import { promises } from "../support/promise.ts";
import { until } from "../support/wait.ts";

const answers = promises(
  `False Responses to the ${http} engine on ${runtime.name}`,
);

answers(
  "what only looks like a Response is one that no header can break out of",
  async () => {
    const like = (headers: unknown, body: unknown = "body") => ({
      status: 200,
      headers,
      body,
    });
    class Loose extends Response {
      readonly #headers: unknown;
      constructor(headers: unknown) {
        super("body");
        this.#headers = headers;
      }
      override get headers(): Headers {
        return this.#headers as Headers;
      }
    }
    await using app = await answering((request) => {
      const path = new URL(request.url).pathname;
      switch (path) {
        case "/value":
          return like(new Map([["x-a", "b\r\nx-evil: 1"]]));
        case "/name":
          return like({ "x-a: b\r\nx-evil": "1" });
        case "/loose":
          return new Loose([["x-a", "b\r\nx-evil: 1"]]);
        case "/status":
          return { status: 200.5, headers: {}, body: null };
        case "/framed":
          return like([
            ["Content-Length", "4"],
            ["CONTENT-LENGTH", "4"],
            ["Transfer-Encoding", "chunked"],
            ["X-A", "b"],
          ], new Blob(["body"]).stream());
        case "/error":
          return Response.error();
        case "/bytes":
          return like(undefined, new Uint8Array([98, 111, 100, 121]));
        case "/read":
          return { status: 200, bodyUsed: true, body: "body" };
      }
      return like({ "X-A": "b" });
    });
    for (
      const path of [
        "/value",
        "/name",
        ...(http === "wire" ? ["/loose"] : []),
        "/error",
        "/read",
      ]
    ) {
      const { status, headers, text } = await app.ask(path);
      assert.is(headers.get("x-evil"), undefined, path);
      assert.equal([status, text], [500, "Internal Server Error\n"], path);
    }
    for (const path of ["/", "/bytes", "/status"]) {
      const { status, text } = await app.ask(path);
      assert.is(status, 200, `${path}: ${app.reports}`);
      if (path !== "/status") assert.is(text, "body", path);
    }
    const client = await app.connect();
    client.send("/framed");
    await until("the answer", () => client.unread > 60);
    const { status, headers, text } = await client.answer();
    assert.equal([status, headers.get("x-a"), text], [200, "b", "body"]);
    assert.not.ok(
      headers.has("content-length") && headers.has("transfer-encoding"),
    );
  },
);

answers.run();

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import * as assert from "../support/assert.ts";
import { runtime } from "../support/engine/engine.ts";
import { promises } from "../support/promise.ts";

const post = promises(`Runtime.post on ${runtime.name}`);

post(
  "a redirect is an answer, and what was sent goes nowhere else",
  async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      response.writeHead(request.url === "/b" ? 200 : 307, { location: "/b" });
      response.end("moved");
    });
    await new Promise<void>((resolve) =>
      void server.listen(0, "127.0.0.1", resolve)
    );
    const { port } = server.address() as AddressInfo;
    const { status, text } = await runtime.post(`http://127.0.0.1:${port}/a`, {
      headers: { authorization: "Basic a2V5" },
      body: "{}",
      ms: 10_000,
    });
    server.closeAllConnections();
    server.close();
    assert.equal([status, text], [307, "moved"]);
    assert.equal(asked, ["POST /a"]);
  },
);

post.run();

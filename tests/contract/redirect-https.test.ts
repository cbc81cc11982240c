/** Requests without TLS are sent to https. */
import { join } from "node:path";
import type { ServerResponse } from "node:http";
import { withRedirect } from "../../src/gateway/proxies/redirect-https.ts";
import type { AppContext } from "../../src/gateway/app/app.ts";
import type { Address } from "../../src/runtime/runtime.ts";
import * as assert from "../support/assert.ts";
import { RawClient } from "../support/client/client.ts";
import { runtime, serveEngine, styles } from "../support/engine/engine.ts";
import { promises } from "../support/promise.ts";

const redirect = promises(`a redirect to https on ${runtime.name}`);

/** Serves an app of a style, with the redirect before it. */
function serve(
  style: typeof styles[number],
  port: number,
  address?: Address,
): ReturnType<typeof serveEngine> {
  const options = { port, peerOf: runtime.peerOf };
  const query = { source: "address" as const, ...(address && { address }) };
  if (style === "node") {
    const { call } = withRedirect({
      style,
      call: (_, outgoing) => (outgoing as ServerResponse).end("app"),
    }, options) as { call(incoming: unknown, outgoing: unknown): void };
    return serveEngine({ ...query, node: call });
  }
  const { call } = withRedirect(
    { style, call: () => new Response("app") },
    options,
  ) as {
    call(request: Request, env: unknown, context: AppContext): Response;
  };
  return serveEngine({
    ...query,
    fetch: (request, env) => call(request, env, {} as AppContext),
  });
}

for (const style of styles) {
  redirect(`308 names the same path of https to ${style}`, async () => {
    await using served = await serve(style, 8443);
    const client = await RawClient.connect(served.target);
    const got = await client.request("/a%20b?c=d");
    assert.equal(got.status, 308);
    assert.equal(got.headers.get("location"), "https://test:8443/a%20b?c=d");
    const sent = await client.request("/", { method: "POST", body: "body" });
    assert.equal(sent.headers.get("location"), "https://test:8443/");
    assert.equal((await client.request("/")).status, 308);
    client.write("GET /x HTTP/1.1\r\nHost: a:8080\r\n\r\n");
    const ported = await client.answer();
    assert.equal(ported.headers.get("location"), "https://a:8443/x");
    client.close();
    const old = await RawClient.connect(served.target);
    old.write("GET / HTTP/1.0\r\n\r\n");
    assert.equal((await old.answer()).status, 400);
    old.close();
  });

  redirect(
    `port 443 is not written to ${style}, and a unix socket is served`,
    async (lab) => {
      await using served = await serve(style, 443);
      const client = await RawClient.connect(served.target);
      const { headers } = await client.request("//evil.example/a");
      assert.equal(headers.get("location"), "https://test//evil.example/a");
      client.close();
      const path = join(lab.folder, "a.sock");
      lab.forgive(path);
      await using local = await serve(style, 443, { kind: "unix", path });
      const over = await RawClient.connect(local.target);
      assert.equal((await over.request("/")).text, "app");
      over.close();
    },
  );
}

redirect.run();

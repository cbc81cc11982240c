// runtimes: bun, deno
/** A native engine's drain ends with the last connection, and not before. */
import { join } from "node:path";
import * as assert from "../support/assert.ts";
import { serveEngine } from "../support/engine/engine.ts";
import { promises } from "../support/promise.ts";
import { sleep } from "../support/wait.ts";

const leave = promises("the end of a drain");

/** An engine on an inherited socket of the kind. */
function serve(kind: "tcp" | "unix", folder: string, keepAliveMs: number) {
  return serveEngine({
    source: "descriptor",
    keepAliveMs,
    fetch: () => new Response("hello\n"),
    ...(kind === "unix" && {
      address: { kind, path: join(folder, "a.sock") },
    }),
  });
}

for (const kind of ["tcp", "unix"] as const) {
  leave(
    `an engine without connections leaves at once over ${kind}`,
    async ({ folder, connect }) => {
      await using served = await serve(kind, folder, 8000);
      const client = await connect(served.target);
      await client.request("/");
      client.close();
      const from = performance.now();
      await served.engine.drain();
      assert.ok(performance.now() - from < 2000);
    },
  );

  leave(
    `an idle connection keeps its time over ${kind}`,
    async ({ folder, connect }) => {
      await using served = await serve(kind, folder, 1500);
      const client = await connect(served.target);
      await client.request("/");
      let drained = false;
      const drain = served.engine.drain().then(() => drained = true);
      await sleep(1000);
      assert.not.ok(drained);
      const { status, closes } = await client.request("/");
      assert.equal([status, closes], [200, true]);
      client.close();
      await drain;
    },
  );
}

for (const kind of ["tcp", "unix"] as const) {
  leave(
    `a connection without a request has its time over ${kind}`,
    async ({ folder, connect }) => {
      await using served = await serve(kind, folder, 1500);
      // Nothing was asked of the engine for longer than the keep-alive time.
      const client = await connect(served.target);
      await sleep(100);
      const drain = served.engine.drain();
      await sleep(500);
      const { status, closes } = await client.request("/");
      assert.equal([status, closes], [200, true]);
      client.close();
      await drain;
    },
  );
}

leave(
  "a connection keeps its time after a stream that outlasts it",
  async ({ connect }) => {
    await using served = await serveEngine({
      source: "descriptor",
      keepAliveMs: 500,
      fetch: (request) =>
        new URL(request.url).pathname === "/slow"
          ? new Response(slowly(6, 200))
          : new Response("hello\n"),
    });
    const client = await connect(served.target);
    const streamed = client.request("/slow");
    await sleep(100);
    const drain = served.engine.drain();
    assert.is((await streamed).text, "part\n".repeat(6));
    await sleep(100);
    const { status, closes } = await client.request("/");
    assert.equal([status, closes], [200, true]);
    client.close();
    await drain;
  },
);

/** A body of so many parts, with a pause before each. */
function slowly(parts: number, ms: number): ReadableStream<Uint8Array> {
  let sent = 0;
  return new ReadableStream({
    async pull(controller) {
      if (sent++ === parts) return controller.close();
      await sleep(ms);
      controller.enqueue(new TextEncoder().encode("part\n"));
    },
  });
}

leave.run();

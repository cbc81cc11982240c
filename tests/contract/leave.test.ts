// runtimes: bun, deno
/** A native engine's drain ends with the last connection, and not before. */
import { join } from "node:path";
import * as assert from "uvu/assert";
import { serveEngine } from "../support/engine.ts";
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

leave.run();

import * as assert from "../support/assert.ts";
import { RawClient, targetOf } from "../support/client/client.ts";
import { get } from "../support/client/curl.ts";
import { promises } from "../support/promise.ts";
import { sleep, until } from "../support/wait.ts";

const canary = promises("canary");

/** Judges liveness, not speed. */
const PATIENCE_MS = 45_000;

/** An app that says its version. */
function appOf(version: string, status = 200): string {
  return `export default { fetch: () => new Response("${version}", { status: ${status} }) };\n`;
}

/** Clients that open a connection for each request, until they are stopped. */
function ask(url: string): { stop(): Promise<void> } {
  let asks = true;
  const all = Array.from({ length: 4 }, async () => {
    while (asks) {
      const client = await RawClient.connect(targetOf(url), PATIENCE_MS);
      // One that crashes answers no more.
      await client.request("/").catch(() => {});
      client.close();
      await sleep(5);
    }
  });
  return {
    async stop() {
      asks = false;
      await Promise.all(all);
    },
  };
}

canary(
  "a reload goes on with a good one, and not with one that fails or crashes",
  async ({ folder, write, start }) => {
    const config = (seconds: number) =>
      write("corn.config.ts", `export default { canary: ${seconds} };\n`);
    write("app.ts", appOf("one"));
    config(1);
    const server = await start({
      app: "app.ts",
      args: ["-w", "2"],
      cwd: folder,
    });
    const clients = ask(server.url);
    const reload = async (outcome: RegExp) => {
      const from = server.log().length;
      server.signal("SIGHUP");
      await server.waitForLog(outcome, { from, ms: PATIENCE_MS });
    };

    // A slow machine may see too few requests to call it good; it goes on then, too.
    write("app.ts", appOf("two"));
    await reload(/Reload done/);
    assert.match(
      server.log(),
      /Worker 1 \(pid \d+\) was a (good )?canary.*; the others follow/,
    );
    await until(
      "the old workers to leave",
      () => server.workers().length === 2,
      PATIENCE_MS,
    );
    const serving = server.workers();

    config(600);
    write("app.ts", appOf("three", 500));
    await reload(
      /Reload failed: generation 2 serves on; .* rolled back as a canary: of its answers /,
    );
    write(
      "app.ts",
      `setTimeout(() => process.exit(7), 1500);\n${appOf("four")}`,
    );
    await reload(
      /Reload failed: generation 2 serves on; .* exited with code 7/,
    );

    await clients.stop();
    await until(
      "the canaries to leave",
      () => server.workers().length === 2,
      PATIENCE_MS,
    );
    assert.equal(server.workers(), serving);
    assert.match(await get(server.url), "two");
  },
  { deadlineMs: 180_000 },
);

canary.run();

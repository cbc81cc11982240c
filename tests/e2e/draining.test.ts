import * as assert from "../support/assert.ts";
import { fixture, type Lab, promises } from "../support/promise.ts";
import { until } from "../support/wait.ts";

const draining = promises("--max-draining");

draining("HUP after HUP with open streams cuts the oldest", async (lab) => {
  const server = await lab.start({
    app: fixture("app.ts"),
    args: ["-w", "1", "--max-draining", "2", "--graceful-timeout", "60"],
  });
  const seen = new Set<string>();
  for (let count = 0; count < 4; count++) {
    await openStream(lab, server.url, seen);
    const from = server.log().length;
    server.signal("SIGHUP");
    await server.waitForLog(/Reload done/, { from });
  }
  await until(
    "one that serves, two that drain",
    () => server.workers().length === 3,
  );
  const lines = server.log().match(/is cut after a drain of/g) ?? [];
  assert.is(lines.length, 2);
  assert.is((await server.stop("SIGQUIT")).code, 0);
});

/** Streams from a worker that no stream came from yet: the old one may take a connection until it is told to drain. */
async function openStream(
  lab: Lab,
  url: string,
  seen: Set<string>,
): Promise<void> {
  for (;;) {
    const client = await lab.connect(url);
    const { headers } = await client.request("/load/1");
    const worker = headers.get("x-worker") ?? "";
    if (!seen.has(worker) && client.open) {
      seen.add(worker);
      client.send("/stream/1000?ms=100");
      await until("the stream", () => client.unread > 0);
      return;
    }
    client.close();
  }
}

draining.run();

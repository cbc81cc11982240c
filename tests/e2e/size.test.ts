import * as assert from "../support/assert.ts";
import { RawClient, targetOf } from "../support/client/client.ts";
import { promises } from "../support/promise.ts";
import { until } from "../support/wait.ts";

const size = promises("size by load");

/** Judges liveness, not speed. */
const PATIENCE_MS = 45_000;

/** Each request holds its worker for a while. */
const BUSY = `export default {
  fetch() {
    const end = performance.now() + 30;
    while (performance.now() < end);
    return new Response("done");
  },
};
`;

/** Clients that open a connection for each request, until they are stopped. */
function ask(url: string, clients: number): { stop(): Promise<void> } {
  let asks = true;
  const all = Array.from({ length: clients }, async () => {
    while (asks) {
      const client = await RawClient.connect(targetOf(url), PATIENCE_MS);
      const { status } = await client.request("/");
      client.close();
      assert.is(status, 200);
    }
  });
  return {
    async stop() {
      asks = false;
      await Promise.all(all);
    },
  };
}

size(
  "a pool grows while more is asked than it can do, and shrinks after",
  async ({ folder, write, start }) => {
    write("app.ts", BUSY);
    const server = await start({
      app: "app.ts",
      args: ["-w", "1..2", "--shrink-after", "1"],
      cwd: folder,
    });
    assert.is(server.workers().length, 1);
    const clients = ask(server.url, 8);
    await server.waitForLog(
      /Pool size is now 2: (connections wait|workers are busy)/,
      { ms: PATIENCE_MS },
    );
    await until(
      "the second worker",
      () => server.workers().length === 2,
      PATIENCE_MS,
    );
    await clients.stop();
    await server.waitForLog(/Pool size is now 1: fewer are enough/, {
      ms: PATIENCE_MS,
    });
    await until(
      "one worker to leave",
      () => server.workers().length === 1,
      PATIENCE_MS,
    );
  },
);

size.run();

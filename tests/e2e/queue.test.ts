import process from "node:process";
import * as assert from "uvu/assert";
import { curl } from "../support/curl.ts";
import { fixture, promises } from "../support/promise.ts";
import { until } from "../support/wait.ts";

const queue = promises("accept queue");
const app = fixture("app.ts");

queue(
  "what waits while no worker accepts is answered after",
  async ({ start }) => {
    const server = await start({ app, args: ["-w", "2"] });
    // WINCH lets every worker go; the arbiter keeps the sockets.
    server.signal("SIGWINCH");
    await until("all workers to leave", () => server.workers().length === 0);
    const waiting = Array.from({ length: 8 }, () => curl(server.url));
    server.signal("SIGHUP");
    for (const { exit, status } of await Promise.all(waiting)) {
      assert.equal({ exit, status }, { exit: 0, status: 200 });
    }
  },
);

queue(
  "a killed worker's queue is served by its sibling at once",
  async ({ start }) => {
    const server = await start({ app, args: ["-w", "2"] });
    const [first] = server.workers() as [number, number];
    process.kill(first, "SIGKILL");
    const answers = await Promise.all(
      Array.from({ length: 24 }, () => curl(server.url)),
    );
    for (const { exit, status } of answers) {
      assert.equal({ exit, status }, { exit: 0, status: 200 });
    }
  },
);

queue.run();

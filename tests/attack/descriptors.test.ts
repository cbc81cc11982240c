/** More clients than descriptors: what waits costs nothing, and is served as soon as there is room. */
import { connect } from "node:net";
import type { Socket } from "node:net";
import { join } from "node:path";
import * as assert from "../support/assert.ts";
import { curl } from "../support/client/curl.ts";
import { http, styles } from "../support/engine/engine.ts";
import { countDescriptors, cpuMsOf } from "../support/machine/proc.ts";
import { runtimeName } from "../support/process/command.ts";
import { fixture, promises } from "../support/promise.ts";
import { sleep, until } from "../support/wait.ts";

const descriptors = promises("a full table of descriptors");

const CLIENTS = 150;
const LIMIT = "80";
const LOOK_MS = 1000;

/** Connects and says nothing; `onLost` is called with each that the server ends. */
function crowd(port: number, onLost: () => void = () => {}): Socket[] {
  return Array.from({ length: CLIENTS }, () => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.on("error", () => {}).on("close", onLost).resume();
    return socket;
  });
}

for (const style of styles) {
  descriptors(
    `costs a ${style} app no worker and no processor`,
    async (lab) => {
      const server = await lab.start({
        app: fixture(style === "node" ? "listener.ts" : "app.ts"),
        args: ["-w", "2", "--keep-alive", "30", "--graceful-timeout", "20"],
        wrapper: ["sh", "-c", `ulimit -n ${LIMIT}; exec "$@"`, "sh"],
      });
      const workers = server.workers().sort();
      const { url } = server;
      const status = async () => (await curl(url, "--max-time", "1")).status;
      assert.is(await status(), 200);
      // What began anew must be able to do so again.
      const rounds = style === "fetch" && http === "native" ? 2 : 1;
      for (let round = 0; round < rounds; round++) {
        let lost = 0;
        const clients = crowd(server.port, () => lost++);
        // Some see it within a second or two, when they look.
        await until("workers at rest", async () => {
          const before = workers.map(cpuMsOf);
          await sleep(LOOK_MS);
          return workers.every((pid, at) =>
            cpuMsOf(pid) - before[at]! < LOOK_MS / 4
          );
        });
        // What is not accepted waits in the queue.
        assert.is(lost, 0);
        for (const client of clients) client.destroy();
        await until("room again", async () => await status() === 200);
        for (let count = 0; count < 8; count++) {
          await until("each queue", async () => await status() === 200, 5000);
        }
      }
      assert.equal(server.workers().sort(), workers, server.log());
      assert.is((await server.stop("SIGTERM", 15_000)).code, 0);
      assert.not.match(server.log(), /Cut |ERROR/);
    },
  );
}

for (const style of styles) {
  descriptors(`keeps no file from a client of a ${style} app`, async (lab) => {
    const big = 300_000;
    lab.write("web/small.txt", "small");
    lab.write("web/big.bin", "b".repeat(big));
    const server = await lab.start({
      app: fixture(style === "node" ? "listener.ts" : "app.ts"),
      args: [
        ...["-w", "1", "--keep-alive", "30", "--graceful-timeout", "20"],
        ...["--static", join(lab.folder, "web")],
      ],
      wrapper: ["sh", "-c", `ulimit -n ${LIMIT}; exec "$@"`, "sh"],
    });
    const { url, port } = server;
    const names = ["small.txt", "big.bin"];
    const clients = [];
    for (const name of names) {
      const client = await lab.connect(url);
      assert.is((await client.request(`/${name}`)).status, 200);
      clients.push(client);
    }
    const others = crowd(port);
    const [pid = 0] = server.workers();
    await until("a full table", async () => {
      const before = countDescriptors(pid);
      await sleep(LOOK_MS / 2);
      return before > 30 && countDescriptors(pid) === before;
    });
    const answers = clients.map((client, at) =>
      client.request(`/${names[at]}`)
    );
    await sleep(LOOK_MS / 2);
    for (const other of others) other.destroy();
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    // Where Bun finds no descriptor it does not know whether there is a file.
    const busy = runtimeName === "bun" && statuses.includes(503);
    if (!busy) assert.equal(statuses, [200, 200]);
    await until("room again", async () => (await curl(url)).status === 200);
    const [small, large] = await Promise.all(
      clients.map((client, at) => client.request(`/${names[at]}`)),
    );
    assert.equal([small?.status, small?.text], [200, "small"]);
    assert.equal([large?.status, large?.text.length], [200, big]);
    for (const client of clients) client.close();
  });
}

descriptors.run();

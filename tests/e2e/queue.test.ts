// runtimes: node24, node26, bun, deno
import { readFileSync } from "node:fs";
import process from "node:process";
import * as assert from "../support/assert.ts";
import { ask } from "../support/client/curl.ts";
import { alive } from "../support/machine/proc.ts";
import { fixture, promises } from "../support/promise.ts";
import { until } from "../support/wait.ts";
import { everybody } from "../support/client/who.ts";

const queue = promises("accept queue");
const app = fixture("app.ts");

queue(
  "what waits while no worker accepts is answered after",
  async ({ start }) => {
    const server = await start({ app, args: ["-w", "2"] });
    // WINCH lets every worker go; the arbiter keeps the sockets.
    server.signal("SIGWINCH");
    await until("all workers to leave", () => server.workers().length === 0);
    const waiting = Array.from({ length: 8 }, () => ask(server.url));
    server.signal("SIGHUP");
    for (const { status } of await Promise.all(waiting)) {
      assert.is(status, 200);
    }
  },
);

queue(
  "a killed worker's queue is served by its sibling at once",
  async ({ start }) => {
    const server = await start({ app, args: ["-w", "2"] });
    const [first] = server.workers() as [number, number];
    process.kill(first, "SIGKILL");
    // Until then it may accept one more, which is cut.
    await until("its end", () => !alive(first));
    for (const status of await flood(server.url)) assert.is(status, 200);
  },
);

queue(
  "a reload with more workers gives each of them a queue",
  async ({ folder, write, start, connect }) => {
    const config = (workers: number) =>
      write("corn.config.ts", `export default { workers: ${workers} };\n`);
    config(1);
    const server = await start({ app, cwd: folder });
    const client = await connect(server.url);
    await client.request("/who");
    config(3);
    server.signal("SIGHUP");
    await server.waitForLog(/Reload done/);
    // One queue would be emptied by one worker; three are spread by the kernel.
    await everybody(server.url, 3);
    for (const status of await flood(server.url)) assert.is(status, 200);
    // Fewer workers keep all queues.
    config(2);
    server.signal("SIGHUP");
    await until("two workers", () => server.workers().length === 2);
    for (const status of await flood(server.url)) assert.is(status, 200);
  },
);

/** The statuses of many requests at once, each on a connection of its own. */
async function flood(url: string): Promise<number[]> {
  const asked = Array.from({ length: 24 }, () => ask(url));
  return (await Promise.all(asked)).map(({ status }) => status);
}

/** Processor time that a process has used, in ticks; see proc(5). */
function ticksOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]);
}

queue(
  "what waits for a blocked worker is answered by its sibling",
  async ({ start, connect }) => {
    const server = await start({ app, args: ["-w", "2", "--timeout", "30"] });
    const client = await connect(server.url);
    const { pid } = JSON.parse((await client.request("/who")).text);
    const before = ticksOf(pid);
    client.send("/spin");
    await until("the worker to spin", () => ticksOf(pid) > before + 10);
    // By chance of ports half of them come to the blocked worker's queue.
    for (const status of await flood(server.url)) assert.is(status, 200);
    assert.ok(server.workers().includes(pid), "it was not killed");
    process.kill(pid, "SIGKILL");
  },
);

queue.run();

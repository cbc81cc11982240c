/** What several threads of a worker tell and are told, as one worker. */
import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { dirname, join } from "node:path";
import * as assert from "../support/assert.ts";
import { ControlClient } from "../support/client/control.ts";
import { get } from "../support/client/curl.ts";
import {
  adminOf,
  readMetrics,
  requestCount,
} from "../support/client/metrics.ts";
import { SocketClient } from "../support/client/web-socket.ts";
import { assertNothingLost, underLoad } from "../support/load/load.ts";
import { receiveUdp } from "../support/log/receiver.ts";
import { canBeNobody, NOBODY } from "../support/machine/user.ts";
import { promote, upgrade } from "../support/process/heir.ts";
import { fixture, promises } from "../support/promise.ts";
import { until } from "../support/wait.ts";

const told = promises("what threads tell and are told");
const THREADS = ["-w", "1", "--threads", "2"];

/** Asks by new ones of something until each of two threads has answered; gives all that was asked. */
async function untilBoth<T>(
  ask: () => Promise<readonly [thread: unknown, one: T]>,
): Promise<T[]> {
  const all: T[] = [];
  const found = new Set<unknown>();
  await until("answers of both threads", async () => {
    const [thread, one] = await ask();
    all.push(one);
    found.add(thread);
    return found.size === 2;
  });
  return all;
}

told(
  "metrics, statsd, access log, recordings and WebSockets are those of all threads",
  async (lab) => {
    const receiver = await receiveUdp();
    const path = join(lab.folder, "access.log");
    const control = join(lab.folder, "control.sock");
    for (const name of [path, `${path}.1`]) lab.forgive(name);
    const server = await lab.start({
      app: fixture("threads.ts"),
      args: [
        ...THREADS,
        ...["--admin", "127.0.0.1:0", "--metrics", "--control", control],
        ...["--statsd-host", `127.0.0.1:${receiver.port}`],
        ...["--access-logfile", path, "--websocket-drain", "0.3"],
      ],
    });
    const admin = await adminOf(server);
    const askBoth = async () =>
      (await untilBoth(async () => [await get(server.url), 1])).length;
    const asked = await askBoth();

    await until("metrics of all requests", async () => {
      const metrics = await readMetrics(admin);
      return metrics.get(requestCount("GET", 200)) === asked &&
        metrics.get("shop_orders_total") === asked;
    });
    const metrics = await readMetrics(admin);
    assert.equal(
      [...metrics.keys()].filter((name) => name.startsWith("shop_open")).sort(),
      [1, 2].map((n) => `shop_open{thread="${n}",worker="1"}`),
    );
    await until("counts of all requests", () => {
      const counts = receiver.text().matchAll(/^gunicorn\.requests:(\d+)\|c/gm);
      return [...counts].reduce((sum, [, n]) => sum + Number(n), 0) === asked;
    });

    const linesOf = (name: string) =>
      existsSync(name) ? readFileSync(name, "utf8").split("\n").length - 1 : 0;
    renameSync(path, `${path}.1`);
    server.signal("SIGUSR1");
    await until("another file", () => existsSync(path));
    // Lines that were on their way meanwhile may come into either.
    await until("the old lines", () => linesOf(`${path}.1`) === asked);
    const more = await askBoth();
    await until("the new lines", () => linesOf(path) === more);
    assert.is(linesOf(`${path}.1`), asked);

    const client = new ControlClient(control);
    const heap = await client.order("/v1/workers/1/heap", { thread: 2 });
    assert.is(heap.state, "done", heap.message);
    assert.is(statSync(heap.message).mode & 0o777, 0o600);
    rmSync(dirname(heap.message), { recursive: true });
    const none = await client.order("/v1/workers/1/profile", { thread: 3 });
    assert.is(
      none.message,
      "Cannot record: the worker has no thread 3: its threads are 1 to 2",
    );

    const sockets = await untilBoth(async () => {
      const socket = await SocketClient.open(`${server.url}/ws`);
      return [await socket.ask("thread"), socket];
    });
    for (const socket of sockets) assert.is(await socket.ask("hello"), "hello");
    await until(
      "the number of them",
      async () =>
        (await readMetrics(admin)).get('corn_worker_websockets{worker="1"}') ===
          sockets.length,
    );
    const from = server.log().length;
    server.signal("SIGHUP");
    for (const socket of sockets) assert.is((await socket.ending()).code, 1012);
    await server.waitForLog(/Reload done/, { from });
    await askBoth();
    assert.is((await server.stop()).code, 0);
    assert.not.match(server.log(), /ERROR|Cut/);
    await receiver.close();
  },
);

told("threads run as --user, and an upgrade loses nothing", async (lab) => {
  const user = canBeNobody() ? ["--user", String(NOBODY)] : [];
  const server = await lab.start({
    app: fixture("app.ts"),
    args: [...THREADS, ...user],
  });
  const [worker] = server.workers();
  const load = {
    ...{ url: server.url, keepAlive: 4, single: 4, streams: 1, posts: 1 },
  };
  const heirs: Awaited<ReturnType<typeof upgrade>>[] = [];
  const report = await underLoad(load, async ({ more }) => {
    const heir = await upgrade(server, server.pid);
    heirs.push(heir);
    await promote(server, server.pid);
    await more(50);
  });
  assertNothingLost(report);
  const [heir] = heirs;
  const workers = heir?.workers() ?? [];
  assert.is(workers.length, 1);
  assert.not(workers.includes(worker ?? 0));
  const [pid] = workers;
  for (
    const task of user.length === 0 ? [] : readdirSync(`/proc/${pid}/task`)
  ) {
    const status = readFileSync(`/proc/${pid}/task/${task}/status`, "utf8");
    assert.match(status, new RegExp(`^Uid:\\s+${NOBODY}\\s+${NOBODY}\\s`, "m"));
  }
  await heir?.stop();
});

told.run();

import { join } from "node:path";
import * as assert from "../support/assert.ts";
import { runtimeName } from "../support/process/command.ts";
import { curl } from "../support/client/curl.ts";
import { fixture, promises } from "../support/promise.ts";
import { receiveUdp, receiveUnixDatagrams } from "../support/log/receiver.ts";
import type { TestReceiver } from "../support/log/receiver.ts";
import { until } from "../support/wait.ts";

const statsd = promises("statsd");
const app = fixture("app.ts");

/** The metrics of what came, a line each. */
const linesOf = ({ messages }: TestReceiver) =>
  messages.flatMap((packet) => packet.split("\n"));

/** The sum of a counter. */
function sumOf(receiver: TestReceiver, name: string): number {
  return linesOf(receiver).map((line) =>
    line.startsWith(`${name}:`) ? Number(/:(\d+)\|c/.exec(line)?.[1]) : 0
  ).reduce((sum, one) => sum + one, 0);
}

/** Each request once, however it ends. */
async function ask(url: string): Promise<void> {
  for (let n = 0; n < 5; n++) await curl(`${url}/`);
  await curl(`${url}/throw`);
}

for (const http of ["native", "wire"]) {
  statsd(`requests arrive as Gunicorn sends them, ${http}`, async (lab) => {
    const receiver = await receiveUdp();
    const server = await lab.start({
      app,
      args: [
        ...["-w", "2", "--http", http],
        ...["--statsd-host", `127.0.0.1:${receiver.port}`],
        ...["--statsd-prefix", "shop", "--dogstatsd-tags", "env:t,a:b"],
        "--enable-backlog-metric",
      ],
    });
    await ask(server.url);
    await until(
      "all requests",
      () => sumOf(receiver, "shop.gunicorn.requests") === 6,
    );
    await until(
      "what the app threw",
      () => sumOf(receiver, "shop.gunicorn.log.exception") === 1,
    );
    await until(
      "the backlog",
      () => linesOf(receiver).some((one) => one.includes("backlog")),
    );
    const lines = linesOf(receiver);
    const shape =
      /^shop\.gunicorn\.(requests:\d+\|c\|@1\.0|request\.status\.\d{3}:\d+\|c\|@1\.0|request\.duration:\d+(\.\d{1,3})?\|ms|workers:2\|g|backlog:\d+\|h|log\.(warning|exception|error):\d+\|c\|@1\.0)\|#env:t,a:b$/;
    for (const line of lines) assert.match(line, shape);
    const named = (name: string) =>
      lines.filter((line) => line.startsWith(`shop.gunicorn.${name}`));
    assert.is(named("request.duration").length, 6);
    assert.is(sumOf(receiver, "shop.gunicorn.request.status.200"), 5);
    assert.is(sumOf(receiver, "shop.gunicorn.request.status.500"), 1);
    assert.ok(named("workers").length > 0);
    await server.stop();
    await receiver.close();
  });
}

statsd("what was measured last goes out at the end", async (lab) => {
  const receiver = await receiveUdp();
  const server = await lab.start({
    app,
    args: ["-w", "1", "--statsd-host", `localhost:${receiver.port}`],
  });
  await ask(server.url);
  await server.stop();
  await until("all requests", () => sumOf(receiver, "gunicorn.requests") === 6);
  await receiver.close();
});

statsd(
  "DogStatsD's unix socket, or a line that says what to do",
  async (lab) => {
    const path = join(lab.folder, "dsd");
    lab.forgive(path);
    const args = ["-w", "1", "--statsd-host", `unix://${path}`];
    if (runtimeName === "node") {
      const refused = lab.run({ app, args });
      assert.is((await refused.ended).code, 1);
      return assert.is(
        refused.log(),
        `corn: Cannot use statsdHost "unix://${path}#dgram": Node has no unix datagrams; give udp://HOST:PORT, or run corn and its workers on Bun or Deno\n`,
      );
    }
    const receiver = await receiveUnixDatagrams(path);
    const server = await lab.start({ app, args });
    await ask(server.url);
    await until(
      "all requests",
      () => sumOf(receiver, "gunicorn.requests") === 6,
    );
    await receiver.close();
    // Nobody reads: the server does not mind.
    await ask(server.url);
    await server.stop();
  },
);

statsd(
  "a receiver that is not there harms nobody, and is found later",
  async (lab) => {
    const gone = await receiveUdp();
    await gone.close();
    const server = await lab.start({
      app,
      args: ["-w", "1", "--statsd-host", `127.0.0.1:${gone.port}`],
    });
    await ask(server.url);
    const back = await receiveUdp(gone.port);
    await until("a request", async () => {
      await curl(`${server.url}/`);
      return sumOf(back, "gunicorn.requests") > 0;
    });
    await server.stop();
    await back.close();
  },
);

statsd("a reload moves to another statsd", async (lab) => {
  const one = await receiveUdp();
  const two = await receiveUdp();
  const config = (port: number) =>
    lab.write(
      "corn.config.json",
      JSON.stringify({ workers: 1, statsdHost: `127.0.0.1:${port}` }),
    );
  config(one.port);
  const server = await lab.start({ app, cwd: lab.folder });
  await curl(`${server.url}/`);
  await until("a request", () => sumOf(one, "gunicorn.requests") === 1);
  config(two.port);
  const from = server.log().length;
  server.signal("SIGHUP");
  await server.waitForLog(/Reload done/, { from });
  await curl(`${server.url}/`);
  await until("a request", () => sumOf(two, "gunicorn.requests") === 1);
  await until(
    "the arbiter's",
    () => linesOf(two).includes("gunicorn.workers:1|g"),
  );
  assert.is(sumOf(one, "gunicorn.requests"), 1);
  await server.stop();
  await one.close();
  await two.close();
});

statsd(
  "--enable-backlog-metric alone says that it does nothing",
  async (lab) => {
    const server = await lab.start({
      app,
      args: ["-w", "1", "--enable-backlog-metric"],
    });
    assert.match(
      server.log(),
      /WARNING\] enableBacklogMetric from --enable-backlog-metric ignored: there is no statsdHost\n/,
    );
  },
);

statsd.run();

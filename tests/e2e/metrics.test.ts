import { spawnSync } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import * as assert from "../support/assert.ts";
import { ask, curl, get } from "../support/client/curl.ts";
import {
  adminOf,
  readMetrics,
  requestCount,
} from "../support/client/metrics.ts";
import { freePort } from "../support/machine/ports.ts";
import { findProgram } from "../support/machine/program.ts";
import { runtimeName } from "../support/process/command.ts";
import { fixture, promises } from "../support/promise.ts";
import type { Lab } from "../support/promise.ts";
import { promote, upgrade } from "../support/process/heir.ts";
import type { Server } from "../support/process/server.ts";
import { until } from "../support/wait.ts";

const metrics = promises("metrics");
const app = fixture("app.ts");

const ADMIN = ["--admin", "127.0.0.1:0"];

/** Waits until so many requests were counted, and no more. */
async function untilCounted(admin: string, wanted: Record<string, number>) {
  await until("all requests", async () => {
    const read = await readMetrics(admin);
    return Object.entries(wanted).every(([name, count]) =>
      read.get(name) === count
    );
  });
}

/** Asks so many times, one after the other, and once for what fails. */
async function askFor(url: string, count: number): Promise<void> {
  for (let n = 0; n < count; n++) await ask(`${url}/`);
  await ask(`${url}/throw`);
}

async function measured(
  lab: Lab,
  app: string,
  ...args: string[]
): Promise<Server> {
  return await lab.start({
    app,
    args: ["-w", "2", "--metrics", ...ADMIN, ...args],
  });
}

metrics(
  "counts outlive a crash, a reload and a recycling",
  async (lab) => {
    const server = await measured(lab, app, "--max-requests", "6");
    const admin = await adminOf(server);
    const [fine, failed] = [
      requestCount("GET", 200),
      requestCount("GET", 500),
    ];
    await askFor(server.url, 3);
    await untilCounted(admin, { [fine]: 3, [failed]: 1 });
    process.kill(server.workers()[0] as number, "SIGKILL");
    await until(
      "the end of a worker",
      async () =>
        (await readMetrics(admin)).get(
          'corn_worker_exits_total{reason="signal"}',
        ) === 1,
    );
    await server.waitForLog(/(Worker \d .*ready in[^]*){3}/);
    await untilCounted(admin, { [fine]: 3, [failed]: 1 });
    server.signal("SIGHUP");
    await server.waitForLog(/Reload done/);
    await askFor(server.url, 17);
    await untilCounted(admin, { [fine]: 20, [failed]: 2 });
    await until(
      "what was recycled",
      async () =>
        ((await readMetrics(admin)).get(
          'corn_worker_exits_total{reason="max_requests"}',
        ) ?? 0) > 0,
    );
    const read = await readMetrics(admin);
    assert.is(read.get('corn_reloads_total{result="done"}'), 1);
    assert.is(read.get("corn_generation"), 2);
    assert.is(
      [1, 2].reduce(
        (sum, slot) =>
          sum +
          (read.get(`corn_worker_requests_total{worker="${slot}"}`) ?? 0),
        0,
      ),
      22,
    );
    await server.stop();
  },
);

/** An app with a registry, as prom-client has one. */
const COUNTING = `let orders = 0;
export const metrics = {
  metrics: async () =>
    "# HELP shop_orders_total Orders.\\n# TYPE shop_orders_total counter\\n" +
    "shop_orders_total " + orders + "\\n" +
    "# HELP shop_baskets Baskets.\\n# TYPE shop_baskets gauge\\n" +
    "shop_baskets 1\\n",
};
export default {
  fetch(request) {
    if (request.url.endsWith("/throw")) throw new Error("no");
    orders++;
    return new Response();
  },
};
`;

const PROMTOOL = findProgram("promtool");

metrics("promtool finds no fault, and all can be read", async (lab) => {
  if (PROMTOOL === undefined) return lab.skip("promtool is not installed");
  // The engine that is not this runtime's by itself.
  const http = runtimeName === "node" ? "native" : "wire";
  const server = await lab.start({
    app: lab.write("counting.mjs", COUNTING),
    args: ["-w", "2", "--metrics", ...ADMIN, "--http", http],
  });
  const admin = await adminOf(server);
  await askFor(server.url, 2);
  await untilCounted(admin, {
    [requestCount("GET", 200)]: 2,
    shop_orders_total: 2,
    'shop_baskets{worker="1"}': 1,
    'shop_baskets{worker="2"}': 1,
  });
  // Those that leave told what they counted.
  server.signal("SIGHUP");
  await server.waitForLog(/( left in [^]*){2}/);
  await askFor(server.url, 1);
  await untilCounted(admin, { shop_orders_total: 3 });
  const { status, stdout, stderr } = spawnSync(PROMTOOL, ["check", "metrics"], {
    input: await get(`${admin}/metrics`),
    encoding: "utf8",
  });
  assert.equal([status, stdout, stderr], [0, "", ""]);
  const open = await curl(
    `${admin}/metrics`,
    "-HAccept: application/openmetrics-text;version=1.0.0",
  );
  assert.match(open.head, "application/openmetrics-text; version=1.0.0");
  assert.ok(open.body.endsWith("\n# EOF\n"));
  const refused = await curl(`${admin}/metrics`, "-XPOST");
  assert.is(refused.status, 405);
  assert.is(
    (await curl(`${admin}/metrics`, "-HHost: evil.example")).status,
    403,
  );
  assert.is((await curl(`${admin}/health`, "-I")).status, 200);
  await server.stop();
});

metrics("prom-client's registry is one of all workers", async (lab) => {
  const server = await measured(
    lab,
    fixture("prom-client.ts"),
    "--max-requests",
    "7",
  );
  const admin = await adminOf(server);
  const name = 'shop_orders_total{kind="a \\"quoted\\" one"}';
  let before = 0;
  /** Reads them, and holds the counter to its word. */
  const read = async () => {
    const all = await readMetrics(admin);
    const count = all.get(name) ?? 0;
    assert.ok(count >= before, `${count} after ${before}`);
    before = count;
    return all;
  };
  for (let asked = 1; asked <= 20; asked++) {
    await get(server.url);
    // What a worker has counted that was asked in time is there at once.
    if (asked === 10) server.signal("SIGHUP");
    await read();
  }
  await server.waitForLog(/Reload done/);
  await server.waitForLog(/( left in [^]*){2}/);
  await until("all orders", async () => (await read()).get(name) === 20);
  await get(server.url);
  await until("one more", async () => (await read()).get(name) === 21);
  const all = await read();
  assert.equal(
    [
      'shop_seconds_bucket{le="0.1"}',
      'shop_seconds_bucket{le="1"}',
      'shop_seconds_bucket{le="+Inf"}',
      "shop_seconds_sum",
      "shop_seconds_count",
      "shop_items_sum",
      "shop_items_count",
    ].map((name) => all.get(name)),
    [0, 21, 21, 10.5, 21, 42, 21],
  );
  const gauges = [...all.keys()].filter((name) => name.startsWith("shop_open"));
  assert.equal(gauges.sort(), [1, 2].map((n) => `shop_open{worker="${n}"}`));
  assert.is(all.get("shop_open"), undefined);
  await server.stop();
});

metrics("readiness ends at TERM, and what comes is answered", async (lab) => {
  const server = await lab.start({
    app,
    args: ["-w", "1", "--drain-delay", "3", ...ADMIN],
  });
  const admin = await adminOf(server);
  assert.is((await curl(`${admin}/metrics`)).status, 404);
  const ready = await curl(`${admin}/ready`);
  assert.is(ready.status, 200);
  assert.equal(JSON.parse(ready.body), { ready: true, workers: 1 });
  server.signal("SIGTERM");
  await until(
    "503",
    async () => (await curl(`${admin}/ready`)).status === 503,
  );
  const draining = await curl(`${admin}/ready`);
  // A busy machine may come to ask too late.
  if (draining.exit === 0) {
    assert.equal(JSON.parse(draining.body), {
      ready: false,
      why: "draining",
      workers: 1,
    });
    assert.is((await curl(server.url)).status, 200);
  }
  assert.is((await server.ended).code, 0);
});

metrics("--admin on a unix socket, which goes with corn", async (lab) => {
  const path = join(lab.folder, "admin");
  const server = await lab.start({
    app,
    args: ["-w", "1", "--ready-workers", "2", "--admin", `unix:${path}`],
  });
  const ready = await curl("http://a/ready", "--unix-socket", path);
  assert.is(ready.status, 503);
  assert.equal(JSON.parse(ready.body), {
    ready: false,
    why: "workers",
    workers: 1,
  });
  // Neither another corn's door nor a file is taken over.
  const refusal = async (path: string) => {
    const second = lab.run({
      app,
      args: ["-w", "1", "--admin", `unix:${path}`],
    });
    assert.is((await second.ended).code, 1);
    return second.log();
  };
  assert.match(
    await refusal(path),
    new RegExp(
      `Cannot open --admin unix:\\S+: another server answers there: .* \\(pid ${server.pid}\\); stop`,
    ),
  );
  assert.match(
    await refusal(lab.write("file", "data")),
    /: a file that is no socket stands there$/m,
  );
  const { exit } = await curl("http://a/health", "--unix-socket", path);
  assert.is(exit, 0, "the first one's goes on");
  await server.stop();
});

metrics(
  "--admin in use is refused, and where others reach it told",
  async (lab) => {
    const server = await lab.start({
      app,
      args: ["-w", "1", "--admin", "0.0.0.0:0"],
    });
    await server.waitForLog(
      /WARNING.*--admin 0\.0\.0\.0:\d+ is not on the loopback/,
    );
    const port = new URL(await adminOf(server)).port;
    const refused = lab.run({
      app,
      args: ["-w", "1", "--admin", `127.0.0.1:${port}`],
    });
    assert.is((await refused.ended).code, 1);
    assert.match(
      refused.log(),
      new RegExp(
        `Cannot open --admin 127.0.0.1:${port}: address in use by .* \\(pid ${server.pid}\\); stop`,
      ),
    );
    // Any name leads here, and corn knows none of them.
    const named = await curl(
      `http://127.0.0.1:${port}/health`,
      "-HHost: corn.example",
    );
    assert.is(named.status, 200);
    await server.stop();
  },
);

metrics(
  "counts go on through an upgrade, and one that is undone",
  async (lab) => {
    const admin = `http://127.0.0.1:${await freePort()}`;
    const server = await lab.start({
      app,
      args: ["-w", "1", "--metrics", "--admin", admin.slice("http://".length)],
    });
    const fine = requestCount("GET", 200);
    const asked = async (count: number) => {
      for (let n = 0; n < count; n++) await get(server.url);
    };
    const untilRead = (count: number) =>
      until("all that was counted", async () => {
        const { status } = await ask(`${admin}/health`);
        return status !== 0 && (await readMetrics(admin)).get(fine) === count;
      });
    await asked(3);
    await untilRead(3);
    // Requests go to either until one of them has left.
    const undone = await upgrade(server, server.pid);
    await asked(4);
    await untilRead(7);
    await undone.stop();
    await server.waitForLog(/Upgrade undone/);
    await asked(1);
    await untilRead(8);
    const heir = await upgrade(server, server.pid);
    await asked(3);
    await untilRead(11);
    await promote(server, server.pid);
    await asked(1);
    await untilRead(12);
    await heir.stop();
  },
);

metrics.run();

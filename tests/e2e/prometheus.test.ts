// runtimes: node24
import process from "node:process";
import { makeGrafana } from "../../src/make/grafana.ts";
import * as assert from "../support/assert.ts";
import { makeAuthority } from "../support/certificates.ts";
import { curl, get } from "../support/client/curl.ts";
import { adminOf } from "../support/client/metrics.ts";
import { startLoad } from "../support/load/load.ts";
import { freePort } from "../support/machine/ports.ts";
import { findProgram } from "../support/machine/program.ts";
import { HAPROXY, startProxy } from "../support/machine/proxy.ts";
import { fixture, promises } from "../support/promise.ts";
import type { Server } from "../support/process/server.ts";
import { until } from "../support/wait.ts";

const watched = promises("what asks at --admin");
const app = fixture("app.ts");

const PROMETHEUS = findProgram("prometheus");

/** A value of the answer to a query. */
interface Found {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [time: number, text: string];
}

/** What Prometheus finds. */
async function query(url: string, text: string): Promise<readonly Found[]> {
  const answer = await get(
    `${url}/api/v1/query?query=${encodeURIComponent(text)}`,
  );
  return JSON.parse(answer).data.result;
}

/** Everything that only rises. */
const COUNTERS = '{__name__=~".+_(total|count|sum|bucket)",job="corn"}';

/** What the dashboard for Grafana asks, with what Grafana puts in. */
function dashboardQuestions(): string[] {
  const [made] = makeGrafana({ name: "corn" } as never);
  const { panels, annotations, templating } = JSON.parse(made?.text as string);
  const fill = (text: string) =>
    text.replaceAll("$job", "corn").replaceAll("$instance", ".*")
      .replaceAll(/\$__(rate_)?interval/g, "1m");
  // deno-lint-ignore no-explicit-any
  const exprs = (list: any) => list.map(({ expr }: { expr: string }) => expr);
  return [
    // deno-lint-ignore no-explicit-any
    ...panels.flatMap(({ targets }: any) => exprs(targets)),
    ...exprs(annotations.list),
    ...templating.list.map(({ definition }: { definition: string }) =>
      /^label_values\((.*), \w+\)$/.exec(definition)?.[1]
    ),
  ].map(fill);
}

/** Does something to a corn, and waits until the log says that it is over. */
async function survive(
  server: Server,
  run: () => void,
  pattern: RegExp,
): Promise<void> {
  const from = server.log().length;
  run();
  await server.waitForLog(pattern, { from });
}

watched("Prometheus sees no counter go back", async (lab) => {
  if (PROMETHEUS === undefined) return lab.skip("Prometheus is not installed");
  const { cert, key } = makeAuthority().issue({ name: "shop.example" });
  const server = await lab.start({
    app,
    addresses: 2,
    args: [
      ...["-w", "1", "--metrics", "--admin", "127.0.0.1:0"],
      ...["-b", "http://127.0.0.1:0,https://127.0.0.1:0"],
      ...["--certfile", lab.write("cert.pem", cert)],
      ...["--keyfile", lab.write("key.pem", key)],
    ],
  });
  const admin = new URL(await adminOf(server)).host;
  const address = `127.0.0.1:${await freePort()}`;
  const config = lab.write(
    "prometheus.yml",
    `scrape_configs:
  - job_name: corn
    scrape_interval: 200ms
    scrape_timeout: 200ms
    static_configs: [{ targets: ["${admin}"] }]
`,
  );
  lab.forgive(`${lab.folder}/data`);
  const url = `http://${address}`;
  const prometheus = await startProxy(lab, {
    command: [
      PROMETHEUS,
      `--config.file=${config}`,
      `--storage.tsdb.path=${lab.folder}/data`,
      `--web.listen-address=${address}`,
      "--log.level=error",
    ],
    url: `${url}/-/ready`,
    end: "SIGTERM",
  });
  /** Waits until it has so many requests. */
  const untilSeen = (count: number) =>
    until("what was asked", async () => {
      const [seen] = await query(
        url,
        "sum(http_server_request_duration_seconds_count)",
      );
      return Number(seen?.value[1]) >= count;
    });
  let asked = 0;
  for (let round = 0; round < 5; round++) {
    for (let n = 0; n < 3; n++, asked++) await get(server.url);
    await untilSeen(asked);
    if (round % 2 === 0) {
      await survive(server, () => server.signal("SIGHUP"), /Reload done/);
    } else {
      const kill = () =>
        process.kill(server.workers().at(-1) as number, "SIGKILL");
      await survive(server, kill, /Worker 1 .*ready in/);
    }
  }
  await get(server.url);
  await untilSeen(asked + 1);
  const counters = await query(url, `count by (__name__) (${COUNTERS})`);
  assert.ok(counters.length > 8, `${counters.length} counters`);
  for (const { metric: { __name__: name } } of counters) {
    const resets = await query(url, `resets(${name}[10m])`);
    assert.ok(resets.length > 0, name);
    for (const { metric, value: [, count] } of resets) {
      assert.is(count, "0", `${name} ${JSON.stringify(metric)}`);
    }
  }
  const exits = await query(url, "corn_worker_exits_total > 0");
  assert.equal(
    Object.fromEntries(
      exits.map(({ metric, value }) => [metric.reason, value[1]]),
    ),
    { reload: "3", signal: "2" },
  );
  const questions = dashboardQuestions();
  assert.ok(questions.length > 20, `${questions.length} questions`);
  for (const question of questions) {
    const answers = await query(url, question);
    assert.ok(answers.length > 0, `no answer to ${question}`);
    for (const { value: [, number] } of answers) {
      assert.not.match(number, /NaN|Inf/, question);
    }
  }
  await prometheus.close();
  await server.stop();
});

watched("HAProxy's health check loses nothing at TERM", async (lab) => {
  if (HAPROXY === undefined) return lab.skip("HAProxy is not installed");
  const start = () =>
    lab.start({
      app,
      args: [
        ...["-w", "1", "--admin", "127.0.0.1:0"],
        ...["--drain-delay", "4", "--keep-alive", "5"],
      ],
    });
  const leaves = await start();
  const stays = await start();
  const port = await freePort();
  const portOf = async (server: Server) => new URL(await adminOf(server)).port;
  const config = lab.write(
    "haproxy.cfg",
    `global
  maxconn 256
defaults
  mode http
  retries 0
  timeout connect 5s
  timeout client 20s
  timeout server 20s
  timeout check 2s
frontend in
  bind 127.0.0.1:${port}
  default_backend corn
backend corn
  http-reuse never
  option httpchk GET /ready
  default-server check inter 100ms fall 2 rise 1
  server leaves 127.0.0.1:${leaves.port} port ${await portOf(leaves)}
  server stays 127.0.0.1:${stays.port} port ${await portOf(stays)}
`,
  );
  const url = `http://127.0.0.1:${port}`;
  const haproxy = await startProxy(lab, {
    command: [HAPROXY, "-f", config, "-db"],
    url: `${url}/`,
    end: "SIGTERM",
  });
  const load = await startLoad({ url, keepAlive: 4, single: 2 });
  try {
    await load.more(50);
    leaves.signal("SIGTERM");
    assert.is((await leaves.ended).code, 0);
    await load.more(50);
    const { keepAlive, single, reasons } = await load.stop();
    assert.is(keepAlive.failures, 0, JSON.stringify(reasons));
    assert.is(single.failures, 0, JSON.stringify(reasons));
  } finally {
    await load.stop();
  }
  // It has heard of it, and not from a connection that was refused.
  assert.match(haproxy.log(), /corn\/leaves is DOWN.*503/);
  assert.is((await curl(url)).status, 200);
  await haproxy.close();
  await stays.stop();
});

watched.run();

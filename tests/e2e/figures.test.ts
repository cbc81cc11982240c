import { connect } from "node:net";
import { join } from "node:path";
import * as assert from "../support/assert.ts";
import { assertSchema, ControlClient } from "../support/client/control.ts";
import { curl } from "../support/client/curl.ts";
import { adminOf } from "../support/client/metrics.ts";
import {
  assertOtlp,
  metricIn,
  openReceiver,
} from "../support/client/otlp-receiver.ts";
import { runtimeName } from "../support/process/command.ts";
import { promises } from "../support/promise.ts";
import { until } from "../support/wait.ts";

const figures = promises("figures for a person");

const APP = `const waits = (ms) => new Promise((done) => setTimeout(done, ms));
export default {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/held") await waits(60_000);
    if (pathname === "/short") await waits(10);
    if (pathname === "/spin") {
      const never = new Int32Array(new SharedArrayBuffer(4));
      const until = Date.now() + 20_000;
      while (Date.now() < until) Atomics.wait(never, 0, 0, 5);
    }
    return new Response("done", { status: pathname === "/bad" ? 500 : 200 });
  },
};
`;

/** Listens to events and gives each sample, held to the schema. */
function listen(path: string) {
  // deno-lint-ignore no-explicit-any
  const samples: any[] = [];
  const socket = connect(path);
  let text = "";
  socket.write("GET /v1/events?event=sample HTTP/1.1\r\nhost: x\r\n\r\n");
  socket.setEncoding("utf8");
  socket.on("data", (piece: string) => {
    text += piece;
    const parts = text.split("\n\n");
    text = parts.pop() as string;
    for (const part of parts) {
      const [, data] = /^event: sample\ndata: (.*)$/m.exec(part) ?? [];
      if (data === undefined) continue;
      const sample = JSON.parse(data);
      assertSchema("Sample", sample);
      samples.push(sample);
    }
  });
  return { samples, close: () => socket.destroy() };
}

figures("come each second while a client listens", async (lab) => {
  lab.write("app.mjs", APP);
  const path = join(lab.folder, "control.sock");
  const server = await lab.start({
    app: "app.mjs",
    cwd: lab.folder,
    args: ["-w", "2", "--control", path, "--timeout", "60"],
  });
  const client = new ControlClient(path);
  const { live } = await client.get("Worker", "/v1/workers/1");
  assert.is(live, null, "nobody has looked");

  const { hostname, port } = new URL(server.url);
  const held = connect(Number(port), hostname);
  held.on("error", () => {});
  held.write("GET /held?secret=1 HTTP/1.1\r\nhost: x\r\n\r\n");
  const stream = listen(path);
  let serving = true;
  const load = (async () => {
    while (serving) {
      await curl(`${server.url}/short`);
      await curl(`${server.url}/bad`);
    }
  })();
  try {
    await until("figures of requests", () => {
      const { totals, workers = [] } = stream.samples.at(-1) ?? {};
      const { perSecond, p50Ms, p99Ms, failed } = totals?.live ?? {};
      return perSecond > 0 && p50Ms > 0 && p99Ms >= 9 && failed > 0 &&
        workers.length === 2 && workers.every(({ live }: {
          live: { rssBytes: number } | null;
        }) => (live?.rssBytes ?? 0) > 1e6);
    });
    await until(
      "the oldest request",
      () =>
        stream.samples.at(-1).workers.some(({ live }: {
          live: { oldest: { path: string; ms: number }[] } | null;
        }) =>
          live?.oldest.some(({ path, ms }) => path === "/held" && ms > 500)
        ),
    );
    const [sample] = stream.samples.slice(-1);
    assert.equal(sample.listeners[0].queues.length, 2);
    assert.equal(sample.scale, {
      ...{ min: null, max: null, now: 2, why: null, changedAt: null },
    });
    assert.ok(sample.arbiter.cpu !== null && sample.arbiter.rssBytes > 1e6);

    const named = async (target: string) => {
      const { requests } = await client.get("Requests", target);
      // deno-lint-ignore no-explicit-any
      return requests.find(({ path }: any) => path.startsWith("/held"));
    };
    const request = await named("/v1/requests");
    assert.equal([request.path, request.method, request.state], [
      ...["/held", "GET", "waiting"],
    ]);
    assert.is(request.client, "127.0.0.1");
    assert.ok(request.ms > 500 && [1, 2].includes(request.worker.slot));
    assert.is(
      (await named("/v1/requests?query=1")).path,
      "/held?secret=1",
    );
  } finally {
    serving = false;
    stream.close();
    await load;
    held.destroy();
  }
  // Of a worker that is blocked its memory tells.
  const spin = connect(Number(port), hostname);
  spin.on("error", () => {});
  spin.write("GET /spin HTTP/1.1\r\nhost: x\r\n\r\n");
  try {
    // deno-lint-ignore no-explicit-any
    let found: any;
    await until("the request that blocks", async () => {
      const { requests } = await client.get("Requests", "/v1/requests");
      // deno-lint-ignore no-explicit-any
      found = requests.find(({ path }: any) => path === "/spin");
      return found?.state === "running";
    });
    await client.order(`/v1/workers/${found.worker.slot}/kill`);
  } finally {
    spin.destroy();
  }
  server.signal("SIGQUIT");
  await server.ended;
});

figures("metrics come by each way, with traces and refusals", async (lab) => {
  lab.write("app.mjs", APP);
  const path = join(lab.folder, "control.sock");
  const server = await lab.start({
    app: "app.mjs",
    cwd: lab.folder,
    args: [
      ...["-w", "1", "--control", path, "--metrics", "--metrics-exemplars"],
      ...["--admin", "127.0.0.1:0", "--admin-status"],
      ...["--limit-request-body", "10"],
    ],
  });
  const admin = await adminOf(server);
  const client = new ControlClient(path);
  const trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  await curl(
    `${server.url}/short`,
    ...["-H", `traceparent: 00-${trace}-00f067aa0ba902b7-01`],
  );
  const large = await curl(server.url, "-d", "x".repeat(50));
  assert.is(large.status, 413);
  const refused = 'corn_refused_total{reason="body",status="413"} 1';
  await until("the refusal", async () => {
    const { text } = await client.get("Metrics", "/v1/metrics");
    return text.split("\n").includes(refused);
  });
  const { body } = await curl(
    `${admin}/metrics`,
    ...["-H", "accept: application/openmetrics-text;version=1.0.0"],
  );
  assert.match(body, new RegExp(`_bucket{.*} 1 # {trace_id="${trace}"} 0\\.`));
  assert.ok(body.includes(refused));
  const overflows = /^corn_queue_overflows_total\{.*\} 0$/m.test(body);
  assert.is(overflows, runtimeName !== "node");
  const { status, body: json } = await curl(`${admin}/v1/status?measure=1`);
  assert.is(status, 200);
  assertSchema("Status", JSON.parse(json));
  assert.is((await curl(`${admin}/v1/config`)).status, 404);
});

figures(
  "metrics are pushed, and again after a push that failed",
  async (lab) => {
    lab.write("app.mjs", APP);
    const receiver = await openReceiver();
    receiver.statuses.push(503);
    try {
      const server = await lab.start({
        app: "app.mjs",
        cwd: lab.folder,
        args: ["-w", "1", "--otlp", receiver.url, "--otlp-interval", "1"],
        env: {
          OTEL_SERVICE_NAME: "shop",
          OTEL_EXPORTER_OTLP_HEADERS: "api-key=secret",
        },
      });
      const { messages, headers } = receiver;
      await until("a push", () => messages.length > 0);
      assertOtlp(messages[0]);
      assert.equal(
        [headers[0]?.path, headers[0]?.["api-key"]],
        ["/v1/metrics", "secret"],
      );
      await server.waitForLog(/Cannot push metrics to .*: it answers 503/);
      await server.waitForLog(/Metrics go to .* again/);
      await curl(`${server.url}/short`);
      const duration = "http.server.request.duration";
      await until(
        "the request",
        () => metricIn(messages.at(-1), duration) !== undefined,
      );
      await server.stop();
      const last = messages.at(-1);
      assertOtlp(last);
      const [point] = metricIn(last, duration).histogram.dataPoints;
      assert.is(point.count, "1");
      const { attributes } = last.resourceMetrics[0].resource;
      assert.ok(attributes.some(({ key, value }: {
        key: string;
        value: { stringValue?: string };
      }) => key === "service.name" && value.stringValue === "shop"));
    } finally {
      receiver.close();
    }
  },
);

figures.run();

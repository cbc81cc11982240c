import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { assertOtlp, metricIn } from "../support/client/otlp-receiver.ts";
import { FakeRuntime, settle } from "../support/fake/runtime.ts";
import type { Family } from "../../src/telemetry/exposition.ts";
import { otlpMessage } from "../../src/telemetry/otlp.ts";
import { anySeed, randomFrom } from "../support/random.ts";
import { OtlpPush } from "../../src/telemetry/otlp-push.ts";
import {
  readHeaders,
  receiverOf,
  resourceOf,
} from "../../src/telemetry/otlp-resource.ts";

const otlp = suite("OTLP");

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

const FAMILIES: readonly Family[] = [
  {
    type: "histogram",
    name: "http_server_request_duration_seconds",
    help: "How long.",
    samples: [{
      labels: { http_request_method: "GET", http_response_status_code: "200" },
      bounds: [0.005, 1],
      counts: [2, 0, 1],
      sum: 7.25,
      exemplars: new Map([[2, { traceId: TRACE, ms: 7000, at: 1.7e9 }]]),
    }],
  },
  gauge("http_server_active_requests", 3),
  gauge("corn_build_info", 1),
  gauge("corn_worker_memory_bytes", 5e7, { worker: "1" }),
  { type: "gauge", name: "corn_none", help: "", samples: [] },
  {
    type: "counter",
    name: "corn_worker_cpu_seconds_total",
    help: "CPU.",
    samples: [{ labels: { worker: "1" }, value: 1.5 }],
  },
];

function gauge(
  name: string,
  value: number,
  labels: Readonly<Record<string, string>> = {},
): Family {
  return { type: "gauge", name, help: "", samples: [{ labels, value }] };
}

otlp("receiverOf() makes a user and password a field", () => {
  const at = (text: string, env = {}) => receiverOf(text, env);
  assert.equal(at("http://127.0.0.1:4318"), {
    url: "http://127.0.0.1:4318/v1/metrics",
    headers: {},
  });
  assert.equal(at("https://ann:p%40ss%C3%A9@a.example/in?x=1"), {
    url: "https://a.example/in?x=1",
    headers: { authorization: "Basic YW5uOnBAc3PDqQ==" },
  });
  assert.equal(at("http://100%:@a.example").headers, {
    authorization: "Basic MTAwJTo=",
  });
  const env = { OTEL_EXPORTER_OTLP_HEADERS: "Authorization=Bearer%20x" };
  assert.equal(at("http://ann:b@a.example", env).headers, {
    Authorization: "Bearer x",
  });
});

otlp("otlpMessage() is what the protocol says, with its names", () => {
  const message = otlpMessage(FAMILIES, {
    ...{ resource: { "service.name": "shop", "process.pid": 7 } },
    ...{ version: "1.2.3", startedAt: 1.6e9, now: 1.7e9 + 0.25 },
  });
  assertOtlp(message);
  assert.equal(metricIn(message, "http.server.request.duration").histogram, {
    aggregationTemporality: 2,
    dataPoints: [{
      attributes: [
        { key: "http.request.method", value: { stringValue: "GET" } },
        { key: "http.response.status_code", value: { intValue: "200" } },
      ],
      startTimeUnixNano: "1600000000000000000",
      timeUnixNano: "1700000000250000000",
      count: "3",
      sum: 7.25,
      bucketCounts: ["2", "0", "1"],
      explicitBounds: [0.005, 1],
      exemplars: [{
        ...{ timeUnixNano: "1700000000000000000", asDouble: 7 },
        traceId: TRACE,
      }],
    }],
  });
  const active = metricIn(message, "http.server.active_requests");
  assert.equal([active.unit, active.sum.isMonotonic], ["{request}", false]);
  const cpu = metricIn(message, "corn.worker_cpu");
  assert.equal([cpu.unit, cpu.sum.isMonotonic], ["s", true]);
  assert.is(metricIn(message, "corn.worker_memory").unit, "By");
  for (const name of ["corn.build_info", "corn.none"]) {
    assert.is(metricIn(message, name), undefined);
  }
});

function start(everyMs = 60_000) {
  const runtime = new FakeRuntime();
  runtime.random = () => 1;
  const reports: string[] = [];
  const state = {
    message: (): unknown => ({ at: runtime.clock.now() }),
  };
  const push = new OtlpPush({
    ...{ runtime, everyMs, url: "http://a/v1/metrics" },
    headers: { authorization: "x" },
    message: () => state.message(),
    report: (level, text) => reports.push(`${level} ${text}`),
  });
  const pass = async (ms: number) => {
    runtime.clock.pass(ms);
    await settle();
  };
  const answer = (status: number, more: object = {}) => {
    runtime.posted = () => ({
      ...{ status, retryAfter: undefined, text: "", ...more },
    });
  };
  return { runtime, push, pass, answer, reports, state, posts: runtime.posts };
}

otlp("each interval all is pushed", async () => {
  const { push, pass, posts, reports, runtime } = start();
  await pass(59_000);
  assert.is(posts.length, 0);
  await pass(1000);
  await pass(60_000);
  assert.is(posts.length, 2);
  assert.equal(posts[0]?.post.headers, {
    ...{ authorization: "x", "content-type": "application/json" },
  });
  assert.equal(reports, []);
  await push.flush();
  assert.is(posts.length, 3);
  // None takes longer, and the last one does not hold up the end.
  assert.equal(posts.map(({ post }) => post.ms), [10_000, 10_000, 1000]);
  assert.equal(runtime.clock.due(), [], "nothing keeps the process");
  await pass(600_000);
  assert.is(posts.length, 3, "it is closed");
});

otlp("one that failed is tried again with what there is then", async () => {
  const { push, pass, answer, posts, reports } = start();
  answer(503);
  await pass(60_000);
  await pass(1000);
  await pass(1999);
  assert.is(posts.length, 2, "each time twice as long");
  await pass(1);
  assert.is(posts.length, 3);
  const moments = posts.map(({ post }) => JSON.parse(post.body).at);
  assert.is(new Set(moments).size, 3);
  answer(200);
  await pass(4000);
  assert.equal(reports, [
    "warning Cannot push metrics to http://a/v1/metrics: it answers 503",
    "info Metrics go to http://a/v1/metrics again",
  ]);
  await pass(59_000);
  assert.is(posts.length, 4, "in its interval again");
  answer(503);
  await pass(1000);
  await pass(1000);
  assert.is(posts.length, 6, "and after a second at first");
  push.close();
});

otlp("a receiver is asked again as late as it says", async () => {
  const { push, pass, answer, posts } = start();
  answer(429, { retryAfter: "30" });
  await pass(60_000);
  await pass(29_000);
  assert.is(posts.length, 1);
  await pass(1000);
  assert.is(posts.length, 2);
  // Never later than the next would be.
  answer(429, { retryAfter: "99999" });
  await pass(30_000);
  await pass(60_000);
  assert.is(posts.length, 4);
  push.close();
});

otlp("what is of no use to try again waits for its time", async () => {
  const again = [429, 502, 503, 504];
  for (const status of [...again, 400, 401, 404, 500]) {
    const { push, pass, answer, posts } = start();
    answer(status);
    await pass(60_000);
    await pass(59_000);
    assert.is(posts.length > 1, again.includes(status), String(status));
    push.close();
  }
});

otlp(
  "a time to ask again that is no number of seconds is passed over",
  async () => {
    const { push, pass, answer, posts } = start();
    answer(503, { retryAfter: "Wed, 21 Oct 2026 07:28:00 GMT" });
    await pass(60_000);
    await pass(999);
    assert.is(posts.length, 1);
    await pass(1);
    assert.is(posts.length, 2);
    push.close();
  },
);

otlp("points that are not taken are told of, with the reason", async () => {
  const { push, pass, answer, posts, reports } = start();
  answer(200, {
    text: JSON.stringify({
      partialSuccess: { rejectedDataPoints: "1", errorMessage: "too old" },
    }),
  });
  await pass(60_000);
  await pass(59_000);
  assert.is(posts.length, 1);
  answer(400);
  await pass(1000);
  assert.is(posts.length, 2);
  assert.equal(reports, [
    "warning Cannot push metrics to http://a/v1/metrics: it rejected 1 points: too old",
  ], "one reason after another is one trouble");
  push.close();
});

otlp("where there is nothing to push nothing is, until there is", async () => {
  const { push, pass, posts, state } = start();
  state.message = () => undefined;
  await pass(60_000);
  assert.is(posts.length, 0);
  state.message = () => ({});
  await pass(60_000);
  assert.is(posts.length, 1);
  push.close();
});

otlp("a push that is under way at close() is the last", async () => {
  const { push, pass, runtime, posts } = start();
  const answer = Promise.withResolvers<never>();
  runtime.posted = () => answer.promise;
  await pass(60_000);
  push.close();
  answer.reject(new Error("gone"));
  await settle();
  assert.equal([posts.length, runtime.clock.due()], [1, []]);
});

otlp("a receiver that is gone is told of once", async () => {
  const { push, pass, runtime, posts, reports } = start();
  runtime.posted = () => {
    throw new Error("fetch failed", { cause: new Error("ECONNREFUSED") });
  };
  await pass(60_000);
  for (let n = 0; n < 5; n++) await pass(60_000);
  assert.is(posts.length, 6);
  assert.equal(reports, [
    "warning Cannot push metrics to http://a/v1/metrics: ECONNREFUSED",
  ]);
  push.close();
});

otlp("a receiver that hangs does not hold up the end", async () => {
  const { push, pass, runtime, posts } = start();
  runtime.posted = () => new Promise<never>(() => {});
  await pass(60_000);
  let over = false;
  void push.flush().then(() => over = true);
  await pass(900);
  assert.not(over);
  await pass(100);
  assert.ok(over);
  assert.is(posts.length, 1);
  assert.equal(runtime.clock.due(), []);
});

otlp("OpenTelemetry's variables name the resource and its headers", () => {
  const runtime = new FakeRuntime();
  const env = {
    OTEL_SERVICE_NAME: "shop",
    OTEL_RESOURCE_ATTRIBUTES: "service.name=other,team=a%20b,bad,=x,c=%zz",
    OTEL_EXPORTER_OTLP_HEADERS: "api-key=one,x=1",
    OTEL_EXPORTER_OTLP_METRICS_HEADERS: "api-key=two",
  };
  const resource = resourceOf(runtime, env, "corn");
  assert.equal([resource["service.name"], resource.team, resource.bad], [
    ...["shop", "a b", undefined],
  ]);
  assert.match(
    String(resource["service.instance.id"]),
    /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/,
  );
  assert.is(resource["host.name"], "host");
  runtime.self.hostname = () => "";
  assert.not("host.name" in resourceOf(runtime, env, "corn"));
  assert.equal(readHeaders(env), { "api-key": "two", x: "1" });
  assert.is(resourceOf(runtime, {}, "corn")["service.name"], "corn");
});

otlp("each process has an id of its own", () => {
  const runtime = new FakeRuntime();
  runtime.random = randomFrom(anySeed());
  const ids = Array.from(
    { length: 100 },
    () => String(resourceOf(runtime, {}, "corn")["service.instance.id"]),
  );
  assert.is(new Set(ids).size, 100);
  assert.is(new Set(ids.map((id) => id[19])).size, 4, "RFC 9562, section 4.1");
});

otlp.run();

import * as assert from "../support/assert.ts";
import { figuresOf } from "../support/fake/figures.ts";
import { settle, systemError } from "../support/fake/runtime.ts";
import type { FakeRuntime } from "../support/fake/runtime.ts";
import { suite } from "../support/suite.ts";
import { until } from "../support/wait.ts";
import { configure, launched, machine, pass, read } from "./launched.ts";

const observability = suite("observability");

const ADMIN = "127.0.0.1:9000";

/** What was sent to the receiver of statsd, a metric each. */
const sent = ({ outlets }: FakeRuntime) =>
  outlets.flatMap((outlet) => outlet.texts()).flatMap((text) =>
    text.split("\n")
  );

/** Reads the config anew. */
async function reload(
  { arbiter }: Pick<Awaited<ReturnType<typeof launched>>, "arbiter">,
): Promise<void> {
  arbiter.reload().catch(() => {});
  await settle();
}

/** The paths and ports where clients are let in. */
const open = ({ accepting, unnamed }: FakeRuntime) =>
  [...accepting.keys()].filter((one) => !unnamed.has(one)).map((one) =>
    one.kind === "unix" ? one.path : one.port
  );

observability("workers and lines of the log are told to statsd", async () => {
  const corn = await launched({ statsdHost: "127.0.0.1:8125" });
  const { runtime } = corn;
  runtime.outlets[0]?.events.onOpen();
  runtime.otherEnd?.(1);
  await pass(runtime, 1);
  const before = sent(runtime);
  assert.ok(before.some((one) => one.startsWith("gunicorn.workers:1|g")));
  assert.ok(before.some((one) => one.startsWith("gunicorn.log.critical:1|c")));
  await corn[Symbol.asyncDispose]();
  assert.ok(runtime.outlets.every(({ closed }) => closed));
  const { length } = sent(runtime);
  await pass(runtime, 20);
  assert.is(sent(runtime).length, length);
});

observability(
  "a reload changes what is told to statsd, and where",
  async () => {
    await using corn = await launched({});
    const { runtime } = corn;
    runtime.child(1).boot();
    configure(runtime, { statsdHost: "127.0.0.1:8125" });
    await reload(corn);
    runtime.outlets[0]?.events.onOpen();
    await pass(runtime, 1);
    assert.ok(sent(runtime).some((one) => one.startsWith("gunicorn.workers:")));
  },
);

observability(
  "what waits for workers is told where that is asked",
  async () => {
    const runtime = machine();
    runtime.waiting = [3];
    await using corn = await launched({
      statsdHost: "127.0.0.1:8125",
      enableBacklogMetric: true,
    }, runtime);
    runtime.outlets[0]?.events.onOpen();
    runtime.child(1).boot();
    await pass(runtime, 2);
    assert.ok(
      sent(runtime).includes("gunicorn.backlog:3|h"),
      corn.log().join(),
    );
  },
);

observability("metrics have workers and lines of the log", async () => {
  await using corn = await launched({ metrics: true, admin: ADMIN });
  const { runtime } = corn;
  runtime.child(1).boot();
  runtime.child(1).say(figuresOf({ requests: 4 }));
  runtime.otherEnd?.(1);
  const text = await read(runtime, "/metrics");
  assert.match(text, 'corn_worker_requests_total{worker="1"} 4\n');
  assert.match(text, 'corn_log_lines_total{level="critical"} 1\n');
});

observability("readiness is that of the config in force", async () => {
  await using corn = await launched({ admin: ADMIN, readyWorkers: 1 });
  const { runtime } = corn;
  assert.match(await read(runtime, "/ready"), "HTTP/1.1 503");
  runtime.child(1).boot();
  assert.match(await read(runtime, "/ready"), "HTTP/1.1 200");
  configure(runtime, { admin: ADMIN, readyWorkers: 2 });
  await reload(corn);
  runtime.child(2).boot();
  await settle();
  assert.match(await read(runtime, "/ready"), "HTTP/1.1 503");
});

observability(
  "the status is shown at the door where that is asked",
  async () => {
    await using corn = await launched({
      admin: ADMIN,
      adminStatus: true,
      control: "off",
    });
    corn.runtime.otherEnd?.(1);
    const text = await read(corn.runtime, "/v1/status");
    assert.match(text, '"state":"starting"');
  },
);

observability("metrics are pushed, and what was counted last", async () => {
  const corn = await launched({ otlp: "http://one:4318", metrics: true });
  const { runtime } = corn;
  await pass(runtime, 60);
  assert.ok(runtime.posts.length > 0);
  assert.match(
    JSON.stringify(runtime.posts[0]),
    /timeUnixNano\W+3660000000000\D/,
  );
  const { length } = runtime.posts;
  await corn[Symbol.asyncDispose]();
  assert.is(runtime.posts.length, length + 1);
});

observability("a reload may begin to push metrics", async () => {
  await using corn = await launched({});
  const { runtime } = corn;
  runtime.child(1).boot();
  configure(runtime, { otlp: "http://one:4318", metrics: true });
  await reload(corn);
  await until("it is loaded", async () => {
    await pass(runtime, 60);
    return runtime.posts.length > 0;
  });
});

observability(
  "the control socket is open from the start to the end",
  async () => {
    const asked = await launched({ control: "/run/corn.sock" });
    assert.equal(open(asked.runtime), ["/run/corn.sock"]);
    await asked[Symbol.asyncDispose]();
    assert.equal(open(asked.runtime), []);
    const runtime = machine();
    runtime.files.texts.set("/tmp/corn-0/1.json", "");
    runtime.files.modes.set("/tmp/corn-0", 0o700);
    await using unasked = await launched({}, runtime);
    await settle();
    assert.equal(open(unasked.runtime), ["/tmp/corn-0/100.sock"]);
  },
);

observability(
  "a control socket that cannot be had fails the start",
  async () => {
    const runtime = machine();
    runtime.acceptStreams = () => Promise.reject(systemError("EACCES"));
    const failed = await launched({ control: "/run/corn.sock" }, runtime)
      .then(() => "", ({ message }) => message);
    assert.match(failed, 'Cannot open the control socket "/run/corn.sock"');
  },
);

/** Starts a successor, child 2, which serves and has the names of the sockets. */
async function succeed(runtime: FakeRuntime): Promise<void> {
  runtime.child(1).boot();
  await settle();
  runtime.signal("SIGUSR2");
  await settle();
  runtime.child(2).say({ type: "serving" });
  for (const one of runtime.accepting.keys()) runtime.unnamed.add(one);
}

observability("its socket is there again after an upgrade undone", async () => {
  await using corn = await launched({ control: "/run/corn.sock" });
  const { runtime } = corn;
  await succeed(runtime);
  runtime.child(2).exit();
  await settle();
  assert.equal(open(runtime), ["/run/corn.sock"]);
});

observability("none is made again where corn stops", async () => {
  const corn = await launched({ control: "/run/corn.sock" });
  const { runtime } = corn;
  await succeed(runtime);
  corn.arbiter.stop("graceful");
  runtime.child(2).exit();
  await settle();
  assert.equal(open(runtime), []);
  await corn[Symbol.asyncDispose]();
});

observability(
  "a door that cannot be opened leaves a reload as it was",
  async () => {
    await using corn = await launched({});
    const { runtime } = corn;
    runtime.child(1).boot();
    configure(runtime, { admin: ADMIN });
    runtime.acceptStreams = () => Promise.reject(systemError("EADDRINUSE"));
    await reload(corn);
    assert.match(
      corn.log().find((line) => line.startsWith("[ERROR]")) ?? "",
      "Cannot open --admin 127.0.0.1:9000",
    );
    assert.is(runtime.children.length, 1);
  },
);

observability("the control socket tells of pool and log", async () => {
  await using corn = await launched({ control: "/run/corn.sock" });
  corn.runtime.child(1).boot();
  corn.runtime.otherEnd?.(1);
  const history = await read(corn.runtime, "/v1/history");
  assert.match(history, '"about":"ready"');
  assert.match(history, "Ended by a call of process.exit(1)");
});

observability.run();

import { Chronicle } from "../../src/control/chronicle.ts";
import { findRoute, Refused } from "../../src/control/door/route.ts";
import type { EventStream, SentEvent } from "../../src/control/door/route.ts";
import { controlRoutes } from "../../src/control/routes.ts";
import { load } from "../config/support.ts";
import * as assert from "../support/assert.ts";
import { settle } from "../support/fake/clock.ts";
import { FakeSubject, servingWorker } from "../support/fake/subject.ts";
import { suite } from "../support/suite.ts";

const routes = suite("routes");
const config = await load();

function start() {
  const subject = new FakeSubject(config);
  const chronicle = new Chronicle(() => subject.date());
  const all = controlRoutes({
    subject,
    chronicle,
    began: { at: subject.date(), now: subject.now() },
  });
  const asked = (method: string, target: string, body?: unknown) => {
    const { pathname, searchParams } = new URL(target, "http://localhost");
    const { route, params } = findRoute(all, method, pathname);
    return route.answer({ params, query: searchParams, body, field });
  };
  const fields = new Map<string, string>();
  const field = (name: string) => fields.get(name);
  return { subject, chronicle, fields, asked };
}

/** What an answer says: its JSON, or why there is none. */
// deno-lint-ignore no-explicit-any
async function say(run: () => unknown): Promise<any> {
  try {
    const reply = await run() as { status?: number; json: unknown };
    return reply.json;
  } catch (error) {
    if (error instanceof Refused) return `${error.status} ${error.code}`;
    throw error;
  }
}

const BAD = "400 bad-request";

/** Orders: what is asked, and what corn is told or why it is not. */
const ORDERS: readonly [string, unknown, string][] = [
  ["reload", undefined, "reload {}"],
  ["reload", { canary: 30 }, 'reload {"canary":30}'],
  ["reload", { canary: -1 }, BAD],
  ["reload", { canary: "soon" }, BAD],
  ["reload", { other: 1 }, BAD],
  ["reload", [], BAD],
  ["reload", "canary", BAD],
  ["reload", null, BAD],
  ["stop", undefined, "stop graceful"],
  ["stop", { mode: "graceful" }, "stop graceful"],
  ["stop", { mode: "quick" }, "stop quick"],
  ["stop", { mode: "now" }, BAD],
  ["scale", { to: 4 }, "scale 4"],
  ["scale", { to: 1024 }, "scale 1024"],
  ["scale", { to: 2 ** 31 }, BAD],
  ["scale", { to: 1 }, "scale 1"],
  ["scale", { to: 0 }, BAD],
  ["scale", { to: 1.5 }, BAD],
  ["scale", { to: "4" }, BAD],
  ["scale", { by: 1 }, "scale 3"],
  ["scale", { by: -1 }, "scale 1"],
  ["scale", { by: -2 }, BAD],
  ["scale", { by: 0.5 }, BAD],
  ["scale", { by: 1, to: 4 }, BAD],
  ["scale", { by: 1, to: "auto" }, BAD],
  ["scale", {}, BAD],
  ["scale", undefined, BAD],
  ["scale", { to: "auto" }, "scale auto"],
  ["reopen", undefined, "reopen"],
  ["reopen", { mode: "quick" }, BAD],
  ["upgrade", {}, "upgrade"],
  ["upgrade", { by: 1 }, BAD],
  ["workers/2/restart", undefined, "replace 2"],
  ["workers/all/restart", undefined, "replace 1"],
  ["workers/3/restart", undefined, "404 no-worker"],
  ["workers/0/restart", undefined, "404 no-worker"],
  ["workers/1e0/kill", undefined, "404 no-worker"],
  ["workers/all/kill", undefined, "404 no-worker"],
  ["workers/2/kill", undefined, "kill 2"],
  ["workers/2/drain", undefined, "drain 2"],
  ["workers/2/stack", undefined, "stack 2"],
  ["workers/2/profile", undefined, "profile 2 10000 false"],
  ["workers/2/profile", { seconds: 0.5 }, "profile 2 500 false"],
  ["workers/2/profile", { seconds: 600 }, "profile 2 600000 false"],
  ["workers/2/profile", { seconds: 601 }, BAD],
  ["workers/2/profile", { seconds: 0 }, BAD],
  ["workers/2/profile", { seconds: "1" }, BAD],
  ["workers/2/profile", { thread: 3 }, "profile 2 10000 false thread 3"],
  ["workers/2/profile", { thread: 0 }, BAD],
  ["workers/2/heap", { thread: "1" }, BAD],
  ["workers/2/heap", undefined, "heap 2 0 false"],
  ["workers/2/heap", { drain: true }, "heap 2 0 true"],
  ["workers/2/heap", { drain: 1 }, BAD],
];

for (const [path, body, wanted] of ORDERS) {
  routes(`POST ${path} with ${JSON.stringify(body)}`, async () => {
    const { subject, asked } = start();
    const said = await say(() => asked("POST", `/v1/${path}`, body));
    const [kind = "", slot = "", verb = kind] = path.split("/");
    if (subject.orders.length === 0) {
      assert.is(said, wanted);
      return;
    }
    assert.is(subject.orders[0], wanted);
    const name = slot === "" ? kind : verb;
    assert.equal(said, { operation: `${name}-1` });
  });
}

routes("a worker that is not ready takes no order of one that is", async () => {
  const { subject, asked } = start();
  subject.set({
    workers: [servingWorker(1), servingWorker(2, { state: "booting" })],
  });
  const restart = (slot: number) =>
    say(() => asked("POST", `/v1/workers/${slot}/restart`));
  assert.is(await restart(2), "409 not-ready");
  assert.is(await restart(3), "404 no-worker");
  assert.equal(subject.orders, []);
});

routes("an order is answered with 202 and a name to ask by", async () => {
  const { asked } = start();
  const { status, json } = await asked("POST", "/v1/reopen") as {
    status: number;
    json: { operation: string };
  };
  assert.is(status, 202);
  const done = await say(() =>
    asked("GET", `/v1/operations/${json.operation}`)
  );
  assert.equal([done.state, done.message], ["done", "Log files reopened"]);
  const none = await say(() => asked("GET", "/v1/operations/reopen-2"));
  assert.is(none, "404 no-operation");
});

routes("an operation is waited for as long as it is said", async () => {
  const { subject, asked } = start();
  await asked("POST", "/v1/reload");
  const get = (query: string) =>
    say(() => asked("GET", `/v1/operations/reload-1?${query}`));
  assert.is((await get("wait=0")).state, "running");
  assert.is((await get("")).state, "running");
  let answer: { state: string } | undefined;
  void get("wait=2").then((json) => answer = json);
  subject.clock.pass(1999);
  await settle();
  assert.is(answer, undefined);
  subject.clock.pass(1);
  await settle();
  assert.is(answer?.state, "running");
  for (const query of ["wait=61", "wait=-1", "wait=1.5", "seen=x"]) {
    assert.is(await get(query), BAD, query);
  }
});

routes("scaling by load is refused where the size is set", async () => {
  const { subject, asked } = start();
  subject.set({ ranged: false });
  const auto = () => asked("POST", "/v1/scale", { to: "auto" });
  assert.is(await say(auto), "409 fixed");
  assert.equal(subject.orders, []);
});

routes("a worker is told by its slot: the one that came last", async () => {
  const { subject, asked } = start();
  subject.set({
    workers: [
      servingWorker(1, { state: "draining" }),
      servingWorker(1, { age: 5, pid: 105 }),
    ],
  });
  assert.is((await say(() => asked("GET", "/v1/workers/1"))).pid, 105);
  assert.is(
    await say(() => asked("GET", "/v1/workers/2")),
    "404 no-worker",
  );
});

routes("measure=1 waits until it is measured", async () => {
  const { subject, asked } = start();
  const measured = Promise.withResolvers<void>();
  let looks = 0;
  subject.look = () => {
    looks++;
    return measured.promise;
  };
  for (const target of ["/v1/status", "/v1/workers/1"]) {
    await asked("GET", target);
    await asked("GET", `${target}?measure=0`);
    assert.is(looks, 0);
    assert.is(await say(() => asked("GET", `${target}?measure=2`)), BAD);
    let over = false;
    const answer = Promise.resolve(asked("GET", `${target}?measure=1`));
    void answer.then(() => over = true);
    await settle();
    assert.equal([looks, over], [1, false]);
    looks = 0;
  }
  measured.resolve();
  await settle();
  const status = await say(() => asked("GET", "/v1/status?measure=1"));
  assert.equal([status.pid, status.wanted, status.ready], [99, 2, 2]);
});

routes("a status names workers by slot, then by age", async () => {
  const { subject, asked } = start();
  const workers = [[2, 4], [1, 3], [3, 5], [1, 1], [2, 2]].map(([slot, age]) =>
    servingWorker(slot as number, { age: age as number })
  );
  subject.set({ workers });
  const status = await say(() => asked("GET", "/v1/status"));
  assert.equal(
    status.workers.map(({ slot, age }: { slot: number; age: number }) =>
      `${slot}/${age}`
    ),
    ["1/1", "1/3", "2/2", "2/4", "3/5"],
  );
});

routes(
  "a status tells as many places of a figure as there is use for",
  async () => {
    const { subject, asked } = start();
    const sixth = 1 / 6;
    const figures = {
      perSecond: sixth,
      failed: sixth,
      p50Ms: sixth,
      p99Ms: null,
    };
    const rounded = {
      perSecond: 0.2,
      failed: 0.1667,
      p50Ms: 0.167,
      p99Ms: null,
    };
    const rest = { queued: 0, websockets: 0, rssBytes: 1, heapUsedBytes: 1 };
    const live = {
      ...{ ...figures, ...rest, oldest: [] },
      ...{ lagMs: sixth, cpu: sixth, busy: sixth },
    };
    subject.set({
      workers: [
        servingWorker(1, { stateMs: 10 / 6, silentMs: 10 / 6, live }),
      ],
      live: figures,
      arbiter: { cpu: sixth, rssBytes: 1 },
    });
    const status = await say(() => asked("GET", "/v1/status"));
    assert.equal(status.totals.live, rounded);
    assert.equal(status.arbiter, { cpu: 0.1667, rssBytes: 1 });
    const [worker] = status.workers;
    assert.equal([worker.stateMs, worker.silentMs], [2, 2]);
    assert.equal(worker.live, {
      ...{ ...rounded, ...rest, oldest: [] },
      ...{ lagMs: 0, cpu: 0.167, busy: 0.167 },
    });
  },
);

routes("queries of requests are told where they are asked for", async () => {
  const { subject, asked } = start();
  subject.open = [{
    method: "GET",
    path: "/a",
    ms: 12,
    state: "waiting",
    client: null,
    worker: { slot: 1, pid: 101, age: 1, generation: 1 },
  }];
  const paths = async (query: string) => {
    const { requests } = await say(() => asked("GET", `/v1/requests${query}`));
    return requests.map(({ path }: { path: string }) => path);
  };
  assert.equal(await paths(""), ["/a"]);
  assert.equal(await paths("?query=0"), ["/a"]);
  assert.equal(await paths("?query=1"), ["/a?secret"]);
});

routes("metrics are told as they are, or why there are none", async () => {
  const { subject, asked } = start();
  const metrics = await say(() => asked("GET", "/v1/metrics"));
  assert.is(metrics.text, "x 1\n");
  assert.match(metrics.type, /^text\/plain/);
  Object.assign(subject.admin, { metrics: () => Promise.resolve(undefined) });
  assert.match(await say(() => asked("GET", "/v1/metrics")), /^\d{3} [\w-]+$/);
});

function talkative() {
  const parts = start();
  const { chronicle, subject } = parts;
  const line = (text: string) =>
    chronicle.log(
      { level: "info", pid: 1, text, time: subject.date() } as never,
      () => undefined,
    );
  line("one");
  chronicle.note({ about: "ready" });
  line("three");
  return { ...parts, line };
}

routes(
  "history tells what is kept, from a number on and of a kind",
  async () => {
    const { asked } = talkative();
    const ids = async (query: string) => {
      const said = await say(() => asked("GET", `/v1/history${query}`));
      if (typeof said === "string") return said;
      assert.equal([said.last, said.lost], [3, false]);
      return said.events.map(({ id }: { id: number }) => id).join();
    };
    assert.is(await ids(""), "1,2,3");
    assert.is(await ids("?after=1"), "2,3");
    assert.is(await ids("?after=3"), "");
    assert.is(await ids("?event=log"), "1,3");
    assert.is(await ids("?event=note&after=1"), "2");
    assert.is(await ids("?event=note,log"), "1,2,3");
    for (
      const query of [
        "?event=sample",
        "?event=",
        "?after=x",
        "?after=-1",
        "?after=12345678901234567",
      ]
    ) assert.is(await ids(query), BAD, query);
  },
);

/** Listens to events; gives what is sent, and what ends it. */
async function listen(
  { asked }: ReturnType<typeof start>,
  query: string,
) {
  const sent: SentEvent[] = [];
  const stream = {
    unread: 0,
    send: (event: SentEvent) => void sent.push(event),
    close() {},
  };
  const { events } = await asked("GET", `/v1/events${query}`) as {
    events: (stream: EventStream) => () => void;
  };
  return { sent, stream, end: events(stream) };
}

const named = ({ id, event }: SentEvent) =>
  id === undefined ? event : `${event} ${id}`;

routes("events are told from now on, or from a number on", async () => {
  const parts = talkative();
  const now = await listen(parts, "");
  const after = await listen(parts, "?after=1");
  parts.fields.set("last-event-id", "2");
  const again = await listen(parts, "?after=1");
  parts.fields.set("last-event-id", "two");
  assert.is(await say(() => listen(parts, "")), BAD);
  parts.line("four");
  assert.equal(now.sent.map(named), ["log 4"]);
  assert.equal(after.sent.map(named), ["note 2", "log 3", "log 4"]);
  assert.equal(again.sent.map(named), ["log 3", "log 4"]);
  for (const { end } of [now, after, again]) end();
  parts.line("five");
  assert.is(now.sent.length, 1, "who has gone is told nothing");
});

routes("events are told of the kinds that are asked for", async () => {
  const parts = talkative();
  const notes = await listen(parts, "?event=note&after=0");
  const samples = await listen(parts, "?event=sample");
  const both = await listen(parts, "?event=sample,log&after=0");
  await settle();
  assert.equal(notes.sent.map(named), ["note 2"]);
  assert.equal(samples.sent.map(named), ["sample"]);
  assert.equal(both.sent.map(named), ["log 1", "log 3", "sample"]);
  assert.is(await say(() => listen(parts, "?event=other")), BAD);
  const { data } = samples.sent[0] as SentEvent;
  assert.equal(data, {
    time: parts.subject.date().toISOString(),
    ...await say(() => parts.asked("GET", "/v1/status")),
  });
});

routes("samples come each second, to one that reads", async () => {
  const parts = start();
  const { sent, stream, end } = await listen(parts, "?event=sample");
  const pass = async (ms: number) => {
    parts.subject.clock.pass(ms);
    await settle();
    return sent.length;
  };
  assert.is(await pass(0), 1);
  assert.is(await pass(999), 1);
  assert.is(await pass(1), 2);
  stream.unread = 1;
  assert.is(await pass(1000), 2);
  stream.unread = 0;
  assert.is(await pass(1000), 3);
  end();
  assert.is(await pass(1000), 3);
  assert.equal(parts.subject.clock.due(), [], "no timer is left");
});

routes("what was before is sent as fast as the client reads it", async () => {
  const parts = talkative();
  const { chronicle, subject } = parts;
  const { events } = await parts.asked("GET", "/v1/events?after=0") as {
    events: (stream: EventStream) => () => void;
  };
  const sent: SentEvent[] = [];
  const stream = {
    unread: 0,
    send(event: SentEvent) {
      sent.push(event);
      stream.unread += 32 * 1024 + 1;
    },
    close() {},
  };
  const end = events(stream);
  assert.equal(sent.map(named), ["log 1"]);
  chronicle.note({ about: "ready" });
  subject.clock.pass(20);
  assert.is(sent.length, 1, "it has not read");
  for (let left = 3; left > 0; left--) {
    stream.unread = 0;
    subject.clock.pass(20);
  }
  assert.equal(sent.map(named), ["log 1", "note 2", "log 3", "note 4"]);
  stream.unread = 0;
  chronicle.note({ about: "exited" });
  end();
  chronicle.note({ about: "ready" });
  assert.is(sent.length, 5);
  assert.equal(subject.clock.due(), []);
});

routes("what is not kept any more is said to be lost", async () => {
  const parts = start();
  for (let at = 0; at < 1002; at++) parts.chronicle.note({ about: "ready" });
  const lost = await listen(parts, "?after=1");
  assert.equal(lost.sent.slice(0, 2).map(named), ["lost", "note 3"]);
  const all = await listen(parts, "?after=2");
  assert.is(named(all.sent[0] as SentEvent), "note 3");
  const json = await say(() => parts.asked("GET", "/v1/history?after=1"));
  assert.equal([json.lost, json.events.length], [true, 1000]);
});

routes.run();

import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { settle } from "../../support/fake/runtime.ts";
import type { CornConfig } from "../../../src/config/table/types.ts";
import { canaryFigures } from "../../../src/plan/metrics.ts";
import type { Witness } from "../../../src/arbiter/options.ts";
import type { PoolEvent } from "../../../src/arbiter/pool/state.ts";
import { endOf, prepare, serve } from "../site.ts";
import type { Site } from "../site.ts";

const range = suite("a range of workers");

/** What a worker tells of its last second. */
function tell(
  { runtime }: Site,
  age: number,
  given: {
    busyMs?: number;
    ok?: number;
    failed?: number;
    bucket?: number;
    open?: number;
    rss?: number;
    status?: number;
    seen?: readonly [answers: number, failed: number, bucket?: number];
  } = {},
): void {
  const { busyMs = 0, ok = 0, failed = 0, bucket = 0, open = 0 } = given;
  const { rss = 1000, status = 503, seen } = given;
  const ended = [[200, ok], [status, failed]] as const;
  runtime.child(age).say({
    type: "figures",
    requests: 0,
    open,
    queued: 0,
    cpuMs: 1,
    busyMs,
    rss,
    heapUsed: 1000,
    lagMs: 0,
    ended: ended.filter(([, count]) => count > 0).map(([status, count]) => ({
      method: "GET",
      status,
      sumMs: 1,
      counts: [...Array<number>(bucket).fill(0), count],
    })),
    ...seen && {
      seen: {
        durations: [[seen[2] ?? 80, seen[0]]],
        failed: seen[1],
        oldest: [],
      },
    },
  });
}

/** Seconds in which each of these workers does the same. */
function live(
  site: Site,
  seconds: number,
  given: Readonly<Record<number, Parameters<typeof tell>[2]>>,
): void {
  for (let second = 0; second < seconds; second++) {
    site.runtime.clock.pass(1000);
    for (const child of site.runtime.children) {
      if (!child.gone) child.beat();
    }
    for (const [age, told] of Object.entries(given)) {
      tell(site, Number(age), told);
    }
  }
}

/** A pool that serves, and what it is told of its workers. */
async function witnessed(options: CornConfig) {
  const events: PoolEvent[] = [];
  const witness: Witness = {
    ...{ onFigures() {}, onMetrics() {}, onRefused() {} },
    onStep: ({ event }) => void events.push(event),
  };
  const site = await serve(options, { witness: () => witness });
  return {
    site,
    loads: () =>
      events.flatMap((one) => one.type === "load" ? [one.sample] : []),
    answers: () => events.flatMap((one) => one.type === "answers" ? [one] : []),
  };
}

function sizes(site: Site): string[] {
  return site.log().filter((line) => line.includes("Pool size"))
    .map((line) => line.replace(/^\[\w+\] Pool size is now /, ""));
}

range("begins with the least, and asks for figures", async () => {
  const { runtime, arbiter } = await serve({ workers: "1..3" });
  assert.is(arbiter.view.size, 1);
  assert.is(runtime.children.length, 1);
  assert.equal(runtime.child(1).messages.at(-1), {
    type: "figure",
    everyMs: 1000,
  });
});

range("asks for nothing where the number is set", async () => {
  const { runtime } = await serve({ workers: 1 });
  const timers = runtime.clock.due().length;
  assert.equal(runtime.child(1).told(), ["boot"]);
  runtime.clock.pass(5000);
  assert.is(runtime.clock.due().length, timers);
});

range("grows where workers are busy, and shrinks after", async () => {
  const site = await serve({ workers: "1..2", shrinkAfter: 2 });
  live(site, 5, { 1: { busyMs: 900 } });
  assert.equal(sizes(site), ["2: workers are busy"]);
  site.runtime.child(2).boot();
  live(site, 6, { 1: { busyMs: 100 }, 2: { busyMs: 100 } });
  assert.equal(sizes(site), ["2: workers are busy", "1: fewer are enough"]);
  assert.ok(site.runtime.child(2).told().includes("drain"));
});

range("grows where connections wait", async () => {
  const site = await serve({ workers: "1..2" });
  site.runtime.waiting = [0, 3];
  live(site, 2, { 1: { busyMs: 10 } });
  assert.equal(sizes(site), ["2: connections wait"]);
});

range("has memory for one more by what those take that are there", async () => {
  const site = await serve({ workers: "1..2" });
  const { runtime } = site;
  runtime.files.texts.set("/proc/meminfo", "MemAvailable: 1000 kB\n");
  runtime.waiting = [9];
  live(site, 2, { 1: { rss: 10 ** 9 } });
  assert.match(sizes(site)[0] ?? "", "there is no memory for one more");
  runtime.child(1).exit({ signal: "SIGKILL" });
  runtime.clock.pass(1000);
  runtime.child(2).boot();
  live(site, 2, { 2: { rss: 10 ** 5 } });
  assert.equal(sizes(site).slice(1), ["2: connections wait"]);
});

range("takes a worker that says nothing for one that rests", async () => {
  const site = await serve({ workers: "1..2", shrinkAfter: 1 });
  site.arbiter.scale(2);
  site.runtime.child(2).boot();
  site.arbiter.scale("auto");
  live(site, 1, { 1: {}, 2: {} });
  live(site, 9, {});
  assert.equal(sizes(site).at(-1), "1: fewer are enough");
});

range("is there for a scale by hand to end", async () => {
  const fixed = await serve({ workers: 1 });
  assert.throws(
    () => fixed.arbiter.scale("auto"),
    /Cannot scale by load: give --workers a range, such as 2..8/,
  );
});

range("keeps its size over a reload, within what is set then", async () => {
  const site = await serve({ workers: "1..3" });
  site.runtime.waiting = [9];
  live(site, 2, { 1: {} });
  site.runtime.child(2).boot();
  for (const [next, size] of [["1..4", 2], ["3..4", 3], [1, 1]] as const) {
    site.next = { workers: next };
    const reload = site.arbiter.reload();
    await settle();
    for (let slot = 0; slot < size; slot++) {
      for (const child of site.runtime.children) {
        if (!child.told().includes("boot")) child.boot();
      }
    }
    assert.is(await endOf(reload), "resolved");
    assert.is(site.arbiter.view.size, size);
  }
  const last = site.runtime.children.at(-1);
  assert.equal(last?.messages.at(-1), { type: "figure", everyMs: 0 });
});

range(
  "begins with the size of the arbiter before, within its limits",
  async () => {
    for (const [handedSize, size] of [[2, 2], [9, 3], [undefined, 1]]) {
      const { runtime, arbiter } = await prepare({ workers: "1..3" }, {
        handedSize,
      });
      arbiter.start();
      assert.is(runtime.children.length, size);
    }
    const { runtime, arbiter } = await prepare({ workers: 2 }, {
      handedSize: 5,
    });
    arbiter.start();
    assert.is(runtime.children.length, 2);
  },
);

range("is busy by what is told of a second, however short", async () => {
  const { site, loads } = await witnessed({ workers: "1..3" });
  // What comes twice at once has had no time.
  for (const _ of [1, 2]) tell(site, 1, { busyMs: 0 });
  live(site, 1, { 1: { busyMs: 400, open: 3 } });
  assert.is(loads()[0]?.busy, 0);
  live(site, 1, {});
  assert.is(loads()[1]?.busy, 0.4);
});

range("is not asked for where the size is set by hand", async () => {
  const { site, loads } = await witnessed({ workers: "1..3" });
  live(site, 2, { 1: {} });
  assert.is(loads().length, 2);
  site.arbiter.scale(2);
  live(site, 2, { 1: {} });
  assert.is(loads().length, 2);
  site.arbiter.scale("auto");
  live(site, 2, { 1: {} });
  assert.is(loads().length, 4);
});

range("ends with the stop", async () => {
  const { runtime, arbiter } = await serve({ workers: "1..3" });
  arbiter.stop("graceful");
  runtime.child(1).exit();
  await settle();
  assert.equal(runtime.clock.due(), []);
});

range.run();

const canary = suite("a canary");

/** Two workers that serve, and a canary that is ready. */
async function trial() {
  const failures: string[] = [];
  const site = await serve({
    canary: 10,
    reloadFailed: (_server, error) => void failures.push(error.message),
  });
  const reload = site.arbiter.reload();
  await settle();
  site.runtime.child(3).boot();
  return { site, failures, end: () => endOf(reload) };
}

canary("is judged by what it and the others answer", async () => {
  const { site, failures, end } = await trial();
  const { runtime } = site;
  assert.ok(runtime.child(1).told().includes("figure"));
  live(site, 3, { 1: { ok: 50 }, 2: { ok: 50 }, 3: { failed: 20 } });
  assert.match(
    await end(),
    /^Reload failed: .* was rolled back as a canary: of its answers 20 of 20 /,
  );
  assert.is(failures.length, 1);
  assert.match(failures[0] ?? "", "rolled back as a canary");
  assert.ok(runtime.child(3).told().includes("drain"));
  assert.not.ok(runtime.child(1).told().includes("drain"));
});

canary("is followed by the others where it is good", async () => {
  const { site, end } = await trial();
  const { runtime } = site;
  live(site, 4, { 1: { ok: 300 }, 2: { ok: 300 }, 3: { ok: 300 } });
  assert.equal(site.arbiter.canary(), {
    worker: 1,
    leftMs: 6000,
    old: { requests: 2400, failures: 0 },
    fresh: { requests: 1200, failures: 0 },
  });
  live(site, 7, { 1: { ok: 300 }, 2: { ok: 300 }, 3: { ok: 300 } });
  assert.is(site.arbiter.canary(), undefined);
  assert.match(site.log().join("\n"), "was a good canary: of its answers 0");
  runtime.child(4).boot();
  assert.is(await end(), "resolved");
  const figures = { type: "figure", everyMs: 0 };
  assert.equal(runtime.child(3).messages.at(-1), figures);
});

canary("is given up where it answers nothing", async () => {
  const { site, end } = await trial();
  const others = { 1: { ok: 50, open: 1 }, 2: { ok: 50 } };
  live(site, 1, { ...others, 3: { ok: 5, open: 2 } });
  // It tells no more than that once: nothing changes.
  live(site, 1, { ...others, 3: { open: 9 } });
  live(site, 3, others);
  assert.is(await end(), "pending");
  live(site, 3, others);
  assert.match(
    await end(),
    /^Reload failed: .* was rolled back as a canary: it has answered nothing for [56]\.0 s with 9 requests open, the others \d00 meanwhile/,
  );
});

canary("is warned of where it is slower", async () => {
  const { site, end } = await trial();
  // The first bucket ends at 5 ms, the eighth at 500.
  live(site, 11, {
    1: { ok: 100 },
    2: { ok: 100 },
    3: { ok: 100, bucket: 7 },
  });
  assert.match(
    site.log().join("\n"),
    "[WARNING] Worker 1 (pid 1003) was a good canary: of its answers 0 of 900 (0 %), of the others' 0 of 1800 (0 %) failed; but it is slower: 99 % of its answers took up to 498 ms, of the others' up to 5 ms; the others follow",
  );
  site.runtime.child(4).boot();
  assert.is(await end(), "resolved");
});

canary("may be asked for a single reload", async () => {
  const site = await serve({ workers: 1 });
  const reload = site.arbiter.reload({ canary: 10 });
  await settle();
  const { runtime } = site;
  runtime.child(2).boot();
  assert.is(await endOf(reload), "pending");
  // The old worker does not count its answers until it is told to.
  live(site, 1, { 1: {}, 2: { failed: 20 } });
  const timed = { type: "figure", everyMs: 1000, seen: true };
  assert.equal(runtime.child(1).messages.at(-1), timed);
  assert.equal(runtime.child(2).messages.at(-1), timed);
  live(site, 10, { 1: { seen: [500, 0] }, 2: { failed: 9, seen: [400, 0] } });
  assert.is(await endOf(reload), "resolved");
  assert.match(
    site.log().join("\n"),
    /was a good canary: of its answers 0 of \d+0 \(0 %\), of the others' 0 of \d+0 /,
  );
  assert.equal(runtime.child(2).messages.at(-1), {
    type: "figure",
    everyMs: 0,
  });
  assert.equal(site.arbiter.config.origins.canary, "reload()");
  const next = site.arbiter.reload();
  await settle();
  runtime.child(3).boot();
  assert.is(await endOf(next), "resolved");
  assert.is(site.arbiter.config.settings.canary, 0);
  assert.match(
    await endOf(site.arbiter.reload({ canary: -1 })),
    /^Cannot use canary -1 from reload\(\): give seconds/,
  );
});

canary("is judged where nothing was counted before", async () => {
  const site = await serve({ workers: 1 });
  const reload = site.arbiter.reload({ canary: 60 });
  await settle();
  site.runtime.child(2).boot();
  live(site, 1, { 1: {}, 2: {} });
  live(site, 5, { 1: { seen: [50, 0] }, 2: { seen: [20, 20] } });
  assert.match(
    await endOf(reload),
    /^Reload failed: .* was rolled back as a canary: of its answers (\d+) of \1 /,
  );
  assert.equal(site.runtime.child(1).messages.at(-1), {
    type: "figure",
    everyMs: 0,
  });
});

canary("is no part of a start, nor of a developer's reload", async () => {
  const { runtime } = await serve({ canary: 10, workers: 2 });
  assert.equal(runtime.child(1).told(), ["boot"]);
  const site = await serve({ canary: 10, workers: 1, reload: true });
  const reload = site.arbiter.reload();
  await settle();
  site.runtime.child(2).boot();
  assert.is(await endOf(reload), "resolved");
});

canary("is not tried where no worker serves", async () => {
  const { runtime, arbiter } = await serve({ canary: 10, workers: 1 });
  arbiter.pause();
  const reload = arbiter.reload();
  await settle();
  runtime.child(2).boot();
  assert.is(await endOf(reload), "resolved");
});

/** A pool with a canary that is ready, and what is told of its answers. */
async function watched(options: CornConfig = { canary: 60 }) {
  const { site, answers, loads } = await witnessed({ workers: 2, ...options });
  const reload = site.arbiter.reload(options.canary ? {} : { canary: 60 });
  reload.catch(() => {});
  await settle();
  site.runtime.child(3).boot();
  return { site, answers, loads };
}

canary("has unanswered what is open since it answered last", async () => {
  const { site, answers, loads } = await watched();
  const others = { 1: { ok: 50, open: 2 }, 2: { ok: 50, open: 3 } };
  const seconds = (given: Parameters<typeof live>[2][number], count = 1) => {
    live(site, count, { ...others, 3: given });
    site.runtime.clock.pass(1000);
    return answers().at(-1)?.unanswered;
  };
  assert.is(seconds({ ok: 9 }), undefined, "nothing is open");
  const open = { oldOpen: 5, oldAnswered: 0 };
  assert.equal(seconds({ ok: 9, open: 4 }), { ms: 1000, open: 4, ...open });
  assert.equal(seconds({ open: 1 }), {
    ...{ ms: 3000, open: 1, oldOpen: 5, oldAnswered: 100 },
  });
  // One answer is one.
  assert.equal(seconds({ ok: 1, open: 4 }), { ms: 1000, open: 4, ...open });
  assert.is(seconds({}), undefined);
  assert.equal(seconds({ open: 1 }), { ms: 1000, open: 1, ...open });
  assert.equal(loads(), [], "the size is set");
});

canary("fails with 500 as with any other failure of a server", async () => {
  const { site, answers } = await watched();
  live(site, 1, { 1: { ok: 2, failed: 3, status: 499 } });
  live(site, 1, { 1: { failed: 4, status: 500 }, 3: { ok: 5, failed: 1 } });
  site.runtime.clock.pass(1000);
  const { old, fresh } = answers().at(-1)!;
  assert.equal([old.requests, old.failures], [9, 4]);
  assert.equal([fresh.requests, fresh.failures], [6, 1]);
});

canary(
  "is judged from when all are timed, and by nothing of before",
  async () => {
    const { site, answers } = await watched({});
    tell(site, 3, { failed: 200 });
    // It tells that it counts nothing by itself.
    tell(site, 1, { ok: 200 });
    live(site, 1, { 1: { seen: [9, 2] }, 3: { seen: [5, 7] } });
    site.runtime.clock.pass(1000);
    const { old, fresh } = answers().at(-1)!;
    assert.equal(old, { requests: 9, failures: 2, p99Ms: undefined });
    assert.equal(fresh, { requests: 5, failures: 5, p99Ms: undefined });
    assert.equal(site.arbiter.canary(), {
      worker: 1,
      leftMs: 58_000,
      ...{ old: { requests: 9, failures: 2 } },
      ...{ fresh: { requests: 5, failures: 5 } },
    });
  },
);

canary("is as slow as its answers, in the buckets of its metrics", async () => {
  const bounds = (site: Site) =>
    canaryFigures(site.arbiter.config.settings).bucketsMs;
  const p99Of = async (
    options: CornConfig,
    tells: (bounds: readonly number[]) => Parameters<typeof tell>[2],
  ) => {
    const { site, answers } = await watched(options);
    live(site, 1, { 1: {}, 3: tells(bounds(site)) });
    live(site, 1, { 1: {}, 3: tells(bounds(site)) });
    site.runtime.clock.pass(1000);
    const { p99Ms } = answers().at(-1)!.fresh;
    const [first = 0, last] = [bounds(site)[0], bounds(site).at(-1)];
    return p99Ms === last ? "last" : p99Ms === first * 0.99 ? "first" : p99Ms;
  };
  const own: CornConfig = { canary: 60, metrics: true };
  assert.is(await p99Of(own, () => ({ ok: 50 })), "first");
  assert.is(await p99Of(own, () => ({ ok: 49 })), undefined, "they are few");
  const beyond = (more: number) => (bounds: readonly number[]) => ({
    ...{ ok: 50, bucket: bounds.length + more },
  });
  assert.is(await p99Of(own, beyond(0)), "last");
  assert.is(await p99Of(own, beyond(1)), undefined, "there is no such bucket");
  // What is timed has finer ones.
  const timed = (answers: number, bucket: number) => () => ({
    seen: [answers, 0, bucket] as const,
  });
  assert.is(await p99Of({}, timed(100, 0)), "first");
  assert.is(await p99Of({}, timed(100, 200)), "last");
  assert.is(await p99Of({}, timed(49, 0)), undefined);
});

canary("is watched again at the next reload", async () => {
  const { site, answers } = await watched();
  live(site, 2, { 1: { ok: 1 } });
  assert.is(answers().length, 2);
  site.runtime.child(3).exit({ code: 1 });
  assert.is(site.arbiter.canary(), undefined);
  live(site, 2, { 1: { ok: 1 } });
  assert.is(answers().length, 2);
  site.arbiter.reload().catch(() => {});
  await settle();
  site.runtime.children.at(-1)?.boot();
  live(site, 2, { 1: { ok: 1 } });
  assert.is(answers().length, 4);
  const { old, fresh } = answers().at(-1)!;
  assert.equal([old.requests, fresh.requests], [1, 0], "from then on");
});

canary.run();

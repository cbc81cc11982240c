import type { ThreadState } from "../../../src/exchange/thread-state.ts";
import { runOrder } from "../../../src/control/commands/run.ts";
import { load, loadFile } from "../../config/support.ts";
import * as assert from "../../support/assert.ts";
import { ControlledRuntime, SOCKET } from "../../support/fake/controlled.ts";
import { settle } from "../../support/fake/clock.ts";
import { servingWorker } from "../../support/fake/subject.ts";
import { suite } from "../../support/suite.ts";
import { until } from "../../support/wait.ts";

const run = suite("commands");
const config = await load();

/** A command that runs, and what it has written. */
function start(line: string, corn = new ControlledRuntime(config)) {
  corn.stdout.text = corn.stderr.text = "";
  let exit: number | undefined;
  const ended = runOrder(corn, line.split(" ")).then((code) => exit = code);
  return {
    corn,
    ended,
    get exit() {
      return exit;
    },
    get out() {
      return corn.stdout.text;
    },
    get err() {
      return corn.stderr.text;
    },
  };
}

/** A command that is not waited for. */
async function ran(line: string, corn?: ControlledRuntime) {
  const { out, err, exit } = await settled(start(line, corn));
  return { out, err, exit };
}

async function settled<T>(command: T): Promise<T> {
  for (let turn = 0; turn < 20; turn++) await settle();
  return command;
}

/** Another arbiter, of pid 100, answers in place of this one at a path of its own, which this gives. */
function succeedElsewhere(corn: ControlledRuntime): string {
  const other = "/tmp/corn-0/100.sock";
  corn.end();
  corn.subject.pid = 100;
  corn.pids.add(100);
  corn.files.texts.set(other, "");
  corn.answering.add(other);
  return other;
}

/** News of generation 2's workers. */
const of = (slot: number) => ({ slot, pid: 7, age: 9, generation: 2 });

run("status tells the pool, and fails while it is not whole", async () => {
  const corn = new ControlledRuntime(config);
  const whole = await ran("status", corn);
  assert.is(whole.exit, 0);
  assert.match(whole.out, /^corn 0\.0\.0 \(pid 99, node 24\.0\.0\)/);
  assert.is(whole.err, "");
  corn.subject.set({ wanted: 3 });
  assert.is((await ran("status", corn)).exit, 1);
  const { out, exit } = await ran("status --json", corn);
  assert.is(exit, 1);
  assert.is(out.trimEnd().split("\n").length, 1, "nothing but JSON");
  assert.equal([JSON.parse(out).wanted, JSON.parse(out).ready], [3, 2]);
});

run(
  "nothing that a terminal obeys is written, in words or with --json",
  async () => {
    const corn = new ControlledRuntime(config);
    const { out, err } = await ran("scale \x9b31m\u202e --json", corn);
    assert.match(err, "\ufffd31m\ufffd");
    assert.match(out, "\\u009b31m\\u202e");
    assert.not.match(out, /[\x9b\u202e]/);
  },
);

run("a corn that has a name is told by it", async () => {
  const corn = new ControlledRuntime(await loadFile({ name: "shop" }));
  assert.match((await ran("status", corn)).out, /^corn \S+ \(.*\) {2}shop: /);
  assert.match((await ran("ls", corn)).out, /^PID +NAME .*\n99 +shop /);
  const json = async (line: string) =>
    JSON.parse((await ran(`${line} --json`, corn)).out);
  assert.is((await json("status")).name, "shop");
  assert.is((await json("ls"))[0].status.name, "shop");
});

run("status of a worker tells its own requests", async () => {
  const corn = new ControlledRuntime(config);
  const request = (path: string, age: number) => ({
    ...{ method: "GET", path, ms: 5, client: null },
    state: "waiting" as const,
    worker: { slot: 2, pid: 102, age, generation: 1 },
  });
  const none = await ran("status 2", corn);
  assert.is(none.exit, 0);
  assert.not.match(none.out, /REQUEST\b/);
  corn.subject.open = [request("/own", 2), request("/other", 3)];
  const { out } = await ran("status 2", corn);
  assert.match(out, /GET \/own/);
  assert.not.match(out, /\/other/);
  assert.match(out, /^2 +102 /m);
  assert.not.match(out, /THREAD/);
  const json = JSON.parse((await ran("status 2 --json", corn)).out);
  assert.equal([json.slot, json.pid, json.state], [2, 102, "ready"]);
  corn.subject.set({ workers: [servingWorker(2, { state: "late" })] });
  assert.is((await ran("status 2", corn)).exit, 1);
  const missing = await ran("status 1", corn);
  assert.equal(missing, {
    out: "",
    err: "corn: There is no worker 1\n",
    exit: 1,
  });
});

run(
  "status of a worker tells its threads, where there are several",
  async () => {
    const corn = new ControlledRuntime(config);
    const thread = (number: number, state: ThreadState["state"]) => ({
      ...{ thread: number, state, requests: 3, open: 1, lagMs: 0 },
    });
    const live = {
      ...{ perSecond: 1, failed: 0, p50Ms: 1, p99Ms: 2, queued: 0 },
      ...{ websockets: 0, lagMs: 0, cpu: null, busy: null },
      ...{ rssBytes: 5e7, heapUsedBytes: 1e7, oldest: [] },
      threads: [thread(1, "turning"), thread(2, "blocked")],
    };
    corn.subject.set({ workers: [servingWorker(2, { live })] });
    const { out } = await ran("status 2", corn);
    assert.match(
      out,
      /\n\nTHREAD +STATE .*\n1 +turning .*\n2 +blocked .*\n$/,
    );
  },
);

run("top goes on with the arbiter that takes over, elsewhere", async () => {
  const corn = new ControlledRuntime(config);
  const command = await settled(start("top --json", corn));
  const pids = () =>
    command.out.trim().split("\n").map((line) => JSON.parse(line).pid);
  assert.equal(pids(), [99]);
  const other = succeedElsewhere(corn);
  for (let second = 0; second < 2; second++) {
    corn.clock.pass(1000);
    await settled(undefined);
  }
  assert.equal(pids(), [99, 100, 100]);
  corn.signal("SIGINT");
  await command.ended;
  assert.is(command.exit, 0);
  const last = await settled(start("top --json --pid 100", corn));
  corn.answering.delete(other);
  corn.clock.pass(1000);
  await last.ended;
  assert.is(last.exit, 3, "where none takes over it ends");
});

/** A dashboard that serves, or a command that cannot: what it needs is loaded first. */
async function opened(line: string, corn: ControlledRuntime) {
  const command = start(line, corn);
  await until(
    "the page",
    () => corn.accepting.size > 0 || command.exit !== undefined,
  );
  return settled(command);
}

run("dashboard says where it is, until a signal ends it", async () => {
  const corn = new ControlledRuntime(config);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    const command = await opened("dashboard --port 8123", corn);
    assert.match(
      command.out,
      /^Dashboard of corn \(pid 99\): http:\/\/127\.0\.0\.1:8123\/[\da-f]{32}\/\n$/,
    );
    assert.equal([command.exit, corn.accepting.size], [undefined, 1]);
    corn.signal(signal);
    corn.clock.pass(1000);
    await command.ended;
    assert.equal([command.exit, corn.accepting.size], [0, 0]);
    assert.equal(corn.clock.due(), [], "nothing keeps the process");
  }
  const keys = new Set<string>();
  for (let count = 0; count < 3; count++) {
    const command = await opened("dashboard --json", corn);
    const { url, pid } = JSON.parse(command.out);
    assert.is(pid, 99);
    keys.add(url);
    corn.signal("SIGINT");
    await command.ended;
  }
  assert.is(keys.size, 3, "no address is told twice");
  assert.ok([...keys].every((url) => /:0\/[\da-f]{32}\/$/.test(url)));
  assert.is(corn.children.length, 0, "there is no terminal");
});

run("dashboard opens a browser for a person at a terminal", async () => {
  const corn = new ControlledRuntime(config);
  corn.env.DISPLAY = ":0";
  corn.stdout.terminal = true;
  for (const [line, browsers] of [["", 1], [" --no-open", 1]] as const) {
    const command = await opened(`dashboard${line}`, corn);
    assert.is(corn.children.length, browsers, line);
    corn.signal("SIGINT");
    await command.ended;
  }
  const { args, detached } = corn.child(1).options;
  assert.match(args[0] ?? "", /^http:\/\/127\.0\.0\.1:0\/[\da-f]{32}$/);
  assert.ok(detached, "Ctrl-C ends the command alone");
});

run("a dashboard whose port is taken says so", async () => {
  const corn = new ControlledRuntime(config);
  corn.acceptStreams = () => Promise.reject(new Error("address in use"));
  const { exit, out, err } = await opened("dashboard --port 8123", corn);
  assert.equal([exit, out, err], [
    1,
    "",
    "corn: Cannot serve the dashboard at 127.0.0.1:8123: address in use\n",
  ]);
  assert.equal(corn.clock.due(), []);
});

run("status names what blocks a worker that is late", async () => {
  const corn = new ControlledRuntime(config);
  const late = servingWorker(2, { state: "late" });
  corn.subject.set({ workers: [servingWorker(1), late] });
  corn.subject.open = [{
    ...{ method: "GET", path: "/report", ms: 2500, client: null },
    state: "running",
    worker: { slot: 2, pid: 102, age: late.age, generation: 1 },
  }];
  assert.match(
    (await ran("status", corn)).out,
    /^2 .* GET \/report for 2\.5 s$/m,
  );
  assert.not.match((await ran("status --json", corn)).out, /report/);
});

run("what is told can be had as text and as JSON", async () => {
  const corn = new ControlledRuntime(config);
  corn.subject.open = [{
    ...{ method: "GET", path: "/a", ms: 5, client: "::1" },
    state: "running",
    worker: { slot: 1, pid: 101, age: 1, generation: 1 },
  }];
  const texts: readonly [string, RegExp][] = [
    ["metrics", /^x 1\n$/],
    ["requests", /^FOR .*\n.*GET \/a\n$/],
    ["requests --query", /GET \/a\?secret\n$/],
    ["config", /^app\n[^]*\nworkers +\S+ +# /],
    ["ls", /^PID .*\n99 /],
  ];
  for (const [line, wanted] of texts) {
    const { out, err, exit } = await ran(line, corn);
    assert.match(out, wanted);
    assert.equal([err, exit], ["", 0]);
  }
  const json = async (line: string) => {
    const { out, exit } = await ran(`${line} --json`, corn);
    assert.is(exit, 0);
    return JSON.parse(out);
  };
  assert.is((await json("metrics")).text, "x 1\n");
  assert.is((await json("requests")).requests[0].path, "/a");
  assert.is((await json("config")).settings.workers.origin, "default");
  const [one] = await json("ls");
  assert.equal([one.path, one.status.pid], [SOCKET, 99]);
});

run(
  "a corn of another version that does not know what is asked is told of",
  async () => {
    const unknown = ["/v1/requests", "/v1/workers/:slot/stack"];
    const corn = new ControlledRuntime(
      config,
      (path) => !unknown.includes(path),
    );
    assert.is((await ran("status", corn)).exit, 0);
    for (const line of ["requests", "stack 1"]) {
      const { exit, err, out } = await ran(line, corn);
      assert.equal([exit, out], [1, ""]);
      assert.match(
        err,
        /^corn: There is nothing at this path: corn 0\.0\.0 runs there \(pid 99\), and this is the command of corn \d+\.\d+\.\d+; "corn upgrade" has /,
      );
    }
    const { out } = await ran("requests --json", corn);
    assert.is(JSON.parse(out).error.code, "not-found");
  },
);

run("--help tells of a command without asking a corn", async () => {
  const corn = new ControlledRuntime(config);
  corn.end();
  const { out, exit } = await ran("scale --help", corn);
  assert.equal([exit, out], [
    0,
    "corn [-s PATH | -p PIDFILE | --pid N] scale N|+N|-N|auto [--json]\nChange the number of workers\n",
  ]);
  assert.equal(JSON.parse((await ran("stop -h --json", corn)).out), {
    command: "stop",
    takes: "[--quick]",
    summary: "Stop",
  });
});

run("ls tells of those that do not answer, and where none runs", async () => {
  const corn = new ControlledRuntime(config);
  corn.files.texts.set("/tmp/corn-0/98.sock", "");
  corn.pids.add(98);
  const dead = await ran("ls", corn);
  assert.match(dead.out, /^PID .*\n99 [^\n]*\n$/);
  corn.answers = () => Promise.resolve(true);
  const stuck = await ran("ls", corn);
  assert.match(stuck.out, /^PID .*\n99 [^\n]*\n$/, "the others are listed");
  assert.equal([stuck.exit, stuck.err], [
    0,
    "corn: nothing answers at /tmp/corn-0/98.sock: ENOENT\n",
  ]);
  corn.answers = () => Promise.resolve(false);
  corn.end();
  assert.equal(await ran("ls", corn), {
    out: "No corn runs\n",
    err: "",
    exit: 0,
  });
  assert.is((await ran("ls --json", corn)).out, "[]\n");
});

const log = (
  corn: ControlledRuntime,
  text: string,
  { level = "info", slot }: { level?: string; slot?: number } = {},
) =>
  corn.chronicle.log(
    { level, pid: 7, text, time: corn.clock.date() } as never,
    () => slot,
  );

run("logs tells the lines of a level, or of a worker", async () => {
  const corn = new ControlledRuntime(config);
  log(corn, "one", { slot: 1 });
  log(corn, "two", { level: "warning", slot: 2 });
  log(corn, "three", { level: "error" });
  corn.chronicle.note({ about: "ready", worker: of(1), text: "It is" });
  const texts = async (line: string) =>
    (await ran(line, corn)).out.match(/(?<=\] )\w+$/gm)?.join(" ");
  assert.is(await texts("logs"), "one two three");
  assert.is(await texts("logs --level warning"), "two three");
  assert.is(await texts("logs --level error"), "three");
  assert.is(await texts("logs 2"), "two");
  assert.is(await texts("logs 2 --level error"), undefined);
  assert.match(
    (await ran("events", corn)).out,
    /^\S+ ready worker 1: It is\n$/,
  );
  const { out } = await ran("logs 1 --json", corn);
  const { last, events } = JSON.parse(out);
  assert.equal([last, events.length, events[0].data.text], [4, 1, "one"]);
});

run("logs --follow goes on until corn ends", async () => {
  const corn = new ControlledRuntime(config);
  log(corn, "before", { slot: 1 });
  const all = await settled(start("logs --follow --level warning", corn));
  log(corn, "worse", { level: "error" });
  log(corn, "quiet");
  corn.chronicle.note({ about: "ready" });
  await settled(undefined);
  assert.match(all.out, /^[^\n]* worse\n$/);
  assert.is(all.exit, undefined);
  assert.is(all.err, "");
  corn.end();
  await all.ended;
  assert.is(all.exit, 0);
  // A killed arbiter has no last line of its own.
  assert.match(all.err, /^corn: process \d+ has ended\n$/);
});

run("logs --follow ends where nobody reads it any more", async () => {
  const corn = new ControlledRuntime(config);
  const all = await settled(start("logs --follow", corn));
  log(corn, "read");
  await settled(undefined);
  assert.match(all.out, / read\n$/);
  assert.is(all.exit, undefined);
  corn.stdout.gone = true;
  log(corn, "not read");
  await all.ended;
  assert.is(all.exit, 0);
  assert.is((await ran("logs --follow", corn)).exit, 0);
});

run(
  "logs --follow goes on where more came at once than it had read",
  async () => {
    const corn = new ControlledRuntime(config);
    const all = await settled(start("logs --follow", corn));
    corn.overwhelm();
    log(corn, "lost and found");
    await settled(undefined);
    log(corn, "later");
    await settled(undefined);
    assert.match(all.out, /^[^\n]* lost and found\n[^\n]* later\n$/);
    assert.is(all.err, "");
    assert.is(all.exit, undefined);
    corn.end();
    await all.ended;
  },
);

run("logs --follow goes on where corn has let go of it", async () => {
  const corn = new ControlledRuntime(config);
  const all = await settled(start("logs --follow", corn));
  log(corn, "before");
  await settled(undefined);
  corn.cut();
  log(corn, "meanwhile");
  await settled(undefined);
  corn.clock.pass(999);
  await settled(undefined);
  assert.not.match(all.out, "meanwhile");
  corn.clock.pass(1);
  await settled(undefined);
  assert.match(all.out, /^[^\n]* before\n[^\n]* meanwhile\n$/, "once each");
  corn.end();
  await all.ended;
  assert.is(all.exit, 0);
});

run("logs --follow goes on with the arbiter that takes over", async () => {
  const corn = new ControlledRuntime(config);
  const all = await settled(start("logs --follow", corn));
  log(corn, "old");
  await settled(undefined);
  corn.succeed();
  log(corn, "new");
  await settled(undefined);
  await settled(undefined);
  assert.match(all.out, / old\n[^\n]* new\n$/);
  assert.is(all.exit, undefined);
  corn.end();
  await all.ended;
  assert.is(all.exit, 0);
});

run(
  "logs --follow goes on with the arbiter that takes over, elsewhere",
  async () => {
    const corn = new ControlledRuntime(config);
    const all = await settled(start("logs --follow", corn));
    const other = succeedElsewhere(corn);
    log(corn, "elsewhere");
    await settled(undefined);
    assert.match(all.out, /^[^\n]* elsewhere\n$/);
    corn.answering.delete(other);
    corn.pids.delete(100);
    corn.cut();
    await all.ended;
    assert.equal([all.exit, all.err], [0, "corn: process 100 has ended\n"]);
  },
);

run("events --follow --json tells each as JSON", async () => {
  const corn = new ControlledRuntime(config);
  corn.chronicle.note({ about: "ready" });
  const command = await settled(start("events --follow --json", corn));
  corn.chronicle.note({ about: "exited" });
  await settled(undefined);
  const told = command.out.trimEnd().split("\n").map((one) => JSON.parse(one));
  assert.equal(
    told.map(({ id, event, data }) => [id, event, data.about]),
    [[1, "note", "ready"], [2, "note", "exited"]],
  );
  corn.end();
  await command.ended;
});

/** Commands that give orders, and what corn is told. */
const ORDERS: readonly [string, string][] = [
  ["scale 3", "scale 3"],
  ["scale +1", "scale 3"],
  ["scale -1", "scale 1"],
  ["scale auto", "scale auto"],
  ["reload", "reload {}"],
  ["reload --canary 30", 'reload {"canary":30}'],
  ["reopen", "reopen"],
  ["upgrade", "upgrade"],
  ["restart 2", "replace 2"],
  ["restart all", "replace 1"],
  ["drain 2", "drain 2"],
  ["kill 2", "kill 2"],
  ["stack 2", "stack 2"],
  ["profile 2", "profile 2 10000 false"],
  ["profile 2 --seconds 3", "profile 2 3000 false"],
  [
    "profile 2 --thread 3 --seconds 3",
    "profile 2 3000 false thread 3",
  ],
  ["heap 2 --thread 3 --drain", "heap 2 0 true thread 3"],
  ["heap 2", "heap 2 0 false"],
  ["heap 2 --drain", "heap 2 0 true"],
  ["stop", "stop graceful"],
  ["stop --quick", "stop quick"],
];
for (const [line, wanted] of ORDERS) {
  run(`corn ${line} --no-wait begins it and ends`, async () => {
    const corn = new ControlledRuntime(config);
    const { out, err, exit } = await ran(`${line} --no-wait`, corn);
    assert.is(corn.subject.orders[0], wanted);
    const name = `${line.split(" ")[0]}-1`;
    assert.equal([out, err, exit], [`${name} has begun\n`, "", 0]);
    const json = await ran(`${line} --no-wait --json`);
    assert.equal(JSON.parse(json.out), { operation: name });
  });
}

run("reload tells how far it is, and what came of it", async () => {
  const corn = new ControlledRuntime(config);
  const { promise, resolve } = Promise.withResolvers<void>();
  corn.subject.outcomes.reload = promise;
  const command = await settled(start("reload", corn));
  corn.chronicle.note({ about: "rollout", generation: 2, wanted: 3 });
  await settled(undefined);
  assert.is(command.out, "");
  for (const slot of [1, 2, 3]) {
    corn.clock.pass(100);
    corn.chronicle.note({ about: "ready", worker: of(slot) });
    await settled(undefined);
  }
  assert.is(command.out, "generation 2: 1 of 3 ready in 100 ms … 2 … 3");
  corn.chronicle.note({ about: "rolled-out", text: "Generation 2 serves" });
  resolve();
  await command.ended;
  assert.is(
    command.out,
    "generation 2: 1 of 3 ready in 100 ms … 2 … 3\nGeneration 2 serves\n",
  );
  assert.equal([command.exit, command.err], [0, ""]);
});

run("reload tells of its canary every five seconds", async () => {
  const corn = new ControlledRuntime(config);
  const command = await settled(start("reload --canary 30", corn));
  corn.chronicle.note({ about: "rollout", generation: 2, wanted: 2 });
  corn.chronicle.note({ about: "ready", worker: of(1) });
  await settled(undefined);
  corn.chronicle.note({ about: "canary", text: "Worker 1 is judged" });
  corn.subject.judged = {
    worker: 1,
    leftMs: 20_000,
    old: { requests: 10, failures: 0 },
    fresh: { requests: 20, failures: 1 },
  };
  for (let second = 0; second < 11; second++) {
    corn.clock.pass(1000);
    await settled(undefined);
  }
  const said =
    "Canary: 1 of 20 (5.0 %) of its answers failed, of the others' 0 of 10 (0 %); judged for 20.0 s more\n";
  const begun = "generation 2: 1 of 2 ready in 0 ms\n";
  assert.is(command.out, begun + said + said + said);
  // What follows says again what it counts.
  corn.chronicle.note({ about: "ready", worker: of(2) });
  await settled(undefined);
  assert.is(
    command.out,
    `${begun}${said}${said}${said}generation 2: 2 of 2 ready in 11.0 s`,
  );
});

run("with --json the canary is told on standard error", async () => {
  const corn = new ControlledRuntime(config);
  const { promise, resolve } = Promise.withResolvers<void>();
  corn.subject.outcomes.reload = promise;
  const command = await settled(start("reload --canary 9 --json", corn));
  corn.chronicle.note({ about: "canary", text: "Worker 1 is judged" });
  const counts = { requests: 0, failures: 0 };
  corn.subject.judged = { worker: 1, leftMs: 0, old: counts, fresh: counts };
  corn.clock.pass(1000);
  await settled(undefined);
  assert.match(command.err, /^Canary: 0 of 0 .*; judged now\n$/);
  assert.is(command.out, "");
  resolve();
  await command.ended;
  const { operation, state, canary } = JSON.parse(command.out);
  assert.equal([operation, state], ["reload-1", "done"]);
  assert.is(canary.leftMs, 0);
});

run("an order that fails says why", async () => {
  const corn = new ControlledRuntime(config);
  const failing = () => {
    const { promise, reject } = Promise.withResolvers<void>();
    corn.subject.outcomes.reload = promise;
    return reject;
  };
  const note = () =>
    corn.chronicle.note({
      about: "rollout-failed",
      text: "Generation 2 failed",
      failure: { message: "boom\nat once", stack: "at app.ts:1" },
    });
  let reject = failing();
  const command = await settled(start("reload", corn));
  note();
  reject(new Error("kept"));
  await command.ended;
  assert.equal([command.exit, command.out, command.err], [
    1,
    "",
    "Generation 2 failed\n  boom\n  at once\n  at app.ts:1\n",
  ]);
  reject = failing();
  const json = await settled(start("reload --json", corn));
  note();
  reject(new Error("kept"));
  await json.ended;
  assert.is(json.exit, 1);
  const { error, failure } = JSON.parse(json.out);
  assert.equal(error, { code: "failed", message: "Generation 2 failed" });
  assert.is(failure.stack, "at app.ts:1");
});

run("an order that is refused says why", async () => {
  const corn = new ControlledRuntime(config);
  corn.subject.set({ state: "stopping" });
  assert.equal(await ran("reload", corn), {
    out: "",
    err: "corn: corn stops\n",
    exit: 1,
  });
  const { out, exit } = await ran("reload --json", corn);
  assert.is(exit, 1);
  assert.equal(JSON.parse(out), {
    error: { code: "stopping", message: "corn stops" },
  });
});

run("an order that is not done in time goes on", async () => {
  const corn = new ControlledRuntime(config);
  corn.clock.pass(60_000);
  const command = await settled(start("reload --timeout 1.5", corn));
  corn.clock.pass(1499);
  await settled(undefined);
  assert.is(command.exit, undefined);
  for (let part = 0; part < 12; part++) {
    corn.clock.pass(50);
    await settled(undefined);
  }
  assert.equal([command.exit, command.err], [
    5,
    "corn: reload-1 is not done in time; it goes on\n",
  ]);
});

run("a corn that stands still is waited for no longer than that", async () => {
  for (
    const [line, exit, text] of [
      ["reload", 5, "corn did not answer in time; it may do yet what it was"],
      ["stop", 3, "No corn answers at the control socket: it does not answer"],
    ] as const
  ) {
    const corn = new ControlledRuntime(config);
    corn.dial = () => ({ send() {}, close() {} });
    const command = await settled(start(`${line} --timeout 1.5`, corn));
    corn.clock.pass(1499);
    await settled(undefined);
    assert.is(command.exit, undefined);
    corn.clock.pass(2);
    await settled(undefined);
    assert.is(command.exit, exit);
    assert.match(command.err, new RegExp(`^corn: ${text}`));
  }
});

run(
  "without --timeout an order is waited for as long as it takes",
  async () => {
    const corn = new ControlledRuntime(config);
    const { promise, resolve } = Promise.withResolvers<void>();
    corn.subject.outcomes.reload = promise;
    const command = await settled(start("reload", corn));
    for (let second = 0; second < 120; second++) {
      corn.clock.pass(1000);
      await settled(undefined);
    }
    assert.equal([command.exit, command.err], [undefined, ""]);
    resolve();
    await command.ended;
    assert.is(command.exit, 0);
  },
);

run("stop waits until the process has ended", async () => {
  const corn = new ControlledRuntime(config);
  const { promise, resolve } = Promise.withResolvers<void>();
  corn.subject.outcomes.stop = promise;
  const command = await settled(start("stop", corn));
  resolve();
  corn.clock.pass(50);
  await settled(undefined);
  assert.is(command.exit, undefined, "the process is there");
  corn.end();
  corn.clock.pass(50);
  await command.ended;
  assert.equal([command.exit, command.out], [0, "Stopped\n"]);
});

run("stop is done where corn ends before it answers", async () => {
  const corn = new ControlledRuntime(config);
  const command = await settled(start("stop --json", corn));
  corn.end();
  await command.ended;
  const { operation, state } = JSON.parse(command.out);
  assert.equal([command.exit, operation, state], [0, "stop-1", "done"]);
});

run("stop --timeout ends where the process does not", async () => {
  const corn = new ControlledRuntime(config);
  corn.subject.outcomes.stop = Promise.resolve();
  const command = await settled(start("stop --timeout 1", corn));
  for (let part = 0; part < 25; part++) {
    corn.clock.pass(50);
    await settled(undefined);
  }
  assert.is(command.exit, 5);
});

run("other orders fail where corn ends before it answers", async () => {
  const corn = new ControlledRuntime(config);
  const command = await settled(start("reload", corn));
  corn.end();
  await command.ended;
  assert.is(command.exit, 3);
  assert.match(command.err, /^corn: No corn answers at the control socket: /);
});

run("a recording is moved to where it is wanted", async () => {
  const corn = new ControlledRuntime(config);
  const folder = "/tmp/corn-recording-0f";
  corn.files.texts.set(`${folder}/it`, "{}");
  corn.subject.outcomes.record = Promise.resolve(`${folder}/it`);
  await ran("profile 1 -o /home/that", corn);
  assert.equal(corn.files.foldersRemoved, [folder]);
  corn.files.texts.set("/tmp/one.cpuprofile", "{}");
  corn.subject.outcomes.record = Promise.resolve("/tmp/one.cpuprofile");
  assert.equal(await ran("profile 1 -o /home/it", corn), {
    out: "/home/it\n",
    err: "",
    exit: 0,
  });
  assert.is(corn.files.texts.get("/home/it"), "{}");
  assert.is(corn.files.foldersRemoved.length, 1, "others are let be");
  assert.is(corn.files.texts.has("/tmp/one.cpuprofile"), false);
  // Without a place it stays where it is.
  assert.is((await ran("profile 1", corn)).out, "/tmp/one.cpuprofile\n");
  corn.files.failures.set(
    "rename /tmp/one.cpuprofile",
    new Error("no such folder"),
  );
  const { err, exit } = await ran("profile 1 -o /x/y", corn);
  assert.equal([exit, err], [
    1,
    'corn: Cannot write "/x/y": no such folder; it is at /tmp/one.cpuprofile\n',
  ]);
});

run("a recording in a /tmp of the service's own is found", async () => {
  const corn = new ControlledRuntime(config);
  const file = "/tmp/corn-recording-0f/it";
  corn.subject.outcomes.record = Promise.resolve(file);
  assert.is((await ran("heap 1", corn)).out, `${file}\n`, "it is nowhere");
  const seen = `/proc/99/root${file}`;
  corn.files.texts.set(seen, "{}");
  assert.is((await ran("heap 1", corn)).out, `${seen}\n`);
  corn.files.failures.set(`list ${file}`, new Error("EACCES"));
  assert.is((await ran("heap 1", corn)).out, `${seen}\n`, "it is not shown");
  const { file: told } = JSON.parse((await ran("heap 1 --json", corn)).out);
  assert.is(told, seen);
  assert.is((await ran("heap 1 -o /home/it", corn)).out, "/home/it\n");
  assert.is(corn.files.texts.get("/home/it"), "{}");
});

run("a command line that is wrong ends with 2", async () => {
  const { out, err, exit } = await ran("reload --quick");
  assert.equal([out, exit], ["", 2]);
  assert.is(
    err,
    'corn: Cannot use flag "--quick" with reload: it is for stop\n',
  );
  const json = await ran("scale many --json");
  assert.is(json.exit, 2);
  assert.is(JSON.parse(json.out).error.code, "usage");
});

run("a corn is found by its socket, pid, pid file or environment", async () => {
  const corn = new ControlledRuntime(config);
  const other = "/srv/other.sock";
  corn.answering.add(other);
  corn.files.texts.set("/run/corn.pid", "99\n");
  for (const flags of ["", ` -s ${other}`, " --pid 99", " -p /run/corn.pid"]) {
    assert.is((await ran(`status${flags}`, corn)).exit, 0, flags);
  }
  corn.env.CORN_CONTROL = "/srv/nothing.sock";
  const named = await ran("status", corn);
  assert.equal([named.exit, named.err], [
    3,
    "corn: No corn answers at the control socket: ENOENT\n",
  ]);
  // It says whether there is one, where it is no path.
  corn.env.CORN_CONTROL = "on";
  assert.is((await ran("status", corn)).exit, 0);
});

run("a corn that is not found is said so, with how to find it", async () => {
  const corn = new ControlledRuntime(config);
  corn.files.texts.set("/run/torn.pid", "corn\n");
  corn.files.texts.set("/run/zero.pid", "0\n");
  corn.files.texts.set("/run/secret.pid", "1\n");
  corn.files.failures.set("readText /run/secret.pid", new Error("EACCES"));
  corn.pids.add(50);
  const cases: readonly [string, number, RegExp][] = [
    ["--pid 51", 3, /^corn: There is no process 51\n$/],
    ["--pid 50", 3, /^corn: Process 50 has no control socket at the usual/],
    ["-p /run/none", 3, /^corn: There is no pid file "\/run\/none"\n$/],
    ["-p /run/torn.pid", 1, /^corn: Cannot read .*: it holds no process id/],
    ["-p /run/zero.pid", 1, /^corn: Cannot read .*: it holds no process id/],
    ["-p /run/secret.pid", 1, /^corn: Cannot read .*: EACCES\n$/],
  ];
  for (const [flags, code, wanted] of cases) {
    const { exit, err } = await ran(`status ${flags}`, corn);
    assert.match(err, wanted);
    assert.is(exit, code, flags);
  }
  const second = "/tmp/corn-0/120.sock";
  corn.files.texts.set(second, "");
  corn.pids.add(120);
  corn.answering.add(second);
  const several = await ran("status", corn);
  assert.equal([several.exit, several.err], [
    4,
    "corn: Several corns run, choose one with --pid: 99, 120 (corn ls shows them)\n",
  ]);
  corn.answering.delete(second);
  corn.end();
  const { exit, err } = await ran("status --json", corn);
  assert.is(exit, 3);
  assert.match(err, /^corn: No corn of this user runs; /);
});

run.run();

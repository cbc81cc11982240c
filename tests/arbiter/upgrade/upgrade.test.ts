import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { Upgrade } from "../../../src/arbiter/upgrade/upgrade.ts";
import { ConfigError } from "../../../src/base/errors.ts";
import { createLogger } from "../../../src/log/error/logger.ts";
import { Sums } from "../../../src/telemetry/sums.ts";
import type { CountsRecord } from "../../../src/telemetry/sums.ts";
import { endOf } from "../site.ts";
import { FakeRuntime } from "../../support/fake/runtime.ts";

const upgrade = suite("Upgrade");

function site(
  { refusal, predecessor, pid, stopping = false, command = ["bun", "new.ts"] }:
    {
      refusal?: Error;
      predecessor?: number;
      command?: readonly string[];
      pid?: number;
      stopping?: boolean;
    } = {},
) {
  const runtime = new FakeRuntime();
  let gone = 0;
  const heirs: unknown[] = [];
  const asked = { stopping };
  if (pid !== undefined) Object.assign(runtime.self, { pid });
  const log = createLogger({
    sink: runtime.stderr,
    clock: runtime.clock,
    pid: 100,
    level: "debug",
    color: false,
  });
  const subject = new Upgrade({
    runtime,
    log,
    env: { HOME: "/root", LISTEN_FDS: "1" },
    plan: () =>
      refusal === undefined
        ? Promise.resolve({ command, bootMs: 5000 })
        : Promise.reject(refusal),
    size: () => 3,
    addresses: () => [{
      asked: ":80",
      address: { kind: "tcp", host: "0.0.0.0", port: 80 },
      descriptors: [20, 21],
      passed: false,
    }],
    predecessor: () => predecessor,
    stopping: () => asked.stopping,
    onSuccessor: (serves) => void heirs.push(serves),
    onSums: (pid, record) => void heirs.push([pid, record]),
    onGone: () => void gone++,
  });
  const said = () => runtime.stderr.text;
  return { runtime, subject, said, heirs, asked, gone: () => gone };
}

upgrade("starts the command on the same sockets and environment", async () => {
  const { runtime, subject } = site();
  await subject.begin();
  const { options } = runtime.child(1);
  assert.is(options.executable, "bun");
  assert.equal(options.args, ["new.ts"]);
  assert.is(options.cwd, "/srv");
  assert.equal(options.env, { HOME: "/root" });
  assert.equal(options.descriptors, [20, 21]);
  assert.is(options.input, true, "it reads what this one reads");
  const { CORN_PID, CORN_FD, CORN_SIZE } = options.numbersEnv?.([4, 5]) ?? {};
  assert.equal([CORN_PID, CORN_SIZE], ["100", "3"]);
  assert.match(CORN_FD ?? "", /"descriptors":\[4,5\]/);
});

upgrade(
  "a successor is told of when it serves, and when it has left",
  async () => {
    const { runtime, subject, heirs, said } = site();
    await subject.begin();
    const child = runtime.child(1);
    const record = { ...new Sums([5]).record(), app: "" };
    child.say({ type: "sums", record });
    assert.equal(heirs, [[1001, record]]);
    for (const _ of [1, 2]) child.say({ type: "serving" });
    child.exit();
    assert.equal(heirs.slice(1), [true, false]);
    child.say({ type: "serving" });
    child.exit();
    assert.equal(heirs.slice(1), [true, false], "each once");
    assert.is(said().split("is ready").length, 2);
    await subject.begin();
    runtime.child(2).exit({ code: 3 });
    assert.is(heirs.length, 3, "one that never served has not left");
  },
);

upgrade(
  "begins none where a stop comes before its config is read",
  async () => {
    const { runtime, subject, said, asked } = site();
    const begun = subject.begin();
    asked.stopping = true;
    await begun;
    assert.is(runtime.children.length, 0);
    assert.match(said(), "Upgrade refused, nothing changes: corn stops");
  },
);

upgrade("begins none where corn stops", async () => {
  const { runtime, subject, said } = site({ stopping: true });
  await subject.begin();
  assert.is(runtime.children.length, 0);
  assert.match(said(), "USR2 ignored: corn stops");
});

upgrade("shows no secret of the command line", async () => {
  const { subject, said } = site({
    command: ["bun", "new.ts", "--env", "A_KEY=x y"],
  });
  await subject.begin();
  assert.match(said(), /pid 1001 is bun new\.ts --env A_KEY=\*\*\*\n/);
});

upgrade("has an heir once the successor says that it serves", async () => {
  const { runtime, subject, said } = site();
  assert.is(subject.shares, false);
  await subject.begin();
  assert.is(subject.shares, true);
  assert.is(subject.successorPid, undefined);
  runtime.child(1).say({ type: "hello" });
  assert.is(subject.successorPid, undefined);
  runtime.child(1).say({ type: "serving" });
  assert.is(subject.successorPid, 1001);
  assert.match(said(), "Upgrade: pid 1001 is ready");
  runtime.clock.pass(60_000);
  assert.equal(runtime.child(1).signals, []);
});

upgrade(
  "goes on alone when the successor fails, and may try again",
  async () => {
    const { runtime, subject, said, gone } = site();
    await subject.begin();
    assert.is(gone(), 0);
    runtime.child(1).exit({ code: 4 });
    assert.equal([subject.shares, gone()], [false, 1]);
    assert.match(
      said(),
      "Upgrade failed: the new arbiter exited with code 4 before its workers were ready; this arbiter serves on",
    );
    await subject.begin();
    assert.is(runtime.children.length, 2);
  },
);

upgrade("says so when the successor cannot be started", async () => {
  const { runtime, subject, said } = site();
  runtime.spawnFailure = new Error("no such program");
  await subject.begin();
  await Promise.resolve();
  assert.match(said(), "cannot be started: no such program; this arbiter");
  assert.not.match(said(), "Upgrade begins");
  assert.equal(runtime.clock.due(), []);
  assert.is(subject.shares, false);
});

upgrade("kills a successor that is not ready in time", async () => {
  const { runtime, subject, said } = site();
  await subject.begin();
  // The time that its workers have to boot, and ten seconds beyond.
  runtime.clock.pass(14_999);
  assert.equal(runtime.child(1).signals, []);
  runtime.clock.pass(1);
  assert.equal(runtime.child(1).signals, ["SIGKILL"]);
  assert.match(said(), "pid 1001 is not ready in time: killing it");
});

upgrade("is undone when a successor that serves leaves", async () => {
  const { runtime, subject, said, gone } = site();
  await subject.begin();
  runtime.child(1).say({ type: "serving" });
  runtime.child(1).exit();
  assert.equal([subject.successorPid, gone()], [undefined, 1]);
  assert.match(said(), "Upgrade undone: pid 1001 has left");
});

upgrade("is refused by a bad config, which changes nothing", async () => {
  const { runtime, subject, said } = site({ refusal: new ConfigError("bad") });
  await subject.begin();
  assert.is(runtime.children.length, 0);
  assert.match(said(), "Upgrade refused, nothing changes: bad");
});

upgrade("is refused while another goes on", async () => {
  const { runtime, subject, said } = site();
  const first = subject.begin();
  await subject.begin();
  assert.match(said(), "USR2 ignored: an upgrade has begun");
  await first;
  await subject.begin();
  assert.match(said(), "USR2 ignored: pid 1001 is the new arbiter already");
  assert.is(runtime.children.length, 1);
});

upgrade("is refused while the predecessor lives", async () => {
  const { runtime, subject, said } = site({ predecessor: 7 });
  await subject.begin();
  assert.is(runtime.children.length, 0);
  assert.match(said(), "send TERM to pid 7 first");
});

upgrade("is refused to process 1", async () => {
  const { runtime, subject, said } = site({ pid: 1 });
  await subject.begin();
  assert.is(runtime.children.length, 0);
  assert.match(said(), "process 1 cannot be replaced");
});

upgrade("whenSettled() runs at once where nothing goes on", async () => {
  const { runtime, subject } = site();
  let runs = 0;
  subject.whenSettled(() => runs++);
  assert.is(runs, 1);
  await subject.begin();
  runtime.child(1).say({ type: "serving" });
  subject.whenSettled(() => runs++);
  assert.is(runs, 2);
});

for (const outcome of ["serving", "failed"]) {
  upgrade(`whenSettled() waits for an upgrade: ${outcome}`, async () => {
    const { runtime, subject, said } = site();
    await subject.begin();
    let runs = 0;
    subject.whenSettled(() => runs++);
    assert.is(runs, 0);
    assert.match(said(), "Stop waits for the upgrade");
    const child = runtime.child(1);
    if (outcome === "serving") child.say({ type: "serving" });
    else child.exit({ code: 3 });
    assert.is(runs, 1);
    child.exit();
    await subject.begin();
    runtime.children.at(-1)?.exit({ code: 3 });
    assert.is(runs, 1, "it is over");
  });
}

upgrade("whenSettled() does not wait when it is asked again", async () => {
  const { runtime, subject } = site();
  await subject.begin();
  let runs = 0;
  subject.whenSettled(() => runs++);
  subject.whenSettled(() => runs++);
  assert.is(runs, 1);
  runtime.child(1).say({ type: "serving" });
  assert.is(runs, 1);
});

upgrade("whenSettled() runs when the config turns out bad", async () => {
  const { subject } = site({ refusal: new ConfigError("bad") });
  const begun = subject.begin();
  let runs = 0;
  subject.whenSettled(() => runs++);
  assert.is(runs, 0);
  await begun;
  assert.is(runs, 1);
});

upgrade("order() gives the successor's pid once it serves", async () => {
  const { runtime, subject } = site();
  const ordered = subject.order();
  assert.is(await endOf(ordered), "pending");
  runtime.child(1).say({ type: "serving" });
  assert.is(await endOf(ordered), "resolved");
  assert.is(await ordered, 1001);
});

upgrade("order() says why there is no successor", async () => {
  const stopping = site({ stopping: true });
  assert.match(
    await endOf(stopping.subject.order()),
    /^Cannot upgrade: corn stops/,
  );
  const refused = site({ refusal: new ConfigError("no such app") });
  assert.is(
    await endOf(refused.subject.order()),
    "Upgrade refused, nothing changes: no such app",
  );
  const { runtime, subject } = site();
  const ordered = subject.order();
  await endOf(ordered);
  assert.match(
    await endOf(subject.order()),
    /^Cannot upgrade: pid 1001 is the new arbiter already$/,
  );
  runtime.child(1).exit({ code: 4 });
  assert.match(await endOf(ordered), /^Upgrade failed: .* code 4 /);
});

upgrade("a successor that cannot be killed is given up", async () => {
  const { runtime, subject, said } = site();
  await subject.begin();
  runtime.child(1).killFailure = new Error("not permitted");
  runtime.clock.pass(60_000);
  assert.match(said(), "Cannot kill pid 1001: not permitted");
  assert.is(subject.shares, false);
});

upgrade("tellSums() tells a successor that serves, and no other", async () => {
  const { runtime, subject } = site();
  const record = { slots: [] } as unknown as CountsRecord;
  subject.tellSums(record);
  await subject.begin();
  subject.tellSums(record);
  assert.equal(runtime.child(1).messages, []);
  runtime.child(1).say({ type: "serving" });
  subject.tellSums(record);
  assert.equal(runtime.child(1).told(), ["sums"]);
});

upgrade.run();

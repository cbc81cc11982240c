import type { CountsRecord } from "../../src/telemetry/sums.ts";
import * as assert from "../support/assert.ts";
import { figuresOf } from "../support/fake/figures.ts";
import { FakeLink, settle } from "../support/fake/runtime.ts";
import type { FakeRuntime } from "../support/fake/runtime.ts";
import { suite } from "../support/suite.ts";
import { configure, launched, machine, pass, read } from "./launched.ts";
import type { Started } from "./launched.ts";

const assembly = suite("parts of corn");

const ADMIN = { kind: "tcp", host: "127.0.0.1", port: 9000 } as const;
const OBSERVED = { metrics: true, admin: "127.0.0.1:9000" };

/** Where the admin door is open. */
const doors = ({ accepting }: FakeRuntime) => [...accepting.keys()];

/** How many requests were counted in what arbiters tell each other. */
function requestsIn(messages: readonly { type: string }[]): number[] {
  return messages.filter(({ type }) => type === "sums").map((one) => {
    const { record } = one as unknown as { record: CountsRecord };
    return record.slots.reduce((sum, [, { requests }]) => sum + requests, 0);
  });
}

/** The machine of an arbiter that pid 50 has started to take its place. */
function heir(passed = false): { runtime: FakeRuntime; link: FakeLink } {
  const runtime = machine();
  const addresses = [
    { kind: "tcp", host: "127.0.0.1", port: 8000 },
    { kind: "unix", path: "/run/old.sock" },
  ].map((address, at) => ({
    asked: passed
      ? `fd://${3 + at}`
      : ["127.0.0.1:8000", "unix:/run/old.sock"][at],
    address,
    descriptors: [3 + at],
    passed,
  }));
  Object.assign(runtime.env, {
    CORN_PID: "50",
    CORN_FD: JSON.stringify(addresses),
    NOTIFY_SOCKET: "/run/notify",
  });
  runtime.ppid = 50;
  const link = runtime.link = new FakeLink();
  return { runtime, link };
}

/** The machine of an arbiter that a service manager has passed a socket. */
function managed(): FakeRuntime {
  const runtime = machine();
  Object.assign(runtime.env, { LISTEN_FDS: "1", LISTEN_PID: "100" });
  runtime.files.links.set("/proc/self/fd/3", "socket:[777]");
  runtime.files.texts.set(
    "/proc/net/tcp",
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n" +
      "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 777 1\n",
  );
  return runtime;
}

assembly(
  "a successor serves beside its predecessor until that is gone",
  async () => {
    const { runtime, link } = heir();
    await using corn = await launched({
      ...OBSERVED,
      pid: "/run/corn.pid",
    }, runtime);
    const { texts } = runtime.files;
    assert.is(texts.get("/run/corn.pid.2"), "100\n");
    assert.equal(doors(runtime), [], "it is the predecessor's");
    assert.equal(link.sent, []);
    runtime.child(1).boot();
    await settle();
    assert.equal(link.of("serving"), [{ type: "serving" }]);
    assert.equal(doors(runtime), [ADMIN]);
    runtime.child(1).say(figuresOf({ requests: 5 }));
    await pass(runtime, 1);
    assert.equal(requestsIn(link.sent), [0, 5]);
    assert.ok(runtime.listeners.every(({ open }) => open), "it may come back");
    assert.equal(runtime.notices, []);

    runtime.ppid = 1;
    await pass(runtime, 1);
    assert.ok(corn.log().includes("[INFO] Promoted: pid 50 is gone"));
    assert.equal([texts.has("/run/corn.pid.2"), texts.get("/run/corn.pid")], [
      false,
      "100\n",
    ]);
    assert.match(runtime.notices.join(""), "READY=1\nMAINPID=100\n");
    assert.equal(
      runtime.listeners.filter(({ open }) => open).map(({ address }) =>
        address.kind
      ),
      ["tcp"],
      "what nothing asks for any more is closed",
    );
    const { length } = link.sent;
    await pass(runtime, 5);
    assert.is(link.sent.length, length);
  },
);

assembly("a pid file that cannot be renamed is told of", async () => {
  const { runtime } = heir();
  await using corn = await launched({ pid: "/run/corn.pid" }, runtime);
  runtime.files.failures.set("rename /run/corn.pid.2", new Error("no"));
  runtime.ppid = 1;
  await pass(runtime, 1);
  assert.match(corn.log().join("\n"), "[ERROR] Cannot rename pid file");
});

assembly("a successor counts what its predecessor has counted", async () => {
  const told = heir();
  await using before = await launched(OBSERVED, told.runtime);
  told.runtime.child(1).boot();
  told.runtime.child(1).say(figuresOf({ requests: 7 }));
  await pass(told.runtime, 1);
  assert.is(before.runtime, told.runtime);
  const { runtime, link } = heir();
  await using _corn = await launched(OBSERVED, runtime);
  runtime.child(1).boot();
  await settle();
  link.receive(told.link.of("sums").at(-1));
  runtime.child(1).say(figuresOf({ requests: 2 }));
  assert.match(
    await read(runtime, "/metrics"),
    'corn_worker_requests_total{worker="1"} 9\n',
  );
});

assembly("an arbiter leaves what it shows to its successor", async () => {
  const hooks: string[] = [];
  await using corn = await launched({
    ...OBSERVED,
    upgradeCommand: "/bin/corn 'my app.ts'",
    preExec: () => void hooks.push("preExec"),
  });
  const { runtime } = corn;
  runtime.child(1).boot();
  await settle();
  runtime.signal("SIGUSR2");
  await settle();
  assert.equal(hooks, ["preExec"]);
  const successor = runtime.child(2);
  assert.equal([successor.options.executable, successor.options.args], [
    "/bin/corn",
    ["my app.ts"],
  ]);
  assert.equal(successor.options.numbersEnv?.([4]).CORN_SIZE, "1");
  assert.match(successor.options.numbersEnv?.([4]).CORN_FD ?? "", ":8000");
  successor.say({ type: "serving" });
  await settle();
  assert.equal(doors(runtime), []);
  runtime.child(1).say(figuresOf({ requests: 3 }));
  await pass(runtime, 1);
  assert.equal(requestsIn(successor.messages), [0, 3]);

  const [{ messages: [sums] }] = [successor] as const;
  const { record } = sums as unknown as { record: CountsRecord };
  successor.say({
    type: "sums",
    record: {
      ...record,
      slots: [[1, { requests: 10, cpuMs: 0, restarts: 0 }]],
    },
  });
  successor.exit();
  await settle();
  assert.equal(doors(runtime), [ADMIN]);
  assert.match(
    await read(runtime, "/metrics"),
    'corn_worker_requests_total{worker="1"} 13\n',
  );
});

assembly("a successor has the time that its start takes", async () => {
  const jobs = { jobs: { module: "tasks.ts" } };
  for (const [tasks, seconds] of [[{}, 15], [jobs, 20]] as const) {
    const runtime = machine();
    runtime.files.texts.set("/srv/tasks.ts", "");
    await using corn = await launched({ bootTimeout: 5 }, runtime);
    configure(runtime, { bootTimeout: 5, tasks });
    runtime.child(1).boot();
    await settle();
    const { length } = runtime.children;
    runtime.signal("SIGUSR2");
    await settle();
    const successor = runtime.child(length + 1);
    assert.equal(successor.options.executable, "node", "as it was itself");
    await pass(runtime, seconds - 1);
    assert.equal(successor.signals, []);
    await pass(runtime, 1);
    assert.equal(successor.signals, ["SIGKILL"]);
    assert.not(corn.arbiter.stopping);
  }
});

assembly(
  "sockets of a service manager are served in place of others",
  async () => {
    const served = ({ arbiter }: Started) =>
      arbiter.handover().map(({ asked }) => asked);
    await using corn = await launched({}, managed(), "--bind", ":9999");
    assert.equal(served(corn), ["fd://3"]);
    assert.match(
      corn.log().join("\n"),
      "[WARNING] bind from --bind ignored: the service manager passed 1 sockets",
    );
    await using quiet = await launched({}, managed());
    assert.equal(served(quiet), ["fd://3"]);
    await using without = await launched({}, machine(), "--bind", ":9999");
    assert.equal(served(without), ["0.0.0.0:9999"]);
    for (const { log } of [quiet, without]) {
      assert.not.match(log().join("\n"), "ignored");
    }
  },
);

assembly("a successor serves the sockets of its service manager", async () => {
  const { runtime } = heir(true);
  await using corn = await launched({}, runtime);
  runtime.child(1).boot();
  await settle();
  assert.equal(
    corn.arbiter.handover().map(({ asked, passed }) => [asked, passed]),
    [["fd://3", true], ["fd://4", true]],
  );
});

assembly("a reload changes what is shown", async () => {
  await using corn = await launched({});
  const { runtime } = corn;
  runtime.child(1).boot();
  await settle();
  assert.equal(doors(runtime).filter(({ kind }) => kind === "tcp"), []);
  configure(runtime, OBSERVED);
  corn.arbiter.reload().catch(() => {});
  await settle();
  assert.equal(doors(runtime).filter(({ kind }) => kind === "tcp"), [ADMIN]);
});

assembly("a reload makes the control socket's name again", async () => {
  await using corn = await launched({ control: "/run/corn.sock" });
  const { runtime } = corn;
  runtime.child(1).boot();
  await settle();
  for (const one of doors(runtime)) runtime.unnamed.add(one);
  configure(runtime, { workers: -1 });
  await corn.arbiter.reload().catch(() => {});
  await settle();
  assert.ok(
    corn.log().includes(
      '[WARNING] Control socket "/run/corn.sock" was removed: made again',
    ),
    "even where it is refused",
  );
});

assembly("nothing is told or watched for after the end", async () => {
  const { runtime } = heir();
  runtime.env.WATCHDOG_USEC = "2000000";
  const corn = await launched({}, runtime);
  runtime.child(1).boot();
  await pass(runtime, 2);
  assert.match(runtime.notices.join(""), "WATCHDOG=1");
  await corn[Symbol.asyncDispose]();
  runtime.notices.length = 0;
  runtime.ppid = 1;
  await pass(runtime, 5);
  assert.equal(runtime.notices, []);
  assert.not.match(corn.log().join("\n"), "Promoted");
});

assembly("workers are told whether failures may be shown", async () => {
  const { DEV } = await import("esm-env");
  await using corn = await launched({});
  corn.runtime.child(1).say({
    ...{ type: "hello", runtime: "node", version: "24.0.0" },
  });
  const [boot] = corn.runtime.child(1).messages as { dev?: boolean }[];
  assert.is(boot?.dev, DEV === true);
});

assembly.run();

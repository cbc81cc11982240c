import { EarlySignals } from "../../src/arbiter/host/early-signals.ts";
import { parseArguments } from "../../src/cli/args.ts";
import type { CornConfig } from "../../src/config/table/types.ts";
import { isLogged } from "../../src/launch/launch.ts";
import * as assert from "../support/assert.ts";
import { failure } from "../config/support.ts";
import { settle, systemError } from "../support/fake/runtime.ts";
import type { FakeRuntime } from "../support/fake/runtime.ts";
import { suite } from "../support/suite.ts";
import { launchOn, machine, start } from "./launched.ts";

const launching = suite("launch()");

/** True where an error that nothing caught is logged. */
function guards(runtime: FakeRuntime): boolean {
  const { length } = runtime.stderr.text;
  runtime.uncaught(new Error("left behind"));
  return runtime.stderr.text.slice(length).includes("left behind");
}

/** corn as a program has it. */
function begin(options: CornConfig = {}, signals?: boolean) {
  return start(machine(), {
    options: { app: "app.ts", workers: 1, ...options },
    ...signals !== undefined && { signals },
  });
}

/** corn as its command starts it. */
function command(line = "", runtime: FakeRuntime = machine()) {
  const args = ["-w", "1", ...line.split(" ").filter((word) => word !== "")];
  return start(runtime, { flags: parseArguments([...args, "app.ts"]) });
}

/** What a program is refused with at its start, and what is left of it then. */
async function refusal(
  options: CornConfig,
  runtime: FakeRuntime = machine(),
): Promise<Error> {
  return await failure(
    launchOn(runtime, { options: { app: "app.ts", workers: 1, ...options } }),
  );
}

launching("makes this process what the settings say", async () => {
  await using named = await begin({ name: "shop", umask: "027" });
  assert.is(named.runtime.title, "corn: arbiter [shop]");
  assert.is(named.runtime.mask, 0o027);
});

launching("leaves this process as it is without settings for it", async () => {
  await using plain = await begin();
  assert.is(plain.runtime.title, "");
  assert.is(plain.runtime.mask, 0o022);
  assert.equal(plain.runtime.entered, []);
});

launching("goes to the folder of the settings, anew at a reload", async () => {
  const runtime = machine();
  runtime.files.texts.set("/srv/shop/app.ts", "");
  await using moved = await start(runtime, {
    options: { app: "app.ts", workers: 1, chdir: "/srv/shop" },
  });
  assert.equal(runtime.entered, ["/srv/shop"]);
  runtime.child(1).boot();
  moved.arbiter.reload().catch(() => {});
  await settle();
  assert.equal(runtime.entered, ["/srv/shop", "/srv/shop"]);
});

launching("leaves a program in its folder at a reload", async () => {
  for (
    const [own, entered] of [[begin(), []], [command(), ["/srv"]]] as const
  ) {
    await using corn = await own;
    corn.runtime.child(1).boot();
    corn.arbiter.reload().catch(() => {});
    await settle();
    assert.equal(corn.runtime.entered, entered);
  }
});

launching("takes a program's uncaught errors once it has hooks", async () => {
  await using plain = await begin();
  assert.not(guards(plain.runtime));
  await using hooked = await begin({ onStarting() {} });
  assert.ok(guards(hooked.runtime));
  await using left = await begin({ onStarting() {} }, false);
  assert.not(guards(left.runtime));
});

launching("takes all uncaught errors of the command's process", async () => {
  await using corn = await command();
  assert.ok(guards(corn.runtime));
  assert.match(
    corn.log().find((line) => line.includes("Uncaught")) ?? "",
    /^\[CRITICAL\] Uncaught error in the arbiter, which goes on/,
  );
});

launching("tells what else ends the command's process", async () => {
  await using program = await begin();
  assert.is(program.runtime.otherEnd, undefined, "it is the program's own");
  await using corn = await command();
  corn.runtime.otherEnd?.(3);
  assert.match(
    corn.runtime.stderr.text,
    /\[CRITICAL\] Ended by a call of process\.exit\(3\) in a hook, a logger or the config file\n +at /,
  );
});

launching("refuses to take a program to the background", async () => {
  const { message } = await refusal({ daemon: true });
  assert.match(
    message,
    /^Cannot use daemon true from serve\(\): serve\(\) cannot take its program/,
  );
});

launching("says what it starts and what may not be meant so", async () => {
  const runtime = machine();
  runtime.env.container = "podman";
  runtime.files.texts.set(
    "/proc/self/limits",
    "Max open files            256                  4096                 files\n",
  );
  await using corn = await command(
    "--log-syslog-to udp://host --ready-workers 2",
    runtime,
  );
  const [ignored, ready, limit, started, around, ...more] = corn.log();
  assert.match(ignored ?? "", /^\[WARNING\] logSyslogTo from .* ignored: /);
  assert.match(ready ?? "", /^\[WARNING\] readyWorkers 2 /);
  assert.match(limit ?? "", /^\[WARNING\] The limit of open files is 256/);
  assert.match(
    started ?? "",
    /^\[INFO\] corn \S+ on node 24\.0\.0 starts 1 worker for app\.ts$/,
  );
  assert.match(around ?? "", /^\[WARNING\] 127\.0\.0\.1:8000 is reached /);
  assert.not.match(more.join("\n"), "WARNING");
});

launching("warns of its config file's owner at each reading", async () => {
  const runtime = machine();
  const file = "/srv/corn.config.ts";
  runtime.files.texts.set(file, "");
  runtime.files.owners.set(file, { uid: 1000, gid: 1000 });
  runtime.modules.set(`file://${file}`, { default: { app: "app.ts" } });
  await using corn = await start(runtime, {
    flags: parseArguments(["-w", "1"]),
  });
  const said = () =>
    corn.log().filter((line) =>
      /^\[WARNING\] Config file .*user 1000's/.test(line)
    );
  assert.is(said().length, 1);
  runtime.child(1).boot();
  corn.arbiter.reload().catch(() => {});
  await settle();
  assert.is(said().length, 2);
});

launching("has a pid file as long as it runs", async () => {
  const corn = await begin({ pid: "/run/corn.pid" });
  const { texts } = corn.runtime.files;
  assert.is(texts.get("/run/corn.pid"), "100\n");
  await corn[Symbol.asyncDispose]();
  assert.not(texts.has("/run/corn.pid"));
});

launching("closes the log's file at the end", async () => {
  const file = "/var/log/corn.log";
  const logged = await begin({ errorLogfile: file });
  const { files } = logged.runtime;
  assert.equal(files.opened, [file]);
  await logged[Symbol.asyncDispose]();
  assert.equal(files.opened, []);
  assert.match(files.texts.get(file) ?? "", "Stopped");
});

launching(
  "gives the exit code of a start that fails, and says it",
  async () => {
    const { done, runtime, log } = await begin();
    runtime.child(1).say({ type: "hello", runtime: "node", version: "24.0.0" });
    runtime.child(1).say({
      ...{ type: "failed", kind: "app", message: "Cannot load", stack: "" },
    });
    runtime.child(1).exit({ code: 4 });
    assert.is(await done, 4);
    assert.ok(log().includes("[INFO] Stopped with exit code 4"));
  },
);

launching("leaves nothing behind where it cannot start", async () => {
  const runtime = machine();
  const file = "/var/log/corn.log";
  runtime.listenFailure = systemError("EADDRINUSE");
  const hooks: string[] = [];
  const error = await refusal({
    ...{ pid: "/run/corn.pid", errorLogfile: file, metrics: true },
    ...{ admin: "127.0.0.1:9000", control: "/run/corn.sock" },
    onStarting: () => void hooks.push("onStarting"),
    onExit: () => void hooks.push("onExit"),
  }, runtime);
  assert.match(error.message, "Cannot bind");
  assert.equal(hooks, ["onStarting", "onExit"]);
  const { texts, opened } = runtime.files;
  assert.match(texts.get(file) ?? "", error.message);
  assert.ok(isLogged(error), "it is said there, and needs no second time");
  assert.equal([texts.has("/run/corn.pid"), opened], [false, []]);
  assert.equal([...runtime.accepting.keys()], []);
  runtime.signal("SIGTERM");
  assert.not.match(texts.get(file) ?? "", "Got SIGTERM");
});

launching("calls no onExit where onStarting has refused", async () => {
  let ended = 0;
  const error = await refusal({
    onStarting() {
      throw new Error("not today");
    },
    onExit: () => void ended++,
  });
  assert.match(error.message, "not today");
  assert.equal([ended, isLogged(error)], [0, false]);
});

launching("ends before it serves where a signal says so", async () => {
  const runtime = machine();
  let ended = 0;
  const { done } = await launchOn(runtime, {
    options: {
      ...{ app: "app.ts", workers: 1, pid: "/run/corn.pid" },
      onStarting: () => runtime.signal("SIGTERM"),
      onExit: () => void ended++,
    },
  });
  assert.is(await done, 0);
  assert.equal([runtime.children.length, runtime.listeners.length], [0, 0]);
  assert.is(ended, 1);
  assert.not(runtime.files.texts.has("/run/corn.pid"));
  assert.match(runtime.stderr.text, "[INFO] Stopped\n");
});

launching("waits for no hook where a signal is in a hurry", async () => {
  const runtime = machine();
  const never = () => new Promise<void>(() => {});
  const launched = launchOn(runtime, {
    options: {
      ...{ app: "app.ts", workers: 1 },
      ...{ onStarting: never, onExit: never },
    },
  });
  await settle();
  runtime.signal("SIGINT");
  const { done } = await launched;
  assert.is(await done, 0);
});

launching("obeys what was ordered while it started", async () => {
  const runtime = machine();
  await using corn = await start(runtime, {
    options: {
      ...{ app: "app.ts", workers: 1 },
      onStarting: () => runtime.signal("SIGTTIN"),
    },
  });
  assert.is(corn.arbiter.view.size, 2);
});

launching("obeys signals from its start to its end", async () => {
  const runtime = machine();
  const early = new EarlySignals(runtime);
  const corn = await start(runtime, {
    flags: parseArguments(["-w", "1", "app.ts"]),
    early,
  });
  runtime.signal("SIGTTIN");
  assert.is(corn.arbiter.view.size, 2);
  runtime.signal("SIGTERM");
  assert.ok(corn.arbiter.stopping);
  assert.not.match(corn.log().join("\n"), "at the start");
  await corn[Symbol.asyncDispose]();
});

launching("leaves signals to a program that wants them", async () => {
  await using corn = await begin({}, false);
  for (const signal of ["SIGTTIN", "SIGTERM"] as const) {
    corn.runtime.signal(signal);
  }
  assert.equal([corn.arbiter.view.size, corn.arbiter.stopping], [1, false]);
});

launching("reloads where --reload sees a change, to its end", async () => {
  const corn = await begin({ reload: true });
  const { runtime } = corn;
  runtime.child(1).boot();
  runtime.watched.get("/srv")?.("app.ts");
  runtime.clock.pass(100);
  await settle();
  assert.ok(corn.log().includes("[INFO] Changed: /srv/app.ts"));
  assert.is(runtime.children.length, 2, "a new worker");
  await corn[Symbol.asyncDispose]();
  assert.is(runtime.watched.size, 0);
});

launching.run();

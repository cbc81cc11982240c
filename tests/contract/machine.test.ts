import { spawn } from "node:child_process";
import {
  chmodSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import process from "node:process";
import * as assert from "../support/assert.ts";
import type { SignalName } from "../../src/runtime/runtime.ts";
import { runtime } from "../support/engine/engine.ts";
import {
  commandOf,
  countListeners,
  zombiesOf,
} from "../support/machine/proc.ts";
import { promises } from "../support/promise.ts";
import { sleep, until } from "../support/wait.ts";

const machine = promises(`the machine on ${runtime.name}`);
const { clock, files, self, signals } = runtime;

/** The system's code of what a call throws. */
function codeOf(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return (error as { code?: string }).code;
  }
  return "nothing was thrown";
}

machine("Signals.on() hears every signal until it is closed", async () => {
  const names: SignalName[] = [
    "SIGHUP",
    "SIGINT",
    "SIGQUIT",
    "SIGTERM",
    "SIGUSR1",
    "SIGUSR2",
    "SIGTTIN",
    "SIGTTOU",
    "SIGWINCH",
    "SIGCHLD",
  ];
  const inspected = countListeners(9229);
  for (const name of names) {
    let heard = 0;
    const listening = signals.on(name, () => heard++);
    assert.ok(signals.send(self.pid, name));
    await until(`${name} to arrive`, () => heard > 0);
    assert.ok(signals.send(self.pid, name));
    await until(`${name} to arrive again`, () => heard > 1);
    listening.close();
    listening.close();
  }
  // Deno opens one at every SIGUSR1.
  await until(
    "no inspector to listen",
    () => countListeners(9229) <= inspected,
  );
});

machine("Signals.on() hears nothing once it is closed", async () => {
  let heard = 0;
  let others = 0;
  const one = signals.on("SIGWINCH", () => heard++);
  const other = signals.on("SIGWINCH", () => others++);
  one.close();
  signals.send(self.pid, "SIGWINCH");
  await until("the other to hear it", () => others === 1);
  assert.is(heard, 0);
  other.close();
});

machine("Signals.exists() and send() know who is there", () => {
  assert.ok(signals.exists(self.pid));
  assert.ok(signals.exists(1), "also one that may not be signalled");
  // Above the largest pid that Linux gives.
  assert.is(signals.exists(2 ** 22 + 1), false);
  assert.is(signals.send(2 ** 22 + 1, "SIGTERM"), false);
  return Promise.resolve();
});

machine("Signals.exists() takes a zombie for gone", async () => {
  const parent = spawn("sh", ["-c", "sleep 60 & echo $!; exec sleep 60"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  let printed = "";
  parent.stdout!.on("data", (text) => printed += text);
  try {
    await until("the pid", () => printed.endsWith("\n"));
    // A shell could still wait for its child; this program does not.
    await until(
      "the shell to be another program",
      () => commandOf(parent.pid!) === "sleep 60",
    );
    const pid = Number(printed);
    assert.ok(signals.exists(pid));
    signals.send(pid, "SIGKILL");
    await until(
      "a zombie",
      () => zombiesOf(parent.pid!).includes(pid),
    );
    assert.is(signals.exists(pid), false);
    assert.ok(signals.exists(parent.pid!), "the one that lives");
  } finally {
    parent.kill("SIGKILL");
    if (printed !== "") signals.send(Number(printed), "SIGKILL");
  }
});

machine("Files does what it says", ({ folder, forgive, write }) => {
  const path = join(folder, "file");
  const moved = join(folder, "moved");
  const link = join(folder, "link");
  for (const one of [moved, link]) forgive(one);
  write("folder/inner", "");
  assert.is(files.readText(path), undefined);
  assert.is(files.kind(path), undefined);

  files.replaceText(path, "ü\n");
  assert.is(files.readText(path), "ü\n");
  assert.is(statSync(path).mode & 0o777, 0o644);
  files.replaceText(path, "new\n");
  assert.is(files.readText(path), "new\n", "it is replaced");
  const before = process.umask(0o077);
  files.replaceText(path, "new\n");
  process.umask(before);
  assert.is(statSync(path).mode & 0o777, 0o600, "as umask says");

  files.rename(path, moved);
  symlinkSync(moved, link);
  assert.is(files.readLink(link), moved);
  assert.is(files.kind(link), "file");
  assert.is(files.kind(join(folder, "folder")), "folder");
  assert.is(files.kind("/dev/null"), "other");
  assert.equal(files.list(folder).sort(), ["folder", "link", "moved"]);
  files.remove(moved);
  files.remove(moved);
  assert.is(files.kind(moved), undefined);
  assert.is(files.kind(link), undefined, "a link to nothing");
  return Promise.resolve();
});

machine("Files.move() moves to another file system too", (lab) => {
  const { folder, write, skip, forgive } = lab;
  const shared = "/dev/shm";
  const other = statSync(shared, { throwIfNoEntry: false });
  if (other === undefined || other.dev === statSync(folder).dev) {
    skip(`${shared} is no other file system`);
  }
  const path = write("file", "text");
  chmodSync(path, 0o600);
  const there = join(shared, `corn-move-${process.pid}`);
  const back = join(folder, "back");
  forgive(back);
  try {
    files.move(path, there);
    assert.is(files.kind(path), undefined);
    assert.is(files.readText(there), "text");
    assert.is(statSync(there).mode & 0o777, 0o600);
    files.move(there, back);
    assert.is(files.kind(there), undefined);
    files.move(back, path);
    assert.is(files.readText(path), "text");
    assert.is(
      codeOf(() => files.move(path, join(shared, "no", "x"))),
      "ENOENT",
    );
    assert.is(files.readText(path), "text");
  } finally {
    rmSync(there, { force: true });
  }
  return Promise.resolve();
});

machine(
  "Files.follow() gives what is appended from then on",
  ({ folder, write, forgive }) => {
    const path = write("a.log", "before\n");
    const added = files.follow(path);
    assert.is(added(), "");
    const file = files.openAppend(path);
    file.write(new TextEncoder().encode("after €\n"));
    file.close();
    assert.is(added(), "after €\n");
    assert.is(added(), "after €\n");
    const fresh = join(folder, "fresh.log");
    const all = files.follow(fresh);
    assert.is(all(), "");
    files.replaceText(fresh, "new");
    forgive(fresh);
    assert.is(all(), "new");
    assert.is(files.follow("/dev/null")(), "");
  },
);

machine("Files throws the system's error with its code", ({ folder }) => {
  const path = join(folder, "nowhere", "file");
  assert.is(files.readText(path), undefined);
  assert.is(codeOf(() => files.readText(folder)), "EISDIR");
  assert.is(codeOf(() => files.replaceText(path, "")), "ENOENT");
  assert.is(codeOf(() => files.list(path)), "ENOENT");
  assert.is(codeOf(() => files.readLink(path)), "ENOENT");
  assert.is(codeOf(() => files.rename(path, folder)), "ENOENT");
  return Promise.resolve();
});

machine("Files.readText() reads no more than a text has", ({ write }) => {
  const path = write("large", "");
  truncateSync(path, 2 ** 30);
  const begun = performance.now();
  for (const one of [path, "/dev/zero"]) {
    assert.is(codeOf(() => files.readText(one)), "EFBIG", one);
  }
  assert.ok(performance.now() - begun < 2000);
  truncateSync(path, 100_000);
  assert.is(files.readText(path)?.length, 100_000);
  return Promise.resolve();
});

machine("Clock.after() calls once, in order, unless it is closed", async () => {
  const order: string[] = [];
  const start = clock.now();
  clock.after(40, () => order.push("second"));
  clock.after(10, () => order.push("first"));
  const closed = clock.after(20, () => order.push("closed"));
  closed.close();
  closed.close();
  await until("the second", () => order.includes("second"));
  assert.ok(clock.now() - start >= 39);
  await sleep(30);
  assert.equal(order, ["first", "second"]);
});

machine("Clock.now() never goes back, Clock.date() is the wall's", () => {
  let last = clock.now();
  for (let count = 0; count < 10_000; count++) {
    const now = clock.now();
    assert.ok(now >= last);
    last = now;
  }
  assert.ok(Math.abs(clock.date().getTime() - Date.now()) < 100);
  return Promise.resolve();
});

machine("Self tells about this process", ({ folder }) => {
  const { kind } = files;
  assert.is(self.pid, process.pid);
  assert.is(self.ppid(), process.ppid);
  assert.is(kind(self.executable), "file");
  assert.ok(self.processors() >= 1);
  assert.match(runtime.version, /^\d+\.\d+\.\d+/);

  self.setEnv("TEST_SELF", "1");
  const copy = self.env();
  assert.is(copy.TEST_SELF, "1");
  copy.TEST_SELF = "2";
  assert.is(self.env().TEST_SELF, "1", "it is a copy");
  self.setEnv("TEST_SELF", undefined);
  assert.not.ok("TEST_SELF" in self.env());

  const before = self.cwd();
  self.chdir(folder);
  assert.is(self.cwd(), folder);
  self.chdir(before);
  assert.throws(() => self.chdir(join(folder, "nowhere")));
  const number = runtime.random();
  assert.ok(number >= 0 && number < 1);
  return Promise.resolve();
});

machine(
  "importAnew() loads a module and what it imports as they are by then",
  async ({ write }) => {
    const load = async (time: number) => {
      const path = write(
        "module.ts",
        `export { part } from "./part.ts";
export const version = ${time};
`,
      );
      write("part.ts", `export const part = ${time};\n`);
      const { version, part } = await runtime.importAnew(
        `file://${path}`,
        time,
      );
      return [version, part];
    };
    assert.equal([await load(0), await load(1), await load(2)], [
      [0, 0],
      [1, 1],
      [2, 2],
    ]);
  },
);

machine(
  "watch() names what is written, made and removed",
  async ({ folder, write }) => {
    write("app.ts", "1");
    const names = new Set<string>();
    const watching = runtime.watch(folder, (name) => names.add(name));
    writeFileSync(join(folder, "app.ts"), "2");
    await until("the change", () => names.has("app.ts"));
    // As editors replace a file.
    writeFileSync(join(folder, "new.tmp"), "3");
    names.clear();
    renameSync(join(folder, "new.tmp"), join(folder, "app.ts"));
    await until("the rename", () => names.has("app.ts"));
    names.clear();
    rmSync(join(folder, "app.ts"));
    await until("the removal", () => names.has("app.ts"));
    watching.close();
    watching.close();
  },
);

machine("usage() tells of processor time and memory", async () => {
  const before = self.usage();
  assert.ok(before.rss > before.heapUsed && before.heapUsed > 0);
  assert.is(before.busyMs === undefined, runtime.name !== "node");
  await until("work that is seen", () => {
    let sum = 0;
    for (let n = 0; n < 5_000_000; n++) sum += Math.sqrt(n);
    return sum > 0 && self.usage().cpuMs > before.cpuMs + 5;
  });
});

machine("watch() refuses a folder that is not there", ({ folder }) => {
  assert.is(
    codeOf(() => runtime.watch(join(folder, "nowhere"), () => {})),
    "ENOENT",
  );
  return Promise.resolve();
});

machine.run();

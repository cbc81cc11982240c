import { execFileSync } from "node:child_process";
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  renameSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import process from "node:process";
import * as assert from "../support/assert.ts";
import { runtime } from "../support/engine/engine.ts";
import { promises } from "../support/promise.ts";
import { until } from "../support/wait.ts";

const append = promises(`Files.openAppend on ${runtime.name}`);
const { openAppend } = runtime.files;

const bytes = (text: string) => new TextEncoder().encode(text);

/** A named pipe, and a reader of it. */
function pipe(folder: string): { path: string; open(): number } {
  const path = join(folder, "pipe");
  execFileSync("mkfifo", [path]);
  return {
    path,
    open: () => openSync(path, constants.O_RDONLY | constants.O_NONBLOCK),
  };
}

append("a file is made as umask says, and only grows", (lab) => {
  const path = join(lab.folder, "log");
  lab.forgive(path);
  const before = process.umask(0o027);
  const one = openAppend(path);
  process.umask(before);
  assert.is(statSync(path).mode & 0o777, 0o640);
  const two = openAppend(path);
  assert.is(one.write(bytes("one\n")), true);
  assert.is(two.write(bytes("zwölf\n")), true);
  assert.is(one.write(bytes("three\n")), true);
  assert.is(readFileSync(path, "utf8"), "one\nzwölf\nthree\n");
  const big = "x".repeat(5_000_000);
  assert.is(one.write(bytes(big)), true);
  assert.is(statSync(path).size, big.length + 17);
  renameSync(path, `${path}.1`);
  lab.forgive(`${path}.1`);
  two.write(bytes("four\n"));
  assert.not.ok(existsSync(path), "it stays with the file, not the name");
  one.close();
  one.close();
  assert.is(one.write(bytes("late")), false);
  two.close();
});

append("a child does not inherit it", async (lab) => {
  if (!existsSync("/proc/self/fd")) return lab.skip("there is no /proc");
  const path = join(lab.folder, "log");
  lab.forgive(path);
  const file = openAppend(path);
  const holds = (pid: number | string) =>
    readdirSync(`/proc/${pid}/fd`).some((name) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${name}`) === path;
      } catch {
        return false; // Closed since.
      }
    });
  assert.ok(holds("self"));
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const child = runtime.spawn({
    executable: "/bin/sleep",
    args: ["60"],
    env: { TEST_MARK: lab.mark },
    cwd: lab.folder,
    descriptors: [],
    onMessage() {},
    onExit: resolve,
  });
  assert.not.ok(holds(child.pid as number));
  child.kill("SIGKILL");
  await promise;
  file.close();
  assert.not.ok(holds("self"));
});

append("what cannot be opened is told by the system's code", (lab) => {
  const codeOf = (path: string) => {
    try {
      openAppend(path).close();
    } catch (error) {
      return (error as { code?: string }).code;
    }
    return "it was opened";
  };
  const folder = join(lab.folder, "folder");
  mkdirSync(folder);
  const file = lab.write("file", "");
  assert.is(codeOf(folder), "EISDIR");
  assert.is(codeOf(join(folder, "no", "log")), "ENOENT");
  assert.is(codeOf(join(file, "log")), "ENOTDIR");
  const { path } = pipe(lab.folder);
  lab.forgive(path);
  assert.is(codeOf(path), "ENXIO", "a pipe that nobody reads");
});

append("a full disk takes nothing and harms nothing", (lab) => {
  if (!existsSync("/dev/full")) return lab.skip("there is no /dev/full");
  const file = openAppend("/dev/full");
  for (let count = 0; count < 3; count++) {
    assert.is(file.write(bytes("one\n")), false);
  }
  file.close();
});

append("a pipe is not waited for that nobody empties", async (lab) => {
  const { path, open } = pipe(lab.folder);
  lab.forgive(path);
  const reader = open();
  const file = openAppend(path);
  const room = new Uint8Array(1_000_000);
  const texts = Array.from({ length: 1000 }, (_, at) => `${at}`.padEnd(1000));
  const taken = texts.filter((text) => file.write(bytes(`${text}\n`)));
  assert.ok(taken.length > 200 && taken.length < 600, `${taken.length}`);
  let text = "";
  await until("what was taken", () => {
    try {
      text += new TextDecoder().decode(
        room.subarray(0, readSync(reader, room)),
      );
    } catch {
      // EAGAIN: the rest comes when the pipe's writer looks for room again.
    }
    return text.length >= taken.length * 1001;
  });
  assert.equal(text.split("\n").slice(0, -1), taken);
  assert.is(file.write(bytes("one\n")), true);
  readSync(reader, room);
  closeSync(reader);
  assert.is(file.write(bytes("two\n")), false, "the reader is gone");
  const next = open();
  assert.is(file.write(bytes("three\n")), true, "another one came");
  closeSync(next);
  file.close();
});

append("what finds no room is given up at the end", (lab) => {
  const { path, open } = pipe(lab.folder);
  lab.forgive(path);
  const reader = open();
  const file = openAppend(path);
  let count = 0;
  while (file.write(bytes(`${"x".repeat(4095)}\n`))) count++;
  const given = file.abandon();
  assert.ok(given > 0 && given < count, `${given} of ${count}`);
  assert.is(file.abandon(), 0);
  assert.is(file.write(bytes("one\n")), true, "it waits again");
  file.close();
  closeSync(reader);
});

append.run();

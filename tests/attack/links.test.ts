import { execFileSync } from "node:child_process";
import {
  chownSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
} from "node:fs";
import { join } from "node:path";
import process from "node:process";
import * as assert from "../support/assert.ts";
import { get } from "../support/client/curl.ts";
import { findProgram } from "../support/machine/program.ts";
import { fixture, promises } from "../support/promise.ts";
import { makeReader } from "../support/process/stuck.ts";
import { NOBODY } from "../support/machine/user.ts";
import { until } from "../support/wait.ts";

const links = promises("links and pipes in corn's way");
const app = fixture("app.ts");
const isRoot = process.getuid?.() === 0;

for (
  const [what, command] of [
    ["a link", 'ln -s "$0.victim"'],
    ["a pipe", "mkfifo"],
  ] as const
) {
  links(`${what} beside the pid file is not written to`, async (lab) => {
    const pid = join(lab.folder, "corn.pid");
    const victim = lab.write("corn.pid.victim", "precious");
    // The shell's pid is that of the arbiter.
    const script = `${command} "$0.$$.tmp"; exec "$@"`;
    const server = await lab.start({
      app,
      args: ["-w", "1", "--pid", pid],
      wrapper: ["sh", "-c", script, pid],
    });
    lab.forgive(`${pid}.${server.pid}.tmp`);
    assert.is(readFileSync(pid, "utf8"), `${server.pid}\n`);
    assert.is(readFileSync(victim, "utf8"), "precious");
  });
}

links("a pipe in the place of the pid file holds nothing up", async (lab) => {
  const pid = join(lab.folder, "corn.pid");
  execFileSync("mkfifo", [pid]);
  const server = await lab.start({ app, args: ["-w", "1", "--pid", pid] });
  assert.is(readFileSync(pid, "utf8"), `${server.pid}\n`);
});

links("root's log follows no link of another user's", async (lab) => {
  if (!isRoot) return lab.skip("this is not root");
  const folder = join(lab.folder, "logs");
  mkdirSync(folder);
  chownSync(folder, NOBODY, NOBODY);
  lab.forgive(folder);
  const logFile = join(folder, "error.log");
  const access = join(folder, "access.log");
  const victim = lab.write("victim", "precious");
  const server = await lab.start({
    app,
    args: [
      ...["-w", "1", "--error-logfile", logFile],
      ...["--access-logfile", access],
    ],
    logFile,
  });
  const old: string[] = [];
  for (const path of [logFile, access]) {
    renameSync(path, `${path}.1`);
    symlinkSync(victim, path);
    lchownSync(path, NOBODY, NOBODY);
    old.push(`${path}.1`);
  }
  server.signal("SIGUSR1");
  await until(
    "the log to say so, twice",
    () =>
      (readFileSync(old[0]!, "utf8").match(
        /is a link of user 65534's, which root does not follow/g,
      ) ?? []).length >= 2,
  );
  await get(`${server.url}/who`);
  await until(
    "the line in the old file",
    () => readFileSync(old[1]!, "utf8").includes("/who"),
  );
  assert.is(readFileSync(victim, "utf8"), "precious");
});

links("root's own links lead where they lead", async (lab) => {
  if (!isRoot) return lab.skip("this is not root");
  const other = join(lab.folder, "other");
  mkdirSync(other);
  lab.forgive(other);
  const logFile = join(lab.folder, "error.log");
  symlinkSync("other", join(lab.folder, "folder"));
  symlinkSync("folder/real.log", logFile);
  lab.forgive(logFile);
  lab.forgive(join(lab.folder, "folder"));
  const server = await lab.start({
    app,
    args: ["-w", "1", "--error-logfile", logFile],
    logFile,
  });
  server.signal("SIGUSR1");
  await server.waitForLog(/Log file reopened/);
  assert.ok(lstatSync(join(other, "real.log")).isFile());
});

for (const path of ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"]) {
  links(`a log may go to ${path}`, async (lab) => {
    if (findProgram("python3") === undefined) return lab.skip("no python3");
    await using reader = await makeReader("pipe", lab.folder, "1");
    lab.forgive(join(lab.folder, "reader"));
    lab.run({
      app,
      wrapper: reader.wrapper,
      args: ["-w", "1", "--error-logfile", path, "--access-logfile", path],
    });
    const listening = () => /Listening at (\S+) /.exec(reader.read());
    await until("it is ready", () => / ready in /.test(reader.read()));
    const [, url] = await until("where it listens", listening);
    await get(`${url}/who`);
    await until("the line", () => reader.read().includes("GET /who"));
  });
}

links.run();

import { execFileSync } from "node:child_process";
import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import process from "node:process";
import * as assert from "../support/assert.ts";
import { curl, get } from "../support/client/curl.ts";
import { heirOf, promote, upgrade } from "../support/process/heir.ts";
import { LOGROTATE, rotatedLog } from "../support/log/logrotate.ts";
import { fixture, promises } from "../support/promise.ts";
import { until } from "../support/wait.ts";

const log = promises("log file");
const app = fixture("app.ts");

/** Flags for a log file. */
const to = (path: string) => ["--error-logfile", path];

log("it takes all of the log, made as umask says", async (lab) => {
  const logFile = join(lab.folder, "corn.log");
  lab.forgive(logFile);
  const server = await lab.start({
    app,
    args: [
      ...["-w", "1", "--chdir", lab.folder, "--umask", "027"],
      ...to("corn.log"),
    ],
    logFile,
  });
  await curl(`${server.url}/throw`);
  await server.waitForLog(/thrown by the app/);
  assert.is(statSync(logFile).mode & 0o777, 0o640);
  assert.equal(await server.stop(), { code: 0, signal: null });
  assert.match(server.log(), /starts 1 worker[^]*Stopped\n$/);
  assert.is(server.errors(), "");
});

log("one that cannot be written is refused in a line", async (lab) => {
  for (
    const [path, reason] of [
      [lab.folder, "it is a folder"],
      [join(lab.folder, "no", "log"), "its folder does not exist"],
    ] as const
  ) {
    const command = lab.run({ app, args: ["-w", "1", ...to(path)] });
    assert.is((await command.ended).code, 1);
    assert.is(
      command.errors(),
      `corn: Cannot open log file "${path}": ${reason}\n`,
    );
  }
});

log("it tells why corn did not start", async (lab) => {
  const logFile = join(lab.folder, "corn.log");
  lab.forgive(logFile);
  const missing = join(lab.folder, "missing.ts");
  const command = lab.run({ app: missing, args: to(logFile), logFile });
  assert.is((await command.ended).code, 4);
  assert.match(command.log(), /\[CRITICAL\] .*missing\.ts/);
  assert.match(command.errors(), /^corn: .*missing\.ts/);
});

log("a full disk loses lines and nothing else", async (lab) => {
  if (!existsSync("/dev/full")) return lab.skip("there is no /dev/full");
  const link = join(lab.folder, "link.log");
  const logFile = join(lab.folder, "corn.log");
  lab.forgive(link);
  lab.forgive(logFile);
  symlinkSync(logFile, link);
  const server = await lab.start({
    app,
    args: ["-w", "1", ...to(link)],
    logFile,
  });
  const point = (target: string) => {
    rmSync(link);
    symlinkSync(target, link);
    server.signal("SIGUSR1");
  };
  point("/dev/full");
  let looks = 0;
  await until("the log to be elsewhere", async () => {
    const before = server.log().length;
    await curl(`${server.url}/throw/${before}-${looks++}`);
    return server.log().length === before;
  });
  for (let count = 0; count < 20; count++) {
    assert.is((await curl(`${server.url}/throw/${count}`)).status, 500);
  }
  point(logFile);
  await server.waitForLog(/\[WARNING\] \d\d+ events are missing here/);
  assert.is(await get(server.url), "ok\n");
});

log("a reader that is gone harms nothing", async (lab) => {
  const pipe = join(lab.folder, "pipe");
  execFileSync("mkfifo", [pipe]);
  lab.forgive(pipe);
  const copy = join(lab.folder, "copy");
  lab.forgive(copy);
  writeFileSync(copy, "");
  const reader = lab.run({
    script: "tests/fixtures/copy.ts",
    args: [pipe, copy],
  });
  await until("the reader", () => reader.output() === "ready\n");
  const server = await lab.start({
    app,
    args: ["-w", "1", ...to(pipe)],
    logFile: copy,
  });
  reader.signal("SIGKILL");
  await reader.ended;
  for (let count = 0; count < 20; count++) {
    assert.is((await curl(`${server.url}/throw`)).status, 500);
  }
  assert.is((await server.stop()).code, 0);
});

log("HUP moves it to another path, and refuses a bad one", async (lab) => {
  const first = join(lab.folder, "first.log");
  const second = join(lab.folder, "second.log");
  lab.forgive(first);
  lab.forgive(second);
  const configure = (settings: Record<string, unknown>) =>
    lab.write(
      "corn.config.json",
      JSON.stringify({ app, bind: "127.0.0.1:0", workers: 1, ...settings }),
    );
  configure({ errorLogfile: "first.log" });
  const server = await lab.start({
    cwd: lab.folder,
    defaults: false,
    logFile: first,
  });
  configure({ errorLogfile: "no/corn.log" });
  server.signal("SIGHUP");
  await server.waitForLog(/Reload refused, nothing changes: Cannot open log/);
  configure({ errorLogfile: "second.log", logFormat: "json" });
  server.signal("SIGHUP");
  await server.waitForLog(/From here on the log is in .*second\.log\n$/);
  const events = () =>
    readFileSync(second, "utf8").split("\n").slice(0, -1).map((line) =>
      JSON.parse(line).message
    );
  await until(
    "the reload's end in the new file",
    () => existsSync(second) && events().some((one) => /Reload done/.test(one)),
  );
  assert.is(await get(server.url), "ok\n");
});

log("USR1 to a worker does nothing", async (lab) => {
  const server = await lab.start({ app, args: ["-w", "1"] });
  const [worker = 0] = server.workers();
  process.kill(worker, "SIGUSR1");
  assert.is(await get(server.url), "ok\n");
  assert.is(await get(server.url), "ok\n");
  assert.equal(server.workers(), [worker]);
});

/** Every line of all files that the log was cut into. */
function allLines(folder: string): string[] {
  return readdirSync(folder).filter((name) => name.startsWith("corn.log"))
    .flatMap((name) => {
      const text = readFileSync(join(folder, name), "utf8");
      assert.ok(text === "" || text.endsWith("\n"), `${name} is torn`);
      return text.split("\n").slice(0, -1);
    });
}

log("logrotate's create loses and tears no line under reloads", async (lab) => {
  if (LOGROTATE === undefined) return lab.skip("logrotate is not installed");
  const { folder, path: logFile, rotate } = rotatedLog(lab, "corn.log");
  const server = await lab.start({
    app,
    args: ["-w", "2", "--log-format", "json", ...to(logFile)],
    logFile,
  });
  const head = server.log();
  let sent = 0;
  for (let turn = 0; turn < 4; turn++) {
    if (turn % 2 === 0) server.signal("SIGHUP");
    for (let count = 0; count < 8; count++, sent++) {
      if (count === 4) {
        rotate(
          "create 0640",
          "postrotate",
          `kill -USR1 ${server.pid}`,
          "endscript",
        );
      }
      await curl(`${server.url}/throw/${sent}-`);
    }
    await until(
      "the file to be opened anew",
      () => server.log().includes("Log file reopened"),
    );
  }
  const found = () =>
    allLines(folder).flatMap((line) => {
      const { message } = JSON.parse(line);
      return /\/throw\/(\d+)-/.exec(message)?.[1] ?? [];
    });
  await until("all lines", () => found().length >= sent);
  assert.equal(
    found().map(Number).sort((a, b) => a - b),
    Array.from({ length: sent }, (_, index) => index),
  );
  assert.is(readdirSync(folder).length, 5);
  assert.is(statSync(logFile).mode & 0o777, 0o640);
  assert.ok(head.length > 0);
});

log("logrotate's copytruncate goes on at the file's start", async (lab) => {
  if (LOGROTATE === undefined) return lab.skip("logrotate is not installed");
  const { folder, path: logFile, rotate } = rotatedLog(lab, "corn.log");
  const server = await lab.start({
    app,
    args: ["-w", "1", "--log-format", "json", ...to(logFile)],
    logFile,
  });
  for (let turn = 0; turn < 3; turn++) {
    await curl(`${server.url}/throw/${turn}-`);
    await server.waitForLog(new RegExp(`/throw/${turn}-`));
    rotate("copytruncate");
  }
  assert.is(server.log(), "");
  server.signal("SIGHUP");
  await server.waitForLog(/Reload done/);
  for (const line of allLines(folder)) JSON.parse(line);
  assert.is(readdirSync(folder).length, 4);
});

log("an upgrade goes on in the same file, and reopens it", async (lab) => {
  const logFile = join(lab.folder, "corn.log");
  lab.forgive(logFile);
  lab.forgive(`${logFile}.1`);
  const server = await lab.start({
    app,
    args: ["-w", "1", ...to(logFile)],
    logFile,
  });
  const heir = await upgrade(server, server.pid);
  await promote(server, server.pid);
  const { pid } = heirOf(heir.pid);
  assert.match(server.log(), new RegExp(`\\[${pid}\\] \\[INFO\\] Promoted`));
  renameSync(logFile, `${logFile}.1`);
  heir.signal("SIGUSR1");
  await until("the new file", () => /reopened/.test(server.log()));
  assert.is(await get(server.url), "ok\n");
  await heir.stop();
  assert.match(server.log(), /Stopped\n$/);
  // Deno says on it that its inspector is open, at every USR1.
  assert.not.match(server.errors(), "[INFO]");
});

log.run();

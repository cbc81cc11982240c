import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { join } from "node:path";
import process from "node:process";
import * as assert from "../support/assert.ts";
import { entriesOf, linesOf } from "../support/log/access-lines.ts";
import type { Entry } from "../support/log/access-lines.ts";
import { curl, get } from "../support/client/curl.ts";
import { LOGROTATE, rotatedLog } from "../support/log/logrotate.ts";
import { fixture, promises } from "../support/promise.ts";
import type { Lab } from "../support/promise.ts";
import { canBeNobody, NOBODY } from "../support/machine/user.ts";
import { until } from "../support/wait.ts";

const access = promises("access log");
const app = fixture("app.ts");

/** A path for an access log, and the flags for it. */
function logIn(lab: Lab, format = "json"): { path: string; args: string[] } {
  const path = join(lab.folder, "access.log");
  lab.forgive(path);
  const args = ["--access-logfile", path, "--access-log-format", format];
  return { path, args };
}

/** Waits for the entry of a target. */
async function entryOf(path: string, target: string): Promise<Entry> {
  return await until(
    `a line about ${target}`,
    () => entriesOf(path).find((one) => one.target === target),
  );
}

access("there is none unless it is asked for", async (lab) => {
  const server = await lab.start({ app, args: ["-w", "1"] });
  await get(server.url);
  assert.is((await server.stop()).code, 0);
  assert.is(server.output(), "");
});

access("workers write whole lines into one file", async (lab) => {
  const { path, args } = logIn(lab, "combined");
  const server = await lab.start({ app, args: ["-w", "3", ...args] });
  const asked: Promise<void>[] = [];
  const post = async (path: string) => {
    const client = await lab.connect(server.url);
    const headers = { "User-Agent": "poster/1.0" };
    const answer = await client.request(path, {
      ...{ method: "POST", body: "hello", headers },
    });
    client.close();
    assert.equal([answer.status, answer.text], [200, "hello"]);
  };
  for (let count = 0; count < 60; count++) {
    asked.push(post(`/echo/${count}`));
    if (asked.length % 10 === 0) await Promise.all(asked);
  }
  await Promise.all(asked);
  // What was held back is there when corn has ended.
  assert.is((await server.stop()).code, 0);
  const found = linesOf(path).map((line) => {
    const [, number] =
      /^127\.0\.0\.1 - - \[\d\d\/\w{3}\/\d{4}:\d\d:\d\d:\d\d \+0000\] "POST \/echo\/(\d+) HTTP\/1\.1" 200 5 "-" "poster\/1\.0"$/
        .exec(line) ?? [];
    assert.ok(number !== undefined, line);
    return Number(number);
  });
  assert.equal(
    found.sort((a, b) => a - b),
    Array.from({ length: 60 }, (_, index) => index),
  );
});

access("it goes to standard output, captured or not", async (lab) => {
  for (const more of [[], ["--capture-output"]]) {
    const server = await lab.start({
      app,
      args: [
        ...["-w", "1", "--access-logfile", "-", "--access-log-format"],
        ...["%(m)s %(U)s %(s)s", ...more],
      ],
    });
    await get(`${server.url}/who`);
    await curl(`${server.url}/none`);
    assert.is((await server.stop()).code, 0);
    assert.equal(server.output().split("\n").sort(), [
      "",
      "GET /none 404",
      "GET /who 200",
    ]);
    assert.not.match(server.log(), /GET/);
  }
});

access("what was is told: sizes, times, ids, failures", async (lab) => {
  const { path, args } = logIn(lab);
  const server = await lab.start({
    app,
    args: [
      ...["-w", "1", "--limit-request-body", "100", "--request-timeout"],
      ...["300ms", "--access-log-skip", "/who agent:prober", ...args],
    ],
  });
  const { url } = server;
  await get(`${url}/stream/3?ms=60`);
  const streamed = await entryOf(path, "/stream/3?ms=60");
  assert.is(streamed.bytes, 21);
  assert.ok(streamed.ms >= 115, `it took ${streamed.ms} ms`);
  assert.is(streamed.client, "127.0.0.1");
  await get(`${url}/?x`, "-H", "X-Request-Id: one-1", "-A", 'a "b" \\');
  const named = await entryOf(path, "/?x");
  assert.equal([named.id, named.agent, named.bytes], ["one-1", 'a "b" \\', 3]);
  await curl(`${url}/throw`);
  assert.is((await entryOf(path, "/throw")).status, 500);
  await curl(`${url}/slow?ms=2000`);
  const late = await entryOf(path, "/slow?ms=2000");
  assert.is(late.status, 504);
  assert.ok(late.ms >= 295, `it took ${late.ms} ms`);
  await curl(`${url}/echo`, "-d", "x".repeat(101));
  assert.is((await entryOf(path, "/echo")).status, 413);
  await curl(url, "-I");
  assert.is((await entryOf(path, "/")).bytes, 0);
  await get(`${url}/who`, "-A", "Prober/1");
  await curl(`${url}/who`);
  const kept = await entryOf(path, "/who");
  assert.match(kept.agent!, /^curl/);
  assert.match(kept.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.equal([kept.pid], server.workers());
  assert.is((await server.stop()).code, 0);
  assert.is(entriesOf(path).filter((one) => one.target === "/who").length, 1);
});

access("a trusted proxy's word on the client counts", async (lab) => {
  const { path, args } = logIn(lab, "%(h)s %(U)s");
  const server = await lab.start({
    app,
    args: ["-w", "1", "--forwarded-allow-ips", "127.0.0.1", ...args],
  });
  const from = ["-H", "X-Forwarded-For: 198.51.100.1, 203.0.113.9"];
  await get(`${server.url}/who`, ...from);
  await get(server.url);
  assert.is((await server.stop()).code, 0);
  assert.equal(linesOf(path), ["203.0.113.9 /who", "127.0.0.1 /"]);
  const wary = await lab.start({
    app,
    args: ["-w", "1", "--forwarded-allow-ips", "192.0.2.1", ...args],
  });
  await get(`${wary.url}/who`, ...from);
  assert.is((await wary.stop()).code, 0);
  assert.equal(linesOf(path).slice(2), ["127.0.0.1 /who"]);
});

/** One worker with its log in a file. */
const single = access.share(async (lab) => {
  const { path, args } = logIn(lab);
  lab.forgive(`${path}.1`);
  return { path, server: await lab.start({ app, args: ["-w", "1", ...args] }) };
});

access("a client that leaves is told", async (lab) => {
  const { path, server } = await single();
  const client = await lab.connect(server.url);
  let text = "";
  client.socket.on("data", (bytes: Uint8Array) => text += bytes);
  client.send("/stream/1000?ms=20");
  await until("some parts", () => text.includes("part 3"));
  client.close();
  const entry = await entryOf(path, "/stream/1000?ms=20");
  assert.is(entry.aborted, true);
  assert.is(entry.status, 200);
  assert.ok(entry.bytes! >= 21, `${entry.bytes} bytes`);
});

access("logrotate and reloads lose and tear no line", async (lab) => {
  if (LOGROTATE === undefined) return lab.skip("logrotate is not installed");
  const { folder, path, rotate } = rotatedLog(lab, "access.log");
  const server = await lab.start({
    app,
    args: [
      ...["-w", "2", "--access-logfile", path, "--access-log-format", "json"],
    ],
  });
  let sent = 0;
  for (let turn = 0; turn < 4; turn++) {
    if (turn === 2) server.signal("SIGHUP");
    for (let count = 0; count < 10; count++, sent++) {
      if (count === 5) {
        rotate(
          "create 0640",
          "postrotate",
          `kill -USR1 ${server.pid}`,
          "endscript",
        );
      }
      await get(`${server.url}/?${sent}`);
    }
    await until("lines in the new file", async () => {
      await get(`${server.url}/echo`);
      return linesOf(path).length > 0;
    });
  }
  assert.is((await server.stop()).code, 0);
  const found = readdirSync(folder).flatMap((name) =>
    entriesOf(join(folder, name)).flatMap(({ target }) =>
      /^\/\?(\d+)$/.exec(target!)?.[1] ?? []
    )
  );
  assert.equal(
    found.map(Number).sort((a, b) => a - b),
    Array.from({ length: sent }, (_, index) => index),
  );
  assert.is(readdirSync(folder).length, 5);
  assert.is(statSync(path).mode & 0o777, 0o640);
});

access("a full disk loses lines and nothing else", async (lab) => {
  if (!existsSync("/dev/full")) return lab.skip("there is no /dev/full");
  const { path, args } = logIn(lab);
  const real = `${path}.real`;
  lab.forgive(real);
  symlinkSync("/dev/full", path);
  const server = await lab.start({ app, args: ["-w", "1", ...args] });
  for (let count = 0; count < 7; count++) await get(server.url);
  await server.waitForLog(/\[ERROR\] Cannot write the access log/);
  rmSync(path);
  symlinkSync(real, path);
  server.signal("SIGUSR1");
  await until("a line", async () => {
    await get(server.url);
    return linesOf(real).length > 0;
  });
  await server.waitForLog(
    /\[WARNING\] The access log goes on: up to \d+ lines are missing/,
  );
  assert.is(server.log().split("Cannot write the access log").length, 2);
});

access("a file that cannot be opened is refused in a line", async (lab) => {
  const command = lab.run({
    app,
    args: ["-w", "1", "--access-logfile", join(lab.folder, "no", "log")],
  });
  assert.is((await command.ended).code, 1);
  assert.match(
    command.errors(),
    /Cannot open log file .*: its folder does not/,
  );
});

access(
  "a worker whose log's folder was removed serves, and logs again once it is back",
  async (lab) => {
    const folder = join(lab.folder, "logs");
    const path = join(folder, "access.log");
    lab.forgive(folder);
    mkdirSync(folder);
    const server = await lab.start({
      app,
      args: [
        ...["-w", "1", "--access-logfile", path],
        ...["--access-log-format", "json"],
      ],
    });
    const [first = 0] = server.workers();
    rmSync(folder, { recursive: true });
    process.kill(first, "SIGKILL");
    await server.waitForLog(
      /Cannot open log file .*: its folder does not exist; requests are served without it/,
    );
    await until("an answer", async () => (await curl(server.url)).exit === 0);
    await server.waitForLog(/Cannot write the access log: lines are lost/);
    mkdirSync(folder);
    server.signal("SIGUSR1");
    await until("the file", () => existsSync(path));
    await get(`${server.url}/?2`);
    await entryOf(path, "/?2");
    await server.waitForLog(
      /The access log goes on: up to \d+ lines? (is|are)/,
    );
  },
);

access("workers of another user write it, also anew", async (lab) => {
  if (!canBeNobody()) return lab.skip("nobody cannot run corn from here");
  const { path, args } = logIn(lab);
  lab.forgive(`${path}.1`);
  // Workers pass through it, and make nothing there.
  chmodSync(lab.folder, 0o755);
  const server = await lab.start({
    app,
    args: [
      ...["-w", "2", "--user", String(NOBODY), "--group", String(NOBODY)],
      ...args,
    ],
  });
  assert.is(statSync(path).uid, NOBODY);
  await get(`${server.url}/?1`);
  await entryOf(path, "/?1");
  renameSync(path, `${path}.1`);
  server.signal("SIGUSR1");
  await until("a line in the new file", async () => {
    await get(`${server.url}/?2`);
    return linesOf(path).length > 0;
  });
  assert.is(statSync(path).uid, NOBODY);
  assert.not.match(server.log(), /ERROR/);
});

access("USR1 to a worker reopens its file", async () => {
  const { path, server } = await single();
  await get(`${server.url}/?1`);
  await entryOf(path, "/?1");
  renameSync(path, `${path}.1`);
  const [worker = 0] = server.workers();
  process.kill(worker, "SIGUSR1");
  await until("the new file", () => existsSync(path));
  await get(`${server.url}/?2`);
  await entryOf(path, "/?2");
});

access.run();

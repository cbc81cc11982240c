import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { LogFileError } from "../../../src/base/errors.ts";
import { openErrorLog } from "../../../src/log/error/error-log.ts";
import type { LoggerObject } from "../../../src/log/error/user-logger.ts";
import type { SyslogOptions } from "../../../src/log/syslog/syslog-log.ts";
import {
  type FakeOutlet,
  FakeRuntime,
  settle,
  systemError,
} from "../../support/fake/runtime.ts";

const errorLog = suite("openErrorLog");

const SETTINGS = {
  errorLogfile: "/log/a",
  logFormat: "text",
  logLevel: "info",
} as const;

/** The messages of a text. */
function said(text: string | undefined): string[] {
  return (text ?? "").split("\n").slice(0, -1)
    .map((line) => line.replace(/^\[[^\]]*\] \[\d+\] /, ""));
}

function site(settings: Partial<Parameters<typeof openErrorLog>[1]> = {}) {
  const runtime = new FakeRuntime();
  const log = openErrorLog(runtime, { ...SETTINGS, ...settings });
  const { texts, opened, failures } = runtime.files;
  return { runtime, log, texts, opened, failures };
}

errorLog("writes to the file and not to standard error", () => {
  const { runtime, log, texts } = site();
  log.info("one");
  assert.equal(said(texts.get("/log/a")), ["[INFO] one"]);
  assert.is(runtime.stderr.text, "");
});

errorLog("writes to standard error by -", () => {
  const { runtime, log, opened } = site({ errorLogfile: "-" });
  log.info("one");
  log.reopen();
  assert.equal(said(runtime.stderr.text), ["[INFO] one"]);
  assert.equal(opened, []);
});

errorLog("reopen() goes on in the file that has the name now", () => {
  const { runtime, log, texts, opened } = site();
  log.info("one");
  runtime.files.rename("/log/a", "/log/a.1");
  log.reopen();
  log.info("two");
  assert.equal(said(texts.get("/log/a.1")), ["[INFO] one"]);
  assert.equal(said(texts.get("/log/a")), [
    "[INFO] Log file reopened",
    "[INFO] two",
  ]);
  assert.equal(opened, ["/log/a"], "the old one is closed");
});

errorLog("reopen() keeps the old file where there is no new one", () => {
  const { log, texts, opened, failures } = site();
  failures.set("openAppend /log/a", systemError("EACCES"));
  const failure = log.reopen();
  log.info("two");
  const [line = "", next] = said(texts.get("/log/a"));
  assert.is(line, `[ERROR] ${failure}`);
  assert.match(line, '[ERROR] Cannot open log file "/log/a": permission');
  assert.match(line, "; the log goes on in the file that was there");
  assert.is(next, "[INFO] two");
  assert.equal(opened, ["/log/a"]);
});

errorLog("configure() moves to another file, level and format", () => {
  const { log, texts, opened } = site();
  log.configure({
    errorLogfile: "/log/b",
    logFormat: "json",
    logLevel: "error",
  });
  log.info("one");
  log.error("two");
  assert.equal(said(texts.get("/log/a")), [
    "[INFO] From here on the log is in /log/b",
  ]);
  assert.is(JSON.parse(texts.get("/log/b") ?? "").message, "two");
  assert.equal(opened, ["/log/b"]);
});

errorLog("configure() moves to standard error and back", () => {
  const { runtime, log, texts, opened } = site();
  log.configure({ ...SETTINGS, errorLogfile: "-" });
  log.info("one");
  assert.equal(said(runtime.stderr.text), ["[INFO] one"]);
  assert.equal(opened, []);
  log.configure(SETTINGS);
  log.info("two");
  assert.equal(said(texts.get("/log/a")), [
    "[INFO] From here on the log is on standard error",
    "[INFO] two",
  ]);
});

errorLog("configure() with a bad path changes nothing", () => {
  const { log, texts, failures } = site();
  failures.set("openAppend /log/b", systemError("EISDIR"));
  assert.throws(
    () =>
      log.configure({
        errorLogfile: "/log/b",
        logFormat: "json",
        logLevel: "error",
      }),
    (error: unknown) => error instanceof LogFileError,
  );
  log.info("one");
  assert.equal(said(texts.get("/log/a")), ["[INFO] one"]);
});

errorLog("configure() with the same path reopens it", () => {
  const { runtime, log, texts } = site();
  runtime.files.rename("/log/a", "/log/a.1");
  log.configure(SETTINGS);
  log.info("one");
  assert.equal(said(texts.get("/log/a")), ["[INFO] one"]);
});

errorLog("close() leaves the file, and standard error alone", () => {
  const { runtime, log, opened } = site();
  log.close();
  assert.equal(opened, []);
  log.info("one");
  assert.is(runtime.stderr.text, "");
});

errorLog("colours are for a terminal, not for a file or NO_COLOR", () => {
  for (const errorLogfile of ["-", "/log/a"]) {
    for (const NO_COLOR of ["", "1"]) {
      const runtime = new FakeRuntime();
      Object.assign(runtime.stderr, { terminal: true });
      runtime.env.NO_COLOR = NO_COLOR;
      openErrorLog(runtime, { ...SETTINGS, errorLogfile }).info("one");
      const text = runtime.files.texts.get("/log/a") ?? runtime.stderr.text;
      assert.is(
        text.includes("\x1b"),
        errorLogfile === "-" && NO_COLOR === "",
      );
    }
  }
});

const syslog: SyslogOptions = {
  target: { kind: "udp", host: "127.0.0.1", port: 514 },
  facility: "user",
  hostname: "box",
  appName: "corn.shop.error",
};

/** What was sent, without its time. */
const sent = (outlet: FakeOutlet | undefined) =>
  outlet?.texts().map((text) => text.replace(/ 1970-\S+/, ""));

errorLog(
  "what is written goes to syslog too, what is not does not",
  async () => {
    const { runtime, log, texts } = site({ syslog });
    const [outlet] = runtime.outlets;
    outlet?.events.onOpen();
    log.info("one");
    log.debug("two");
    log.exception("three", 7);
    log.output("stdout", "four", 8);
    await log.flush();
    assert.equal(sent(outlet), [
      "<14>1 box corn.shop.error 100 error - one",
      "<11>1 box corn.shop.error 7 error - three",
      "<14>1 box corn.shop.error 8 stdout - four",
    ]);
    assert.is(said(texts.get("/log/a")).length, 3);
    log.close();
    assert.ok(outlet?.closed);
  },
);

errorLog("onEvent is told of everything", () => {
  const { log } = site({ logLevel: "error" });
  const events: string[] = [];
  log.onEvent = ({ level, exception }) =>
    events.push(exception ? "exception" : level);
  log.info("one");
  log.error("two");
  log.exception("three");
  assert.equal(events, ["info", "error", "exception"]);
});

errorLog(
  "configure() keeps the way to the same syslog, and flushes an old one",
  async () => {
    const { runtime, log } = site({ syslog });
    log.configure({ ...SETTINGS, syslog: { ...syslog } });
    assert.is(runtime.outlets.length, 1);
    runtime.outlets[0]?.events.onOpen();
    log.info("one");
    log.configure({ ...SETTINGS, syslog: { ...syslog, facility: "local0" } });
    log.info("two");
    assert.is(runtime.outlets.length, 2);
    runtime.outlets[1]?.events.onOpen();
    await log.flush();
    await settle();
    assert.is(runtime.outlets[0]?.closed, true);
    assert.match(sent(runtime.outlets[0])?.[0] as string, /^<14>.* one$/);
    assert.match(sent(runtime.outlets[1])?.[0] as string, /^<134>.* two$/);
    log.configure(SETTINGS);
    await settle();
    assert.is(runtime.outlets[1]?.closed, true);
  },
);

errorLog("unix datagrams are refused where there are none", () => {
  const runtime = new FakeRuntime();
  runtime.sendsUnixDatagrams = false;
  const target = { kind: "unix-datagram", path: "/dev/log" } as const;
  assert.throws(
    () => openErrorLog(runtime, { ...SETTINGS, syslog: { ...syslog, target } }),
    /Cannot use logSyslogTo "unix:\/\/\/dev\/log#dgram": Node has no unix datagrams; give udp/,
  );
  const log = openErrorLog(runtime, SETTINGS);
  assert.throws(
    () => log.configure({ ...SETTINGS, syslog: { ...syslog, target } }),
    /Node has no unix datagrams/,
  );
});

errorLog("a receiver that is gone is in the log, once", async () => {
  const { runtime, log, texts } = site({ syslog });
  runtime.outlets[0]?.events.onShut(systemError("ECONNREFUSED"));
  await settle();
  log.info("one");
  assert.equal(said(texts.get("/log/a")), [
    "[WARNING] Cannot send the log to udp://127.0.0.1:514: nobody listens there; trying again",
    "[INFO] one",
  ]);
  log.close();
  assert.is(
    said(texts.get("/log/a")).at(-1),
    "[WARNING] Ended with 2 messages lost: udp://127.0.0.1:514 did not take them",
  );
});

/** A logger of the user's, what it was told, and whether it fails. */
function ownLogger() {
  const told: string[] = [];
  const state = { failing: false, flushed: 0 };
  const method = (name: string) => (message: string) => {
    if (state.failing) throw new Error("no disk");
    told.push(`${name} ${message}`);
  };
  const [debug, info, warn, error, critical] = [
    ...["debug", "info", "warn", "error", "critical"],
  ].map(method) as [(text: string) => void, ...((text: string) => void)[]];
  const flush = () => void state.flushed++;
  const logger = { debug, info, warn, error, critical, flush } as LoggerObject;
  return { logger, told, state };
}

errorLog("a logger takes the log; what it does not is written", () => {
  const { logger, told, state } = ownLogger();
  const { runtime, log, texts } = site({ logger });
  log.info("one");
  log.elsewhere("it failed");
  assert.equal(told.splice(0), ["info one", "critical it failed"]);
  assert.is(texts.get("/log/a"), "");
  const why = "[ERROR] Cannot log by the logger of the config: no disk";
  for (const times of [1, 2]) {
    state.failing = true;
    log.info("two");
    log.info("three");
    assert.equal(said(runtime.stderr.text), Array(times).fill(why), "once");
    state.failing = false;
    log.info("four");
    assert.equal(told.splice(0), ["info four"]);
  }
  assert.equal(said(texts.get("/log/a")), [
    ...["[INFO] two", "[INFO] three", "[INFO] two", "[INFO] three"],
  ]);
  assert.is(state.flushed, 0);
  log.close();
  assert.is(state.flushed, 1);
});

errorLog("a logger that fails at once is told of at once", () => {
  const { logger, state } = ownLogger();
  state.failing = true;
  const { runtime, log } = site({ logger });
  log.info("one");
  assert.is(said(runtime.stderr.text).length, 1);
});

errorLog("configure() takes the log back from a logger", () => {
  const { logger, told, state } = ownLogger();
  const { log, texts } = site({ logger });
  log.configure({ ...SETTINGS, logger });
  assert.equal(told, [], "that is no news");
  log.configure(SETTINGS);
  log.info("one");
  assert.equal(told, ["info From here on the log is corn's own"]);
  assert.is(state.flushed, 2, "of each that is left");
  assert.equal(said(texts.get("/log/a")), ["[INFO] one"]);
});

errorLog("lines of the access log go to standard output", () => {
  const { runtime, log, texts } = site();
  log.access("a\nb\n");
  assert.is(runtime.stdout.text, "a\nb\n");
  runtime.stdout.stuck = true;
  log.access("c\nd\n");
  log.access("e\n");
  runtime.stdout.stuck = false;
  log.access("f\n");
  assert.is(runtime.stdout.text, "a\nb\nf\n");
  assert.equal(said(texts.get("/log/a")), [
    "[ERROR] Cannot write the access log: lines are lost until it goes on",
    "[WARNING] The access log goes on: up to 3 lines are missing",
  ]);
});

errorLog("a logger has the records of the access log", () => {
  const { logger, told } = ownLogger();
  const { runtime, log } = site({ logger });
  const record = '{"method":"GET","target":"/","status":200}\n';
  log.access(record);
  assert.is(runtime.stdout.text, "");
  log.access(`${record}plain\n`);
  assert.is(runtime.stdout.text, "plain\n");
  assert.equal(told, ["info GET / 200", "info GET / 200"]);
});

errorLog("inFile and reopen() tell where the log is", () => {
  const filed = site();
  const plain = site({ errorLogfile: "-", logLevel: "debug" });
  assert.equal([filed.log.inFile, plain.log.inFile], [true, false]);
  assert.equal([filed.log.reopen(), plain.log.reopen()], [
    ...[undefined, undefined],
  ]);
  assert.equal(said(plain.runtime.stderr.text), [
    "[DEBUG] The log is on standard error: nothing to reopen",
  ]);
});

errorLog("the end waits for syslog, for a second", async () => {
  const { runtime, log } = site({ syslog });
  const [outlet] = runtime.outlets as [FakeOutlet];
  outlet.takes = false;
  outlet.events.onOpen();
  log.info("one");
  let over = false;
  void log.flush().then(() => over = true);
  runtime.clock.pass(999);
  await settle();
  assert.not(over);
  runtime.clock.pass(1);
  await settle();
  assert.ok(over);
  log.close();
  await site().log.flush();
});

errorLog("elsewhere() leaves out standard error", async () => {
  const { runtime, log } = site({ errorLogfile: "-", syslog });
  runtime.outlets[0]?.events.onOpen();
  log.elsewhere("it failed");
  await log.flush();
  assert.is(runtime.stderr.text, "");
  assert.match(sent(runtime.outlets[0])?.[0] as string, /^<10>.*it failed$/);
  const other = site();
  other.log.elsewhere("it failed");
  assert.equal(said(other.texts.get("/log/a")), ["[CRITICAL] it failed"]);
});

errorLog.run();

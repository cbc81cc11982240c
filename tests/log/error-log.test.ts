import { suite } from "uvu";
import * as assert from "uvu/assert";
import { LogFileError } from "../../src/errors.ts";
import { openErrorLog } from "../../src/log/error-log.ts";
import { FakeRuntime, systemError } from "../support/fake-runtime.ts";

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
  assert.is(log.inFile, true);
});

errorLog("writes to standard error by -", () => {
  const { runtime, log, opened } = site({ errorLogfile: "-" });
  log.info("one");
  log.reopen();
  assert.equal(said(runtime.stderr.text), ["[INFO] one"]);
  assert.equal(opened, []);
  assert.is(log.inFile, false);
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
  log.reopen();
  log.info("two");
  const [line = "", next] = said(texts.get("/log/a"));
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

errorLog.run();

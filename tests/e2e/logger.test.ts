import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "../support/assert.ts";
import { curl, get } from "../support/client/curl.ts";
import { fixture, promises } from "../support/promise.ts";

const logger = promises("logger");
const app = fixture("app.ts");

interface Entry {
  readonly pid: number;
  readonly level: string | number;
  readonly msg?: string;
  readonly message?: string;
  readonly stack?: string;
  readonly stream?: string;
}

/** What both write, each in its own way: level and message, pid and stack. */
const libraries: readonly {
  readonly name: string;
  readonly levels: readonly [info: unknown, error: unknown];
  read(line: string): Entry;
}[] = [
  { name: "pino", levels: [30, 50], read: (line) => JSON.parse(line) },
  {
    name: "logtape",
    levels: ["INFO", "ERROR"],
    read(line) {
      const { level, message, properties } = JSON.parse(line);
      return { level, message, ...properties };
    },
  },
];
for (const { name, levels, read } of libraries) {
  logger(`${name} takes the log over, in fields`, async (lab) => {
    const path = join(lab.folder, "log");
    lab.forgive(path);
    const server = await lab.start({
      app,
      args: ["-c", fixture(`${name}.config.ts`)],
      env: { TEST_LOG: path },
      logFile: path,
    });
    assert.is(await get(`${server.url}/`), "ok\n");
    assert.is((await curl(`${server.url}/throw`)).status, 500);
    await server.waitForLog(/GET \/throw failed/);
    assert.is((await curl(`${server.url}/wait-until`)).status, 200);
    await server.waitForLog(/waitUntil is over/);
    server.signal("SIGHUP");
    await server.waitForLog(/Reload done/);
    assert.is((await server.stop()).code, 0);
    const entries = readFileSync(path, "utf8").trim().split("\n").map(read);
    const find = (text: string) => {
      const found = entries.find(({ msg, message = msg }) =>
        message?.startsWith(text)
      );
      assert.ok(found, text);
      return found as Entry;
    };
    assert.is(find("corn 0").level, levels[0]);
    assert.is(find("corn 0").pid, server.pid);
    const failed = find("GET /throw failed");
    assert.is(failed.level, levels[1]);
    assert.match(failed.stack ?? "", /Error: thrown by the app/);
    assert.is.not(failed.pid, server.pid, "the worker's");
    assert.is(find("waitUntil is over").stream, "stderr");
    assert.is(entries.at(-1)?.msg ?? entries.at(-1)?.message, "Stopped");
    assert.is(server.errors(), "", "standard error is quiet");
  });
}

logger("a logger takes the access log, as fields", async (lab) => {
  lab.forgive(join(lab.folder, "log"));
  lab.write(
    "corn.config.mjs",
    `import { appendFileSync } from "node:fs";
     const put = (message, fields) =>
       appendFileSync(new URL("log", import.meta.url), JSON.stringify({ message, ...fields }) + "\\n");
     export default {
       accessLogfile: "-",
       logger: { debug: put, info: put, warn: put, error: put },
     };`,
  );
  const server = await lab.start({
    app,
    args: ["-w", "1"],
    cwd: lab.folder,
    logFile: join(lab.folder, "log"),
  });
  assert.is(await get(`${server.url}/echo?a=b`), "");
  const [line] = await server.waitForLog(/.*GET \/echo.*/);
  const { message, method, target, status, ms } = JSON.parse(line);
  assert.is(message, "GET /echo?a=b 200");
  assert.equal([method, target, status], ["GET", "/echo?a=b", 200]);
  assert.type(ms, "number");
  assert.is((await server.stop()).code, 0);
  assert.is(server.output(), "");
});

logger("what a logger does not take stands on standard error", async (lab) => {
  lab.write(
    "corn.config.mjs",
    `const fail = () => { throw new Error("no disk"); };
     export default { logger: { debug: fail, info: fail, warn: fail, error: fail } };`,
  );
  const server = await lab.start({
    app,
    args: ["-w", "1"],
    cwd: lab.folder,
  });
  assert.match(
    server.log(),
    /\[ERROR\] Cannot log by the logger of the config: no disk\n.*\[INFO\] corn/,
  );
});

logger("what is no logger is refused, and what it leaves idle", async (lab) => {
  const good = "debug() {}, info() {}, warn() {}, error() {}";
  const cases = [
    [
      "logger: { info() {} }",
      /Cannot use logger .* from corn.config.mjs: give an object that has debug\(\), warning\(\), error\(\)/,
    ],
    [
      `logger: { ${good} }, logFormat: "json"`,
      /Cannot use logFormat "json" .*: the logger of corn.config.mjs takes the log/,
    ],
    [
      `logger: { ${good} }, errorLogfile: "x.log"`,
      /Cannot use errorLogfile ".*x.log" .*: the logger of/,
    ],
  ] as const;
  for (const [members, message] of cases) {
    lab.write("corn.config.mjs", `export default { ${members} };\n`);
    const command = lab.run({ app, cwd: lab.folder });
    assert.is((await command.ended).code, 1);
    assert.match(command.log(), message);
  }
});

logger.run();

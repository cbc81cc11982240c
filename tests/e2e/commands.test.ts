import { execFile } from "node:child_process";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import * as assert from "../support/assert.ts";
import { assertSchema } from "../support/client/control.ts";
import { get } from "../support/client/curl.ts";
import { order } from "../support/client/order.ts";
import type { Ended } from "../support/client/order.ts";
import { commandFor, runtimeName } from "../support/process/command.ts";
import { type Lab, promises } from "../support/promise.ts";
import { until } from "../support/wait.ts";

const commands = promises("commands");

const GOOD = `export default { fetch: () => new Response("one") };\n`;

/** How code is broken that is deployed, and what the command says of it. */
const BROKEN: Readonly<Record<string, { text: string; said: RegExp }>> = {
  syntax: {
    text: `export default { fetch() { return new Response("x"; } };\n`,
    said: /Cannot load app "app\.mjs"/,
  },
  throws: {
    text:
      `function connect() {\n  throw new Error("no database");\n}\nconnect();\n`,
    said: /no database[^]*connect.*app\.mjs:2/,
  },
  import: { text: `import "./nowhere.mjs";\n${GOOD}`, said: /nowhere\.mjs/ },
  number: { text: `export default 42;\n`, said: /is the number 42/ },
  nothing: { text: `export const other = 1;\n`, said: /exports are "other"/ },
};

/** Runs the command as its users do. */
async function corn(lab: Lab, ...args: string[]): Promise<Ended> {
  const command = lab.run({ args, defaults: false, cwd: lab.folder });
  const { code } = await command.ended;
  return { code, output: command.output(), errors: command.errors() };
}

async function start(lab: Lab) {
  lab.write("app.mjs", GOOD);
  const path = join(lab.folder, "control.sock");
  const server = await lab.start({
    app: "app.mjs",
    cwd: lab.folder,
    args: ["-w", "2", "--control", path, "--pid", join(lab.folder, "pid")],
  });
  await server.waitForLog(/ready[^]*ready/);
  return { server, path };
}

commands(
  "corn reload waits, and exits 1 with the app's own words where the old one serves on",
  async (lab) => {
    const { server, path } = await start(lab);
    const good = await corn(lab, "reload", "-s", path);
    assert.is(good.code, 0, good.errors);
    assert.match(
      good.output,
      /^generation 2: \d of 2 ready in [^\n]*\nReload done in .*: generation 2 serves\n$/,
    );
    for (const [name, { text, said }] of Object.entries(BROKEN)) {
      lab.write("app.mjs", text);
      const broken = await order(["-s", path, "reload"]);
      assert.is(broken.code, 1, name);
      assert.match(broken.errors, /^Reload failed: generation 2 serves on/);
      assert.match(broken.errors, said);
    }
    const json = await order(["reload", "--json", "-s", path]);
    assert.is(json.code, 1);
    const report = JSON.parse(json.output);
    assertSchema("Operation", report);
    assertSchema("Error", report);
    lab.write("corn.config.mjs", "export default { workers: -1 };\n");
    const refused = await order(["reload", "-s", path]);
    assert.is(refused.code, 1);
    assert.match(refused.errors, /^Reload refused, nothing changes: .*workers/);
    assert.is(await get(server.url), "one");
  },
);

commands(
  "with --json each command prints JSON and nothing else",
  async (lab) => {
    const { server, path } = await start(lab);
    const json = async (schema: string, ...args: string[]) => {
      const { code, output, errors } = await order([
        ...args,
        "--json",
        "-s",
        path,
      ]);
      assert.is(code, 0, `${args}: ${errors}`);
      const value = JSON.parse(output);
      assertSchema(schema, value);
      return value;
    };
    await json("Status", "status");
    await json("Worker", "status", "2");
    await json("Config", "config");
    await json("History", "logs", "--level", "warning");
    await json("History", "events");
    await json("Requests", "requests", "--query");
    const unmeasured = await order(["metrics", "--json", "-s", path]);
    assert.is(unmeasured.code, 1);
    assert.is(JSON.parse(unmeasured.output).error.code, "off");
    await json("Operation", "reopen");
    // What goes on for ever ends with its reader.
    const headOf = async (...args: string[]) => {
      const { stdout } = await promisify(execFile)("sh", [
        ...["-c", '"$@" | head -n 1', "sh"],
        ...commandFor(runtimeName, "mod.ts"),
        ...[...args, "-s", path],
      ], { timeout: 60_000 });
      return JSON.parse(stdout);
    };
    assertSchema("Status", await headOf("top", "--json"));
    // Also where nothing more is to be told.
    assert.is((await headOf("logs", "-f", "--json")).event, "log");
    const scaled = await json("Operation", "scale", "+1");
    assert.is(scaled.message, "Pool size is now 3");
    const lines: string[] = [];
    const following = order(
      ["logs", "-f", "--json", "-s", path],
      {},
      (text) => {
        lines.push(...text.trimEnd().split("\n"));
      },
    );
    await until(
      "what was there",
      () => lines.some((line) => line.includes("Listening")),
    );
    await json("Operation", "restart", "1");
    await json("Operation", "drain", "2");
    await json("Operation", "kill", "3");
    await until(
      "lines that came later",
      () => lines.some((line) => line.includes("was killed by SIGKILL")),
    );
    for (const line of lines) {
      const { time, data } = JSON.parse(line);
      assertSchema("Log", { time, ...data });
    }
    const begun = await json("Accepted", "reload", "--no-wait");
    assert.match(begun.operation, /^reload-/);
    await json("Operation", "stop", "--quick");
    assert.is((await server.ended).code, 0);
    assert.is((await following).code, 0, "its end is the end of the log");
  },
);

commands(
  "commands are for one that runs, and are told from apps",
  async (lab) => {
    const { server, path } = await start(lab);
    const ends = async (code: number, pattern: RegExp, ...args: string[]) => {
      const ended = await order(args);
      assert.is(ended.code, code, `${args}: ${ended.errors}`);
      assert.match(`${ended.output}${ended.errors}`, pattern);
    };
    const text = lab.write("text", "x");
    const pid = join(lab.folder, "pid");
    await ends(0, /WORKER +PID[^]*\n1 [^]*\n2 /, "status", "-s", path);
    await ends(1, /There is no worker 7/, "status", "7", "-s", path);
    await ends(1, /There is no worker 7/, "kill", "7", "-s", path);
    await ends(2, /it is corn scale N\|\+N/, "scale", "-s", path);
    await ends(2, /no such flag of a command/, "status", "--workers");
    await ends(2, /it is for logs, events/, "status", "-f");
    await ends(3, /No corn answers/, "status", "-s", `${path}.none`);
    await ends(3, /There is no process/, "status", "--pid", "4194305");
    await ends(3, /There is no pid file/, "status", "-p", `${path}.none`);
    await ends(1, /it holds no process id/, "status", "-p", text);
    // Its socket has a path of its own.
    await ends(0, /2 of 2 ready/, "status", "-p", pid);
    lab.write(
      "app.mjs",
      "await new Promise((end) => setTimeout(end, 9000));\n",
    );
    await ends(
      5,
      /is not done in time; it goes on/,
      ...["reload", "--timeout", "0.2", "-s", path],
    );
    // A word is a command, a path is an app.
    const [command, misspelt] = await Promise.all([
      corn(lab, "reload", "app.mjs"),
      corn(lab, "relaod"),
    ]);
    assert.is(command.code, 2);
    assert.match(command.errors, /an app called so is \.\/reload/);
    assert.is(misspelt.code, 4);
    assert.match(misspelt.errors, /did you mean the command corn reload\?/);
    lab.write("reload", GOOD);
    symlinkSync("reload", join(lab.folder, "reload.mjs"));
    lab.forgive(join(lab.folder, "reload.mjs"));
    const app = await lab.start({
      app: "./reload.mjs",
      cwd: lab.folder,
      args: ["-w", "1", "--no-control"],
    });
    assert.is(await get(app.url), "one");
    await ends(0, /^Stopped\n$/, "stop", "--quick", "-s", path);
    assert.is((await server.ended).code, 0);
  },
);

commands(
  "corn ls shows all of a user, and removes what a killed one left",
  async (lab) => {
    lab.write("app.mjs", GOOD);
    const env = { XDG_RUNTIME_DIR: lab.folder };
    const options = {
      app: "app.mjs",
      cwd: lab.folder,
      args: ["-w", "1"],
      env: { ...env, RUNTIME_DIRECTORY: undefined },
    };
    const path = join(lab.folder, "elsewhere.sock");
    const [one, other] = await Promise.all([
      lab.start(options),
      lab.start({ ...options, args: [...options.args, "--control", path] }),
    ]);
    const several = await order(["status"], env);
    assert.is(several.code, 4);
    for (const { pid } of [one, other]) {
      assert.match(several.errors, new RegExp(`--pid: .*\\b${pid}\\b`));
    }
    const chosen = await order(
      ["status", "--pid", String(other.pid), "--json"],
      env,
    );
    assert.is(JSON.parse(chosen.output).pid, other.pid);
    // Without its folder in the environment, as another shell has it.
    const elsewhere = await order(["status", "--pid", String(one.pid)]);
    assert.is(elsewhere.code, 0, elsewhere.errors);
    other.signal("SIGKILL");
    await other.ended;
    lab.forgive(path);
    const list = await order(["ls", "--json"], env);
    const found: { status: { pid: number } }[] = JSON.parse(list.output);
    // Others of this user may be of another version.
    assertSchema("List", found.filter(({ status }) => status.pid === one.pid));
    const pids = found.map(({ status }) => status.pid);
    assert.ok(pids.includes(one.pid));
    assert.not(pids.includes(other.pid));
    // The audit of the folder finds what is left of it.
  },
);

commands.run();

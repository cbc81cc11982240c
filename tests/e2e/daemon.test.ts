import { existsSync, readFileSync, readlinkSync } from "node:fs";
import { join, relative } from "node:path";
import process from "node:process";
import * as assert from "../support/assert.ts";
import { root } from "../../scripts/tools.ts";
import { get } from "../support/client/curl.ts";
import { freePort, takePort } from "../support/machine/ports.ts";
import { alive, childrenOf, commandOf } from "../support/machine/proc.ts";
import { fixture, promises } from "../support/promise.ts";
import type { Lab } from "../support/promise.ts";
import type { ServerOptions } from "../support/process/server.ts";
import { until, within } from "../support/wait.ts";

const daemon = promises("--daemon");
const app = fixture("app.ts");

/** Each test starts several processes one after the other. */
const SLOW = { deadlineMs: 90_000 };

/** What a command that goes to the background left. */
interface Left {
  readonly code: number | null;
  /** What it printed, on both streams. */
  readonly printed: string;
  /** What is in the log file. */
  log(): string;
  readonly logFile: string;
}

async function go(lab: Lab, options: ServerOptions): Promise<Left> {
  const logFile = join(lab.folder, "corn.log");
  lab.forgive(logFile);
  const command = lab.run({
    ...options,
    args: ["-D", "--error-logfile", logFile, ...options.args ?? []],
  });
  const { code } = await within("the end", command.ended);
  return {
    code,
    printed: command.errors() + command.output(),
    logFile,
    log: () => existsSync(logFile) ? readFileSync(logFile, "utf8") : "",
  };
}

/** Fields of /proc/PID/stat behind the name: state, parent, group, session, terminal. */
function statOf(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

async function gone(pid: number): Promise<void> {
  await until(`the end of ${pid}`, () => !alive(pid));
}

daemon(
  "returns when the pool is ready, and serves on in a session of its own",
  async (lab) => {
    const pidFile = join(lab.folder, "corn.pid");
    const left = await go(lab, {
      app,
      args: ["-w", "2", "-b", "127.0.0.1:0", "-p", pidFile],
    });
    assert.is(left.code, 0, left.printed);
    const pid = Number(readFileSync(pidFile, "utf8"));
    assert.match(left.printed, `pid ${pid}`);
    assert.is(left.log().match(/Worker \d .* ready in/g)?.length, 2);
    const [, , group, session, terminal] = statOf(pid);
    assert.equal([group, session, terminal], [String(pid), String(pid), "0"]);
    assert.is(readlinkSync(`/proc/${pid}/fd/0`), "/dev/null");
    for (const stream of [1, 2]) {
      assert.is(readlinkSync(`/proc/${pid}/fd/${stream}`), left.logFile);
    }
    const [, url = ""] = /Listening at (http:\S+)/.exec(left.log()) ?? [];
    assert.is(await get(url), "ok\n");
    process.kill(pid, "SIGHUP");
    await until("the reload", () => /Reload done/.test(left.log()));
    assert.is(await get(url), "ok\n");
    process.kill(pid, "SIGTERM");
    await gone(pid);
    assert.match(left.log(), /Stopped\n$/);
  },
);

daemon("an upgrade starts an arbiter that stays where it is", async (lab) => {
  const pidFile = join(lab.folder, "corn.pid");
  const left = await go(lab, {
    app,
    args: ["-w", "1", "-b", "127.0.0.1:0", "-p", pidFile],
  });
  const pid = Number(readFileSync(pidFile, "utf8"));
  process.kill(pid, "SIGUSR2");
  await until(
    "the upgrade",
    () => /Upgrade: .* is ready/.test(left.log()),
  );
  const successor = Number(readFileSync(`${pidFile}.2`, "utf8"));
  process.kill(pid, "SIGTERM");
  await gone(pid);
  await until("the promotion", () => /Promoted/.test(left.log()));
  const [, url = ""] = /Listening at (http:\S+)/.exec(left.log()) ?? [];
  assert.is(await get(url), "ok\n");
  process.kill(successor, "SIGTERM");
  await gone(successor);
});

daemon("a start that fails says why and ends with its code", async (lab) => {
  const broken = lab.write(
    "broken.ts",
    'throw new Error("the database is away");\n',
  );
  const left = await go(lab, { app: broken, args: ["-w", "2"] });
  assert.is(left.code, 4, left.printed);
  assert.match(left.printed, /the database is away/);
  assert.match(
    left.printed,
    `corn: Cannot start in the background: exit code 4, the log is ${left.logFile}`,
  );

  const port = await takePort();
  try {
    const { code, printed } = await go(lab, {
      app,
      args: ["-b", `127.0.0.1:${port.port}`],
    });
    assert.is(code, 1);
    assert.is(printed.match(/Cannot bind/g)?.length, 1, printed);
    // What the log had before is not told again.
    assert.not.match(printed, /database/);
  } finally {
    await port.close();
  }
});

/** A command that waits for an app that loads for long, and the arbiter that it started. */
async function startSlowly(lab: Lab) {
  const slow = lab.write(
    "slow.ts",
    "await new Promise((resolve) => setTimeout(resolve, 60_000));\n",
  );
  const logFile = join(lab.folder, "corn.log");
  lab.forgive(logFile);
  const command = lab.run({
    app: slow,
    args: ["-w", "1", "-D", "--error-logfile", logFile],
  });
  const log = () => existsSync(logFile) ? readFileSync(logFile, "utf8") : "";
  await until("the start", () => / starts 1 worker /.test(log()), 20_000);
  const [arbiter = 0] = childrenOf(command.pid);
  return { command, arbiter };
}

daemon("TERM to the command that waits ends what it started", async (lab) => {
  const { command, arbiter } = await startSlowly(lab);
  assert.match(commandOf(arbiter), "slow.ts");
  command.signal("SIGTERM");
  const { code } = await within("the end", command.ended);
  assert.is(code, 1);
  await gone(arbiter);
}, SLOW);

daemon("who dies waiting leaves nothing half started", async (lab) => {
  const { command, arbiter } = await startSlowly(lab);
  command.signal("SIGKILL");
  await gone(arbiter);
}, SLOW);

daemon("logs to syslog alone where the settings say so", async (lab) => {
  const pidFile = join(lab.folder, "corn.pid");
  const args = ["-D", "-w", "1", "-p", pidFile, "--log-syslog"].concat(
    ["--log-syslog-to", `udp://127.0.0.1:${await freePort()}`],
  );
  const command = lab.run({ app, args });
  const { code } = await within("the end", command.ended);
  assert.is(code, 0, command.errors());
  assert.match(command.output(), /its log is in syslog/);
  const pid = Number(readFileSync(pidFile, "utf8"));
  for (const stream of [0, 1, 2]) {
    assert.is(readlinkSync(`/proc/${pid}/fd/${stream}`), "/dev/null");
  }
  process.kill(pid, "SIGTERM");
  await gone(pid);
}, SLOW);

daemon("is refused where it makes no sense", async (lab) => {
  const cases: [ServerOptions, RegExp][] = [
    [
      { args: ["-D"] },
      /^corn: Cannot use daemon true from -D: .*--error-logfile/,
    ],
    [
      {
        args: ["-D", "--error-logfile", "a.log"],
        env: { NOTIFY_SOCKET: "/x" },
      },
      /^corn: Cannot use daemon true from -D: a service manager/,
    ],
  ];
  for (const [options, pattern] of cases) {
    const command = lab.run({ app, cwd: lab.folder, ...options });
    const { code } = await within("the end", command.ended);
    assert.is(code, 1, command.log());
    assert.match(command.log(), pattern);
  }
  const program = lab.write(
    "program.ts",
    `import { serve } from ${
      JSON.stringify(new URL("../../mod.ts", import.meta.url).href)
    };
await serve({ app: ${
      JSON.stringify(app)
    }, daemon: true, errorLogfile: "a.log" })
  .catch((error) => console.log(error.message));
`,
  );
  lab.forgive(join(lab.folder, "a.log"));
  const command = lab.run({ script: relative(root, program), cwd: lab.folder });
  await within("the end", command.ended);
  assert.match(command.output(), /^Cannot use daemon true from serve\(\): /);
}, SLOW);

daemon.run();

import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import * as assert from "../support/assert.ts";
import { root } from "../../scripts/tools.ts";
import { runtimeName } from "../support/process/command.ts";
import { takePort } from "../support/machine/ports.ts";
import { fixture, promises } from "../support/promise.ts";
import type { Lab } from "../support/promise.ts";
import type { ServerOptions } from "../support/process/server.ts";
import { within } from "../support/wait.ts";

const command = promises("command");
const app = fixture("app.ts");

/** What a command that ends by itself gave. */
interface Result {
  readonly code: number | null;
  readonly log: string;
  readonly output: string;
}

async function end(lab: Lab, options: ServerOptions): Promise<Result> {
  const one = lab.run({ ...options, defaults: options.defaults ?? false });
  const { code } = await within("the end of the command", one.ended);
  return { code, log: one.log(), output: one.output() };
}

command("what a full disk does not take is no success", async (lab) => {
  const wrapper = ["sh", "-c", 'exec "$@" > /dev/full', "sh"];
  const all = await Promise.all(
    [["--version"], ["--print-config"], ["make", "nginx"]].map((args) =>
      end(lab, { app, args, wrapper })
    ),
  );
  for (const { code, log } of all) {
    assert.equal([code, log], [
      1,
      "corn: Cannot write to standard output: not all of the answer is there, its disk may be full\n",
    ]);
  }
});

command(
  "--help, --version and --print-config print and exit 0",
  async (lab) => {
    const [help, word, version, config] = await Promise.all([
      end(lab, { args: ["--help"] }),
      end(lab, { args: ["help"] }),
      end(lab, { args: ["-v"] }),
      end(lab, { app, args: ["--print-config", "-w", "3"] }),
    ]);
    assert.is(help.code, 0);
    assert.match(help.output, /^corn \d[^]*Usage: corn[^]*--workers COUNT/);
    assert.equal([word.code, word.output], [0, help.output]);
    assert.equal([version.code, version.log], [0, ""]);
    assert.match(version.output, /^corn \d+\.\d+\.\d+\S*\n$/);
    assert.is(config.code, 0);
    assert.match(config.output, /workers.*3.*--workers|workers.*3.*-w/);
  },
);

command("--check-config says whether config and app are fine", async (lab) => {
  const broken = lab.write("broken.ts", "export default 42;\n");
  const [good, bad, missing] = await Promise.all([
    end(lab, { app, args: ["--check-config"] }),
    end(lab, { app: broken, args: ["--check-config"] }),
    end(lab, { app: "missing.ts", args: ["--check-config"] }),
  ]);
  assert.equal(good, {
    code: 0,
    log: "corn: config and app are fine\n",
    output: "",
  });
  assert.is(bad.code, 4);
  assert.match(bad.log, /^corn: Cannot use .*broken\.ts/);
  assert.is(missing.code, 4);
});

command(
  "--check-config finds what a start would refuse, and leaves nothing",
  async (lab) => {
    const listener = lab.write(
      "listener.ts",
      "export default (req, res) => res.end();\n",
    );
    const good = lab.write("good.ts", "export default () => new Response();\n");
    const none = join(lab.folder, "none");
    const bind = ["-b", "127.0.0.1:0"];
    const cases: [readonly string[], number, readonly RegExp[]][] = [
      [
        [
          ...["-D", "-p", `${none}/a`, "--access-logfile", `${none}/a`],
          ...["-b", `unix:${none}/a`, "-b", `unix:${good}`],
          ...["-b", "192.0.2.1:0", good],
        ],
        1,
        [
          /^corn: .*daemon true from -D: .*--error-logfile/,
          /^corn: .*pid file .* folder does not/,
          /^corn: Cannot open log file /,
          /^corn: Cannot bind .* does not exist/,
          /^corn: Cannot bind .* no socket stands/,
          /^corn: Cannot bind .* no such address/,
        ],
      ],
      [["-p", lab.folder, "--log-file", `${none}/a`, ...bind, good], 1, [
        /^corn: Cannot open log file /,
        /^corn: .*pid file .*: it is a folder/,
      ]],
      [["-b", "192.0.2.1:0", good], 1, [/^corn: .*no such address/]],
      [["--upgrade-command", "'x", ...bind, good], 1, [/quote has no end/]],
      [["--http", "wire", ...bind, listener], 4, [/is a Node listener/]],
      [
        ["-D", "-p", `${none}/a`, ...bind, join(lab.folder, "missing.ts")],
        1,
        [/daemon/, /pid file/, /no such file/],
      ],
    ];
    const results = await Promise.all(
      cases.map(([args]) => end(lab, { args: [...args, "--check-config"] })),
    );
    results.forEach(({ code, log }, index) => {
      const [args, wanted, patterns] = cases[index]!;
      assert.is(code, wanted, `exit code of ${args.join(" ")}\n${log}`);
      const lines = log.trimEnd().split("\n");
      assert.is(lines.length, patterns.length, log);
      patterns.forEach((one, at) => assert.match(lines[at] ?? "", one));
    });
    // The audit finds what is left of these.
    const { code, log } = await end(lab, {
      args: [
        ...["--check-config", "-p", join(lab.folder, "a.pid")],
        ...["--log-file", join(lab.folder, "a.log")],
        ...["--access-logfile", join(lab.folder, "b.log")],
        ...["-b", `unix:${join(lab.folder, "a.sock")}`, ...bind, good],
      ],
    });
    assert.is(code, 0, log);
  },
);

command("--check-config passes beside a corn that serves", async (lab) => {
  const pid = join(lab.folder, "a.pid");
  const name = `unix:${join(lab.folder, "a.sock")}`;
  const server = await lab.start({
    app,
    args: ["-w", "1", "-p", pid, "-b", "127.0.0.1:0", "-b", name],
    addresses: 2,
  });
  const { code, log } = await end(lab, {
    app,
    args: ["--check-config", "-p", pid, "-b", `127.0.0.1:${server.port}`]
      .concat(
        ["-b", name],
      ),
  });
  assert.is(code, 0, log);
  assert.is(readFileSync(pid, "utf8"), `${server.pid}\n`);
  assert.ok((await fetch(server.url)).ok);
  await server.stop();
});

command("--check-config says what of Gunicorn's is not read", async (lab) => {
  lab.write("gunicorn.conf.py", "workers = 4\n");
  const args = ["--chdir", lab.folder, app];
  const env = { GUNICORN_CMD_ARGS: "-w 4" };
  const [checked, shown] = await Promise.all([
    end(lab, { args: ["--check-config", ...args], env }),
    end(lab, { args: ["--print-config", ...args], env }),
  ]);
  const unread =
    /^corn: GUNICORN_CMD_ARGS .* corn reads CORN_CMD_ARGS\ncorn: gunicorn\.conf\.py ignored/;
  assert.match(checked.log, unread);
  assert.match(checked.log, /\ncorn: config and app are fine\n$/);
  assert.match(shown.log, unread);
  assert.is(checked.code, 0);
  assert.not.match(shown.output, "GUNICORN");
});

command("--check-config asks the runtime of the workers", async (lab) => {
  const app = lab.write(
    "where.ts",
    `const where = globalThis.Bun ? "bun" : globalThis.Deno ? "deno" : "node";
if (process.env.TEST_WHERE !== where) throw new Error(\`this is \${where}\`);
export default () => new Response("");
`,
  );
  const env = {
    PATH: `${join(root, "node_modules", ".bin")}:${process.env.PATH}`,
  };
  const checked = (runtime: string, where: string) =>
    end(lab, {
      app,
      args: [
        ...["--check-config", "--runtime", runtime],
        ...["-e", `TEST_WHERE=${where}`],
      ],
      env,
    });
  for (const runtime of ["node", "bun", "deno"] as const) {
    const { code, log } = await checked(runtime, runtime);
    assert.is(code, 0, log);
  }
  const other = runtimeName === "bun" ? "node" : "bun";
  const { code, log } = await checked(other, "else");
  assert.is(code, 4);
  assert.match(log, `this is ${other}`);
});

// What else is refused so, and in what words, tests/cli/main.test.ts has.
command("a wrong command line gets one line and an exit code", async (lab) => {
  const cases: [readonly string[], number, RegExp][] = [
    [["--wrokers", "2", app], 2, /^corn: .*"--wrokers".*--workers/],
    [["-c", "port.json", app], 1, /^corn: .*"port" .*bind: ":3000"/],
    [["-c", "old.json", app], 1, /^corn: .*"worker_class" .* is workerClass/],
    [["-D", app], 1, /^corn: Cannot use daemon .* from -D: .*--error-logfile/],
    [["missing.ts"], 4, /^corn: Cannot load app "missing\.ts": no such file/],
    [[app.slice(0, -3)], 4, /did you mean .*app\.ts\?/],
  ];
  lab.write("port.json", '{"port":3000}');
  lab.write("old.json", '{"worker_class":"sync"}');
  const results = await Promise.all(
    cases.map(([args]) => end(lab, { args, cwd: lab.folder })),
  );
  results.forEach(({ code, log }, index) => {
    const [args, wanted, pattern] = cases[index]!;
    const name = args.join(" ");
    assert.is(code, wanted, `exit code of ${name}\n${log}`);
    assert.match(log, pattern);
    assert.is(log.trimEnd().split("\n").length, 1, `one line for ${name}`);
  });
});

command("all that is refused is told at once", async (lab) => {
  const { code, log } = await end(lab, {
    args: ["--worker-tmp-dir", "x", "-k", "gevent", "-w", "0", app],
    env: { CORN_CMD_ARGS: "--spew" },
  });
  assert.is(code, 2, log);
  assert.match(
    log,
    /^corn: .*worker_tmp_dir.*\ncorn: .*workers 0.*\ncorn: .*workerClass "gevent".*\ncorn: .*spew.*\n$/,
  );
  const { code: other, log: values } = await end(lab, {
    args: ["-w", "0", "--backlog", "0", app],
  });
  assert.is(other, 1, values);
  assert.match(values, /^corn: .*backlog 0.*\ncorn: .*workers 0.*\n$/);
});

command("no variable makes the command a worker", async (lab) => {
  const typo = await end(lab, { args: [app], env: { CORN_WORKER: "2" } });
  assert.is(typo.code, 1, typo.log);
  assert.match(typo.log, /^corn: .*CORN_WORKER .*did you mean CORN_WORKERS\?/);
  const { code, log } = await end(lab, {
    args: [app],
    env: { CORN_INTERNAL_WORKER: "1" },
  });
  assert.is(code, 1, log);
  assert.match(log, /^corn: .*CORN_INTERNAL_WORKER .*no such setting/);
});

command("a worker's entry started by hand says what to do", async (lab) => {
  const { code, log } = await end(lab, { script: "worker.ts" });
  assert.is(code, 3, log);
  assert.match(
    log,
    /^Cannot run as a worker: .*; start corn by its command\n$/,
  );
});

command("an address in use is refused, its holder named", async (lab) => {
  const [one, group] = [await takePort(), await takePort({ group: true })];
  try {
    for (const { port } of [one, group]) {
      const { code, log } = await end(lab, {
        app,
        args: ["-b", `127.0.0.1:${port}`, "-w", "2"],
      });
      assert.is(code, 1, log);
      assert.match(log, `Cannot bind "127.0.0.1:${port}": address in use by `);
      assert.match(log, `(pid ${process.pid})`);
    }
  } finally {
    await one.close();
    await group.close();
  }
});

command("a limit of open files that is too low is refused", async (lab) => {
  const { code, log } = await end(lab, {
    app,
    args: ["-b", "127.0.0.1:0", "-w", "8"],
    wrapper: ["sh", "-c", 'ulimit -n 60; exec "$@"', "sh"],
  });
  assert.is(code, 1, log);
  assert.match(
    log,
    /Cannot run 8 workers with 60 open files: .* raise the limit/,
  );
});

command(
  "a privileged port is refused to a user without the right",
  async (lab) => {
    const first = Number(
      readFileSync("/proc/sys/net/ipv4/ip_unprivileged_port_start", "utf8"),
    );
    const wrapper = [
      "setpriv",
      "--reuid=65534",
      "--regid=65534",
      "--clear-groups",
    ];
    const env = {
      HOME: "/nonexistent",
      DENO_DIR: "/nonexistent",
      TMPDIR: "/tmp",
    };
    const probe = await end(lab, { args: ["--version"], wrapper, env });
    if (first <= 80 || probe.code !== 0) {
      return lab.skip(
        first <= 80
          ? `port 80 is open to all (ip_unprivileged_port_start is ${first})`
          : `${runtimeName} cannot be started as another user from here`,
      );
    }
    const { code, log } = await end(lab, {
      app,
      args: ["-b", "127.0.0.1:80", "-w", "1"],
      wrapper,
      env,
    });
    assert.is(code, 1, log);
    assert.match(log, 'Cannot bind "127.0.0.1:80": permission denied');
    assert.match(log, "ports below 1024 need root");
  },
);

command.run();

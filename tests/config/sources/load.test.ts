import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { parseArguments, parseCommandArgs } from "../../../src/cli/args.ts";
import { defineConfig } from "../../../src/config/sources/define.ts";
import { ConfigError } from "../../../src/base/errors.ts";
import { failure, layer, load, loadFile, machine } from "../support.ts";

const loading = suite("load");

loading("loadConfig() takes the last of repeated lists together", async () => {
  const flags = parseArguments([
    "-b",
    "a:1",
    "-b",
    "b:2,c:3",
    "-e",
    "A=1,2",
    "-e",
    "B=3",
  ]);
  const { settings } = await load({ flags });
  assert.is(settings.bind.length, 3);
  assert.equal(settings.env, { A: "1,2", B: "3" });
});

loading(
  "loadConfig() puts a better source in place of a list, not beside it",
  async () => {
    const { settings } = await loadFile({
      bind: ["a:1", "b:2"],
      env: { A: "1" },
    }, {
      flags: parseArguments(["-b", "c:3", "-e", "B=2"]),
    });
    assert.equal(settings.bind, [{ kind: "tcp", host: "c", port: 3 }]);
    assert.equal(settings.env, { B: "2" });
  },
);

loading("loadConfig() reads PORT below the config file", async () => {
  const env = { PORT: "3000" };
  const alone = await load({ env });
  assert.equal(alone.settings.bind, [{
    kind: "tcp",
    host: "0.0.0.0",
    port: 3000,
  }]);
  assert.is(alone.origins.bind, "PORT");
  const beside = await loadFile({ bind: "a:1" }, { env: { PORT: "bad" } });
  assert.is(beside.origins.bind, "corn.config.ts");
  assert.match(
    (await failure(load({ env: { PORT: "bad" } }))).message,
    /Cannot use bind "0\.0\.0\.0:bad" from PORT: port "bad"/,
  );
});

loading("loadConfig() reads WEB_CONCURRENCY below CORN_WORKERS", async () => {
  const one = await load({ env: { WEB_CONCURRENCY: "3" } });
  assert.is(one.settings.workers, 3);
  assert.is(one.origins.workers, "WEB_CONCURRENCY");
  const two = await load({ env: { WEB_CONCURRENCY: "3", CORN_WORKERS: "4" } });
  assert.is(two.settings.workers, 4);
});

loading("loadConfig() counts an empty variable as unset", async () => {
  const env = {
    CORN_WORKERS: "",
    WEB_CONCURRENCY: "",
    PORT: "",
    CORN_APP: "",
    CORN_TYPO: "",
  };
  const config = await load({ env });
  assert.is(config.settings.workers, "auto");
  assert.is(config.origins.bind, "default");
  assert.is(config.app, undefined);
});

loading("loadConfig() names CORN_CMD_ARGS as the origin", async () => {
  const commandArgs = parseCommandArgs("--workers 3 app.ts");
  const config = await load({ commandArgs });
  assert.is(config.settings.workers, 3);
  assert.is(config.origins.workers, "CORN_CMD_ARGS");
  assert.is(config.app?.path, "app.ts");
});

loading(
  "loadConfig() refuses a bad value that a better source hides",
  async () => {
    const error = await failure(
      loadFile({ workers: 0 }, { flags: parseArguments(["-w", "2"]) }),
    );
    assert.instance(error, ConfigError);
    assert.is(
      error.message,
      'Cannot use workers 0 from corn.config.ts: give a number of at least 1 or "auto", or a range such as "2..8"',
    );
  },
);

loading(
  "loadConfig() takes the app from the first source that names one",
  async () => {
    const app = async (
      line: string[],
      env: Record<string, string>,
      file?: string,
    ) =>
      (await loadFile({ app: file }, {
        flags: parseArguments(line),
        env,
        options: { app: "program.ts" },
      })).app?.text;
    const env = { CORN_APP: "variable.ts" };
    assert.is(await app(["line.ts"], env, "file.ts"), "line.ts");
    assert.is(await app([], env, "file.ts"), "variable.ts");
    assert.is(await app([], {}, "file.ts"), "file.ts");
    assert.is(await app([], {}), "program.ts");
  },
);

loading(
  "loadConfig() ranks serve() with flags, above the environment",
  async () => {
    const config = await load({
      options: { workers: 2 },
      env: { CORN_WORKERS: "3" },
    });
    assert.is(config.settings.workers, 2);
    assert.is(config.origins.workers, "serve()");
  },
);

loading("loadConfig() refuses an unknown option of serve()", async () => {
  const options = { wrokers: 2 } as object;
  assert.is(
    (await failure(load({ options }))).message,
    'Cannot use "wrokers" from serve(): no such setting, did you mean workers?',
  );
});

loading("loadConfig() changes folder before it looks for files", async () => {
  const reader = machine({
    "/srv/sub/corn.config.js": { default: { pid: "a.pid" } },
  });
  const config = await load({ ...reader, env: { CORN_CHDIR: "sub" } });
  assert.is(config.file, "/srv/sub/corn.config.js");
  assert.is(config.settings.chdir, "/srv/sub");
  assert.is(config.settings.pid, "/srv/sub/a.pid");
  assert.equal(reader.imported, ["file:///srv/sub/corn.config.js"]);
  const named = await load({
    ...reader,
    flags: parseArguments(["--chdir=sub", "-c", "corn.config.js"]),
  });
  assert.is(named.file, "/srv/sub/corn.config.js");
});

loading(
  "loadConfig() takes the folder of a config file for what comes after it",
  async () => {
    const config = await load(machine({
      "/srv/corn.config.ts": { default: { chdir: "sub", pid: "a.pid" } },
      "/srv/sub/x": "",
    }));
    assert.is(config.settings.pid, "/srv/sub/a.pid");
  },
);

loading("loadConfig() refuses a folder that is none", async () => {
  const flags = layer("chdir", "nope", "--chdir");
  assert.is(
    (await failure(load({ flags }))).message,
    'Cannot use chdir "nope" from --chdir: no such folder',
  );
});

loading("loadConfig() refuses a hard limit below the soft one", async () => {
  const limits = (soft: string, hard: string) =>
    load({
      flags: parseArguments([
        ...["--max-worker-memory", soft, "--max-worker-memory-hard", hard],
      ]),
    });
  assert.is(
    (await failure(limits("200m", "100m"))).message,
    "Cannot use maxWorkerMemoryHard 100m from --max-worker-memory-hard: it is below maxWorkerMemory 200m",
  );
  for (const [soft, hard] of [["200m", "200m"], ["0", "1m"], ["1m", "0"]]) {
    await limits(soft as string, hard as string);
  }
});
for (
  const [args, message] of [
    [
      ["--queues", "4", "--no-reuse-port"],
      'Cannot use queues "4" from --queues: reusePort is off by --no-reuse-port, which leaves one',
    ],
    [
      ["--queues", "1", "--reuse-port"],
      'Cannot use queues "1" from --queues: reusePort from --reuse-port asks for several',
    ],
  ] as const
) {
  loading(`loadConfig() refuses ${args.join(" ")}`, async () => {
    const flags = parseArguments([...args]);
    assert.is((await failure(load({ flags }))).message, message);
  });
}

for (
  const [args, message] of [
    [
      ["--inspect=9230", "--inspect-brk=9231"],
      'Cannot use inspectBrk "127.0.0.1:9231" from --inspect-brk: inspect is given by --inspect too, leave one out',
    ],
    [
      ["--upgrade-command", "corn 'app.ts"],
      'Cannot use upgradeCommand "corn \'app.ts" from --upgrade-command: a quote has no end',
    ],
    [
      ["--upgrade-command", "  "],
      'Cannot use upgradeCommand "  " from --upgrade-command: give a command',
    ],
  ] as const
) {
  loading(`loadConfig() refuses ${args.join(" ")}`, async () => {
    const flags = parseArguments([...args]);
    assert.is((await failure(load({ flags }))).message, message);
  });
}

loading("loadConfig() takes a command of one word", async () => {
  const flags = parseArguments(["--upgrade-command", "./start"]);
  assert.is((await load({ flags })).settings.upgradeCommand, "./start");
});

loading(
  "loadConfig() refuses a file for a log that a logger takes",
  async () => {
    const logger = { debug() {}, info() {}, warn() {}, error() {} };
    await loadFile({ logger });
    const message = (await failure(loadFile({ logger, logFormat: "json" })))
      .message;
    assert.is(
      message,
      'Cannot use logFormat "json" from corn.config.ts: the logger of corn.config.ts takes the log',
    );
  },
);

for (
  const args of [
    ["--queues", "4", "--reuse-port"],
    ["--queues", "1", "--no-reuse-port"],
    ["--queues", "auto", "--no-reuse-port"],
    ["--queues", "2"],
  ]
) {
  loading(`loadConfig() takes ${args.join(" ")}`, async () => {
    const { settings } = await load({ flags: parseArguments(args) });
    assert.is(String(settings.queues), args[1]);
  });
}

loading("loadConfig() refuses an address that is given twice", async () => {
  const flags = parseArguments(["-b", "a:1", "-b", "tcp://A:1"]);
  assert.is(
    (await failure(load({ flags }))).message,
    'Cannot use bind "A:1" from -b: it is given twice',
  );
});

loading("defineConfig() returns what it is given", async () => {
  const config = defineConfig({
    workers: 2,
    timeout: "1m",
    bind: ["a:1"],
    logLevel: "debug",
  });
  assert.is((await loadFile(config)).settings.timeout, 60);
  // @ts-expect-error: not one of the choices
  defineConfig({ logLevel: "loud" });
  // @ts-expect-error: no such setting
  defineConfig({ wrokers: 2 });
  // @ts-expect-error: a flag only
  defineConfig({ printConfig: true });
});

loading(
  "a unix socket has its folder's path where that is not too long",
  async () => {
    const pathIn = async (folder: string) => {
      const { settings: { bind } } = await load({
        ...machine({ [`${folder}/app.ts`]: "" }),
        cwd: folder,
        flags: parseArguments(["-b", "unix:app.sock"]),
      });
      return (bind[0] as { path: string }).path;
    };
    const folder = `/${"a".repeat(97)}`;
    assert.is(await pathIn(folder), `${folder}/app.sock`);
    assert.is(await pathIn(`${folder}a`), "app.sock");
  },
);

loading.run();

import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import {
  findDenoConfig,
  findWorkerRuntime,
  portOf,
  workerCommand,
  workerEnvironment,
} from "../../../src/arbiter/command/command.ts";
import type { DenoConfig } from "../../../src/arbiter/command/command.ts";
import { BootError } from "../../../src/base/errors.ts";
import type { RuntimeName } from "../../../src/runtime/runtime.ts";
import { FakeFiles } from "../../support/fake/runtime.ts";

const command = suite("command");

function argsOf(
  runtime: RuntimeName,
  { worker = "file:///srv/my%20corn/worker.ts", denoConfig, workerArgs = [] }: {
    worker?: string;
    denoConfig?: DenoConfig;
    workerArgs?: readonly string[];
  } = {},
): readonly string[] {
  const executable = `/bin/${runtime}`;
  const made = workerCommand({
    runtime,
    executable,
    worker,
    denoConfig,
    workerArgs,
  });
  assert.is(made.executable, executable);
  return made.args;
}

command("workerCommand() starts a file by its path on Node", () => {
  assert.equal(argsOf("node"), [
    "--disable-warning=ExperimentalWarning",
    "/srv/my corn/worker.ts",
  ]);
});

command("workerCommand() starts a file by its path on Bun", () => {
  assert.equal(argsOf("bun"), ["/srv/my corn/worker.ts"]);
});

command("workerCommand() permits all and asks for reusePort on Deno", () => {
  assert.equal(argsOf("deno"), [
    "run",
    "-A",
    "--unstable-net",
    "/srv/my corn/worker.ts",
  ]);
});

command("workerCommand() gives Deno the app's own config", () => {
  assert.equal(
    argsOf("deno", { denoConfig: { kind: "deno", path: "/app/deno.json" } }),
    [
      "run",
      "-A",
      "--unstable-net",
      "--config",
      "/app/deno.json",
      "/srv/my corn/worker.ts",
    ],
  );
});

for (const runtime of ["node", "bun", "deno"] as const) {
  command(
    `workerCommand() puts workerArgs before the program on ${runtime}`,
    () => {
      const [own, given] = [
        argsOf(runtime),
        argsOf(runtime, { workerArgs: ["--a", "b c"] }),
      ];
      assert.equal(given, [...own.slice(0, -1), "--a", "b c", own.at(-1)]);
    },
  );
}

command(
  "workerCommand() takes -A from Deno where permissions are given",
  () => {
    const permissionsOf = (...workerArgs: string[]) =>
      argsOf("deno", { workerArgs })[1];
    for (
      const grant of [
        "--allow-read=/srv",
        "-R",
        "-N=:0",
        "-P",
        "--allow-env",
        "-A",
      ]
    ) {
      assert.is(permissionsOf("--v8-flags=--x", grant), "--no-prompt", grant);
    }
    for (const none of ["--deny-write", "--allow-import=a", "--no-remote"]) {
      assert.is(permissionsOf(none), "-A", none);
    }
  },
);

command("workerCommand() lets Deno find an app's package.json", () => {
  const config = { kind: "package", path: "/app/package.json" } as const;
  const argsFor = (worker: string, here = false) =>
    argsOf("deno", { denoConfig: { ...config, here }, worker });
  for (const here of [false, true]) {
    assert.equal(argsFor("file:///srv/corn/worker.ts", here), [
      "run",
      "-A",
      "--unstable-net",
      "--preload",
      "/srv/corn/worker.ts",
      here ? "-" : "/app/package.json",
    ]);
  }
  assert.is(
    argsFor("file:///srv/dist/worker.js").at(-2),
    "/srv/dist/worker.js",
  );
  assert.is(
    argsFor("https://jsr.io/@corn/corn/0.1.0/worker.ts").at(-2),
    "jsr:@corn/corn@0.1.0/worker",
  );
});

command("workerCommand() starts a package of a registry by its name", () => {
  const worker = "https://jsr.io/@corn/corn/0.1.0/worker.ts";
  assert.is(argsOf("deno", { worker }).at(-1), "jsr:@corn/corn@0.1.0/worker");
  const other = "https://example.com/corn/worker.ts";
  assert.is(argsOf("deno", { worker: other }).at(-1), other);
});

command("workerEnvironment() says which worker this is", () => {
  assert.equal(
    workerEnvironment({ HOME: "/" }, { added: {}, slot: 3, folder: "/srv" }),
    {
      DENO_NO_UPDATE_CHECK: "1",
      HOME: "/",
      PWD: "/srv",
      CORN_WORKER_ID: "3",
    },
  );
});

command("an app that listens has a port to ask for at any address", () => {
  const path = { kind: "unix", path: "/run/corn.sock" };
  const tcp = (port: number) => ({ kind: "tcp", host: "127.0.0.1", port });
  const cases: readonly [Parameters<typeof portOf>[0], number][] = [
    [[path, tcp(3000), tcp(3001)], 3000],
    [[path], 8000],
    [[tcp(0)], 8000],
    [[{ kind: "fd" }], 8000],
  ];
  for (const [addresses, port] of cases) assert.is(portOf(addresses), port);
  const settings = { added: { PORT: "5000" }, slot: 1, folder: "/srv" };
  assert.is(
    workerEnvironment({}, { ...settings, added: {}, port: 8000 }).PORT,
    "8000",
  );
  assert.is(workerEnvironment({}, { ...settings, port: 8000 }).PORT, "5000");
});

command("workerEnvironment() adds what the settings add", () => {
  const env = workerEnvironment({ A: "1", B: "1" }, {
    added: { B: "2", CORN_WORKER_ID: "9" },
    slot: 1,
    folder: "/srv",
  });
  assert.is(env.A, "1");
  assert.is(env.B, "2");
  assert.is(env.CORN_WORKER_ID, "1");
});

command(
  "workerEnvironment() leaves out what makes a runtime do something else",
  () => {
    const unwanted = [
      "NODE_UNIQUE_ID",
      "NODE_CHANNEL_FD",
      "NODE_CHANNEL_SERIALIZATION_MODE",
      "DENO_SERVE_ADDRESS",
      "DENO_AUTO_SERVE",
      "LISTEN_PID",
      "LISTEN_FDS",
      "LISTEN_FDNAMES",
      "NOTIFY_SOCKET",
    ];
    const base = Object.fromEntries(unwanted.map((name) => [name, "1"]));
    const env = workerEnvironment({ ...base, NODE_OPTIONS: "--x" }, {
      added: { LISTEN_FDS: "2" },
      slot: 1,
      folder: "/srv",
    });
    assert.equal(Object.keys(env), [
      "DENO_NO_UPDATE_CHECK",
      "NODE_OPTIONS",
      "PWD",
      "CORN_WORKER_ID",
    ]);
  },
);

interface Place {
  wanted?: RuntimeName | "auto";
  own?: RuntimeName;
  env?: Record<string, string>;
  files?: readonly string[];
}

function find({ wanted = "auto", own = "node", env = {}, files = [] }: Place) {
  const all = new FakeFiles();
  for (const file of files) all.texts.set(file, "");
  return findWorkerRuntime({
    wanted,
    own,
    self: {
      executable: `/own/${own}`,
      env: () => ({ PATH: "/usr/bin:/opt/bin", ...env }),
    },
    files: all,
  });
}

const BUNX = {
  npm_config_user_agent: "bun/1.4.5 npm/? node/v24.3.0 linux x64",
  npm_lifecycle_event: "bunx",
  npm_execpath: "/home/me/.bun/bin/bun",
};

for (const own of ["node", "bun", "deno"] as const) {
  command(`findWorkerRuntime() stays on ${own}, by the same binary`, () => {
    const found = { runtime: own, executable: `/own/${own}` };
    assert.equal(find({ own }), found);
    assert.equal(find({ own, wanted: own, files: [`/opt/bin/${own}`] }), found);
  });
}

command("findWorkerRuntime() searches PATH in order", () => {
  const files = ["/opt/bin/deno", "/opt/bin/bun", "/usr/bin/bun"];
  assert.equal(find({ wanted: "bun", files }), {
    runtime: "bun",
    executable: "/usr/bin/bun",
  });
  assert.equal(find({ wanted: "deno", files }), {
    runtime: "deno",
    executable: "/opt/bin/deno",
  });
});

command("findWorkerRuntime() refuses what is not installed", () => {
  assert.throws(
    () => find({ wanted: "deno", files: ["/usr/bin/bun"] }),
    (error: unknown) =>
      error instanceof BootError &&
      error.message ===
        'Cannot start workers on deno: there is no "deno" in PATH; install it or leave out --runtime',
  );
});

command("findWorkerRuntime() takes no folder and no empty part of PATH", () => {
  const files = ["/usr/bin/bun/readme", "/bun"];
  assert.throws(() =>
    find({ wanted: "bun", files, env: { PATH: "/usr/bin:" } })
  );
});

command("findWorkerRuntime() runs on Bun what bunx started on Node", () => {
  assert.equal(find({ env: BUNX }), {
    runtime: "bun",
    executable: "/home/me/.bun/bin/bun",
  });
});

command(
  "findWorkerRuntime() finds Bun in PATH where bunx does not say it",
  () => {
    const { npm_execpath: _, ...env } = BUNX;
    assert.equal(find({ env, files: ["/opt/bin/bun"] }), {
      runtime: "bun",
      executable: "/opt/bin/bun",
    });
  },
);

command("findWorkerRuntime() lets --runtime go before bunx", () => {
  assert.is(find({ env: BUNX, wanted: "node" }).runtime, "node");
});

for (
  const [name, value] of [
    ["npm_lifecycle_event", "start"],
    ["npm_config_user_agent", "npm/11.6.0 node/v24.3.0 linux x64"],
  ]
) {
  command(`findWorkerRuntime() sees no bunx where ${name} is ${value}`, () => {
    const env = { ...BUNX, [name as string]: value as string };
    assert.is(find({ env }).runtime, "node");
  });
}

command("findDenoConfig() takes the nearest above the app", () => {
  const files = new FakeFiles();
  const found = (app: string) => {
    const folder = "/srv/app";
    const { kind, path, here } = findDenoConfig(app, { files, folder }) ?? {};
    return `${kind} ${path}${here ? " here" : ""}`;
  };
  files.texts.set("/deno.json", "");
  files.texts.set("/srv/deno.jsonc", "");
  assert.is(found("/srv/app/src/app.ts"), "deno /srv/deno.jsonc here");
  assert.is(found("/other/app.ts"), "deno /deno.json");
  files.texts.set("/srv/deno.json", "");
  files.texts.set("/srv/package.json", "");
  assert.is(found("/srv/app.ts"), "deno /srv/deno.json here");
  files.texts.set("/srv/app/package.json", "");
  assert.is(
    found("/srv/app/src/app.ts"),
    "package /srv/app/package.json here",
  );
  assert.is(found("/srv/app.ts"), "deno /srv/deno.json");
});

command("findDenoConfig() finds none", () => {
  assert.is(
    findDenoConfig("/srv/app.ts", {
      files: new FakeFiles(),
      folder: "/srv",
    }),
    undefined,
  );
});

command.run();

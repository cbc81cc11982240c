import { spawnSync } from "node:child_process";
import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { skip, suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { bin, root } from "../../scripts/tools.ts";
import { childrenOf } from "../support/machine/proc.ts";
import { sleep, until } from "../support/wait.ts";
import {
  install,
  type Installation,
  NAME,
  runtimeOf,
  start,
} from "./installed.ts";

const commands = suite("commands");
const UNSHARE = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"];
const BIND = ["app.ts", "--bind", "127.0.0.1:0"];
let installation: Installation;

commands.before(async () => {
  installation = await install();
  // Without it npx and bunx would fetch a stranger's package of this name.
  assert.ok(
    existsSync(join(installation.folder, "node_modules", ".bin", NAME)),
  );
});

async function serves(
  command: readonly [string, ...string[]],
  runtime: string,
): Promise<void> {
  assert.is(await runtimeOf(command, installation.folder), runtime);
}

commands("the stack of a blocked worker is known on Node", async () => {
  const { folder } = installation;
  writeFileSync(
    join(folder, "block.mjs"),
    `export default { async fetch() {
      await new Promise((resolve) => setTimeout(resolve, 20));
      const end = performance.now() + 4000;
      while (performance.now() < end);
      return new Response("done");
    } };`,
  );
  const corn = join(folder, "node_modules", ".bin", NAME);
  const server = await start([
    corn,
    ...["block.mjs", "--bind", "127.0.0.1:0", "--workers", "1"],
    ...["--block-stack", "on", "--slow-loop", "0.4"],
  ], folder);
  try {
    // Where the machine is busy the look may come after the block has ended.
    await until("the line", async () => {
      assert.is(await (await fetch(`${server.url}/report`)).text(), "done");
      await sleep(1000);
      return /was blocked for .* by GET \/report: .*fetch \(block\.mjs:4\)/
        .test(server.output());
    }, 60_000);
  } finally {
    server.close();
  }
});

commands(
  "npx corn serves the app on Node",
  () => serves(["npx", NAME, ...BIND], "node"),
);

commands(
  "bunx corn serves the app on Bun, whatever the shebang says",
  () => serves([bin("bunx"), NAME, ...BIND], "bun"),
);

commands(
  "bunx --bun corn serves the app on Bun",
  () => serves([bin("bunx"), "--bun", NAME, ...BIND], "bun"),
);

commands(
  "deno run serves the app on Deno",
  () =>
    serves([
      bin("deno"),
      "run",
      "-A",
      `node_modules/${NAME}/bin/corn.js`,
      ...BIND,
    ], "deno"),
);

/** What stands behind an instruction, its last one. */
function instruction(file: string, name: string): string {
  const lines = [...file.matchAll(new RegExp(`^${name} (.*)$`, "gm"))];
  return lines.at(-1)?.[1] ?? "";
}

commands(
  "the CMD of examples/container is process 1, and TERM stops it with 0",
  async () => {
    if (spawnSync("unshare", [...UNSHARE.slice(1), "true"]).status !== 0) {
      return skip("a pid namespace cannot be made here");
    }
    const file = readFileSync(
      join(root, "examples", "container", "Dockerfile"),
      "utf8",
    );
    const command: string[] = JSON.parse(instruction(file, "CMD"));
    const env = Object.fromEntries(
      instruction(file, "ENV").split(" ").map((pair) => pair.split("=")),
    );
    assert.match(env.PORT, /^\d+$/);
    const server = await start(
      [...UNSHARE, ...command] as [string, ...string[]],
      installation.folder,
      // PORT would open it to all who reach this machine.
      { ...env, CORN_BIND: "127.0.0.1:0", CORN_WORKERS: "1" },
    );
    try {
      assert.match(server.output(), /\[1\] \[INFO\] corn .* starts 1 worker /);
      assert.not.match(server.output(), /container alone|is a shell/);
      const response = await until(
        "an answer",
        () => fetch(server.url).catch(() => undefined),
      );
      assert.is((await response.json()).arbiter, 1);
      const [arbiter = 0] = childrenOf(server.pid);
      process.kill(arbiter, "SIGTERM");
      const { code, leftovers, output } = await server.end();
      assert.equal({ code, leftovers }, { code: 0, leftovers: 0 }, output);
    } finally {
      server.close();
    }
  },
);

for (const runtime of ["node", "bun", "deno"] as const) {
  commands(`a copy of examples/deployment is fine on ${runtime}`, () => {
    const folder = join(installation.folder, `shop-${runtime}`);
    cpSync(join(root, "examples", "deployment"), folder, { recursive: true });
    const before = runtime === "deno" ? ["run", "-A"] : [];
    const program = join("..", "node_modules", NAME, "bin", "corn.js");
    // Its logs are in folders of a machine that it is installed on.
    const logs = ["--error-logfile", "-", "--access-logfile", "-"];
    const ended = spawnSync(
      bin(runtime),
      [...before, program, "--check-config", ...logs, "-b", "127.0.0.1:0"],
      { cwd: folder, encoding: "utf8", timeout: 30_000 },
    );
    assert.is(ended.status, 0, ended.stderr);
    assert.match(ended.stderr, "config and app are fine");
  });
}

commands("an old Node gets one sentence and exit 1", () => {
  const node = "/usr/bin/node";
  const version = spawnSync(node, ["-v"], { encoding: "utf8" }).stdout ?? "";
  if (!/^v(1\d|20)\./.test(version)) {
    return skip(`${node} is ${version.trim() || "not there"}`);
  }
  const program = join(
    installation.folder,
    "node_modules",
    NAME,
    "bin",
    "corn.js",
  );
  const ended = spawnSync(node, [program, ...BIND], {
    cwd: installation.folder,
    encoding: "utf8",
    timeout: 10_000,
  });
  assert.is(ended.status, 1);
  assert.is(ended.stdout, "");
  assert.match(
    ended.stderr,
    /^corn needs Node 22\.18 or newer, this is \d+\.\d+\.\d+: .+\n$/,
  );
});

commands.run();

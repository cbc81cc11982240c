import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { bin } from "../../scripts/tools.ts";
import { install, type Installation, NAME, runtimeOf } from "./installed.ts";

const commands = suite("commands");
const BIND = ["app.ts", "--bind", "127.0.0.1:0"];
let installation: Installation;

commands.before(async () => {
  installation = await install();
  // Without it npx and bunx would fetch a stranger's package of this name.
  assert.ok(
    existsSync(join(installation.folder, "node_modules", ".bin", NAME)),
  );
});
commands.after(() => installation?.remove());

async function serves(
  command: readonly [string, ...string[]],
  runtime: string,
): Promise<void> {
  assert.is(await runtimeOf(command, installation.folder), runtime);
}

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

commands("an old Node gets one sentence and exit 1", () => {
  const node = "/usr/bin/node";
  const version = spawnSync(node, ["-v"], { encoding: "utf8" }).stdout ?? "";
  if (!/^v(1\d|20)\./.test(version)) {
    console.log(
      `# skip an old Node: ${node} is ${version.trim() || "not there"}`,
    );
    return;
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

import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { cleanEnvironment, root } from "../../scripts/tools.ts";

const clone = suite("clone");
const folder = mkdtempSync(join(tmpdir(), "corn-clone-"));
const repository = join(folder, "corn");
clone.after(() => rmSync(folder, { recursive: true }));

mkdirSync(repository);
for (
  const name of [
    ...[
      "adapters",
      "bin",
      "scripts",
      "src",
      "mod.ts",
      "worker.ts",
      "thread.ts",
      "tasks.ts",
      "shared.ts",
    ],
    ...[
      "corn.schema.json",
      "corn.control.schema.json",
      "tsconfig.json",
      "tsconfig.build.json",
    ],
    ...["CHANGELOG.md", "LICENSE", "README.md"],
  ]
) cpSync(join(root, name), join(repository, name), { recursive: true });
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const { rolldown, typescript, "@types/node": types } = manifest.devDependencies;
writeFileSync(
  join(repository, "package.json"),
  // The runtimes among the others are some hundred megabytes.
  JSON.stringify({
    ...manifest,
    devDependencies: { rolldown, typescript, "@types/node": types },
  }),
);

function run(command: readonly [string, ...string[]], cwd: string) {
  const [program, ...args] = command;
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd,
    env: cleanEnvironment(join(root, "node_modules", "node", "bin")),
    encoding: "utf8",
    timeout: 300_000,
  });
  return { status, output: stdout + stderr };
}

clone("npm pack without what builds it says so", () => {
  const { status, output } = run(["npm", "pack"], repository);
  assert.not.equal(status, 0);
  assert.match(output, /^Cannot build: TypeScript is not installed/m);
  assert.not.match(output, /ENOENT/);
});

clone("a package that is not installed is named", () => {
  writeFileSync(
    join(folder, "app.mjs"),
    `export default { fetch: () => new Response("ok") };\n`,
  );
  const app = join(folder, "app.mjs");
  const args = ["-w", "1", "-b", "127.0.0.1:0", "--http", "native"];
  const { status, output } = run(
    ["node", join(repository, "mod.ts"), app, ...args],
    folder,
  );
  assert.is(status, 3);
  assert.match(
    output,
    /Cannot serve without the package @hono\/node-server: .*npm ci --omit=dev/,
  );
});

clone("npm installs it from git with all that it runs", () => {
  const git = ["git", "-c", "user.name=x", "-c", "user.email=x@x"] as const;
  run(["git", "init", "--quiet"], repository);
  run(["git", "add", "--all"], repository);
  run([...git, "commit", "--quiet", "--message", "x"], repository);
  const user = join(folder, "user");
  mkdirSync(user);
  writeFileSync(join(user, "package.json"), `{ "private": true }\n`);
  const { status, output } = run(
    ["npm", "install", "--no-audit", "--no-fund", `git+file://${repository}`],
    user,
  );
  assert.is(status, 0, output);
  const installed = join(user, "node_modules", manifest.name);
  for (const name of ["mod.js", "mod.d.ts", "worker.js"]) {
    assert.ok(existsSync(join(installed, "dist", name)), name);
  }
});

clone.run();

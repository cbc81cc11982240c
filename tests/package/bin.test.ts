import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { root } from "../../scripts/tools.ts";

const bin = suite("bin");
const folder = mkdtempSync(join(tmpdir(), "corn-bin-"));
bin.after(() => rmSync(folder, { recursive: true }));

mkdirSync(join(folder, "dist"));
cpSync(join(root, "bin"), join(folder, "bin"), { recursive: true });
writeFileSync(join(folder, "package.json"), `{ "type": "module" }`);
writeFileSync(
  join(folder, "dist", "mod.js"),
  `export async function main() { console.log("started"); }`,
);

/** Runs the bin under a Node that pretends to be another version or platform. */
function pretend(node: string, platform = "linux") {
  const code = `Object.defineProperties(process, {
    versions: { value: { ...process.versions, node: "${node}" } },
    platform: { value: "${platform}" },
  });`;
  const args = ["--import", `data:text/javascript,${encodeURIComponent(code)}`];
  return spawnSync(
    process.execPath,
    [...args, join(folder, "bin", "corn.js")],
    {
      encoding: "utf8",
      timeout: 10_000,
    },
  );
}

for (
  const version of [
    "22.18.0",
    "22.23.1",
    "24.2.0",
    "24.21.0",
    "25.0.0",
    "26.10.0",
  ]
) {
  bin(`corn.js starts on Node ${version}`, () => {
    const { status, stdout, stderr } = pretend(version);
    assert.equal([status, stdout, stderr], [0, "started\n", ""]);
  });
}

for (
  const version of [
    "12.22.12",
    "18.20.0",
    "20.20.2",
    "21.7.3",
    "22.17.1",
    "23.11.0",
    "24.1.0",
  ]
) {
  bin(`corn.js refuses Node ${version} in one sentence`, () => {
    const { status, stdout, stderr } = pretend(version);
    assert.equal([status, stdout], [1, ""]);
    assert.match(stderr, /^corn needs Node 22\.18 or newer.*: .+\n$/);
    assert.ok(stderr.includes(`this is ${version}:`));
  });
}

bin("corn.js refuses Windows in one sentence", () => {
  const { status, stdout, stderr } = pretend("24.21.0", "win32");
  assert.equal([status, stdout], [1, ""]);
  assert.match(stderr, /^corn does not run on Windows: .+\n$/);
});

bin.run();

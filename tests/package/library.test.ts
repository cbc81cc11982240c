import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { bin } from "../../scripts/tools.ts";
import { install, type Installation, NAME, runtimeOf } from "./installed.ts";

const library = suite("library");
let installation: Installation;

const PROGRAM = `import { defineConfig, serve } from "${NAME}";

export const config = defineConfig({ bind: ["127.0.0.1:0"], workers: 1 });
await serve({ app: "app.ts", bind: ["127.0.0.1:0"], workers: 1 });
`;

/** A consumer without any @types package, that checks the libraries' declarations too. */
const TSCONFIG = {
  compilerOptions: {
    target: "esnext",
    module: "nodenext",
    types: [],
    strict: true,
    skipLibCheck: false,
    noEmit: true,
  },
  files: ["program.ts"],
};

library.before(async () => {
  installation = await install();
  writeFileSync(join(installation.folder, "program.ts"), PROGRAM);
});
library.after(() => installation?.remove());

function typeCheck(): string {
  const config = join(installation.folder, "tsconfig.check.json");
  writeFileSync(config, JSON.stringify(TSCONFIG));
  const { status, stdout } = spawnSync(bin("tsc"), ["--project", config], {
    cwd: installation.folder,
    encoding: "utf8",
    timeout: 60_000,
  });
  return status === 0 ? "" : stdout;
}

library("the declarations need no @types package", () => {
  assert.is(typeCheck(), "");
});

library("the declarations refuse a setting of the wrong type", () => {
  const program = join(installation.folder, "program.ts");
  writeFileSync(
    program,
    PROGRAM.replace("workers: 1 });\nawait", "workers: true });\nawait"),
  );
  try {
    assert.match(typeCheck(), /program\.ts\(3,/);
  } finally {
    writeFileSync(program, PROGRAM);
  }
});

library("serve() starts a server from a program", async () => {
  const runtime = await runtimeOf(["node", "program.ts"], installation.folder);
  assert.is(runtime, "node");
});

library.run();

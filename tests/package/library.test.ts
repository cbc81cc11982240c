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

/** Calls tasks where corn does not run, with what the declarations say of them. */
const CALLS = `import { TaskError, tasks } from "${NAME}/tasks";
import type * as Work from "./work.ts";

const work = tasks<typeof Work>("work", () => import("./work.ts"));
const doubled: Uint8Array = await work.double(new Uint8Array([1, 2]));
const counted: number[] = [];
for await (const one of work.count(3)) counted.push(one);
let failure: unknown;
try {
  await work.with({ timeout: 5000 }).fail();
} catch (error) {
  failure = error instanceof TaskError && error.remote.message;
}
console.log(JSON.stringify([[...doubled], counted, failure]));
`;

const WORK = `import type { TaskContext } from "${NAME}/tasks";

export function double(bytes: Uint8Array, { signal }: TaskContext): Uint8Array {
  return bytes.map((one) => signal.aborted ? 0 : one * 2);
}
export function* count(to: number): Generator<number> {
  for (let at = 0; at < to; at++) yield at;
}
export function fail(): void {
  throw new Error("no");
}
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
    allowImportingTsExtensions: true,
  },
  files: ["program.ts", "calls.ts"],
};

library.before(async () => {
  installation = await install();
  const { folder } = installation;
  writeFileSync(join(folder, "program.ts"), PROGRAM);
  writeFileSync(join(folder, "calls.ts"), CALLS);
  writeFileSync(join(folder, "work.ts"), WORK);
});

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

library("the declarations refuse what a task does not take", () => {
  const calls = join(installation.folder, "calls.ts");
  writeFileSync(calls, CALLS.replace("count(3)", 'count("3")'));
  try {
    assert.match(typeCheck(), /calls\.ts\(7,/);
  } finally {
    writeFileSync(calls, CALLS);
  }
});

library("tasks run in the process itself where corn does not run", () => {
  const { folder } = installation;
  writeFileSync(
    join(folder, "calls.test.ts"),
    'import { test } from "bun:test";\ntest("calls", () => import("./calls.ts"));\n',
  );
  for (
    const [program, ...args] of [
      ["node", "calls.ts"],
      ["bun", "calls.ts"],
      ["bun", "test", "calls.test.ts"],
      ["deno", "run", "-A", "calls.ts"],
    ]
  ) {
    const { stdout, stderr } = spawnSync(bin(program as string), args, {
      cwd: folder,
      encoding: "utf8",
      timeout: 30_000,
    });
    assert.ok(
      stdout.includes('[[2,4],[0,1,2],"no"]'),
      `${program} ${args.join(" ")}: ${stdout}${stderr}`,
    );
  }
});

library("serve() starts a server from a program", async () => {
  const runtime = await runtimeOf(["node", "program.ts"], installation.folder);
  assert.is(runtime, "node");
});

library.run();

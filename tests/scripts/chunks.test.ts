import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { groupModules, linkLazily, nameLazy } from "../../scripts/chunks.ts";

const chunks = suite("chunks");

const from = (...paths: string[]) =>
  paths.map((path) => `import { a } from "./${path}";\n`).join("");

/** What the files are called that these modules go into, where these are the starts. */
function grouped(modules: Readonly<Record<string, string>>) {
  return Object.fromEntries(groupModules((path) => modules[path]!, [
    {
      role: "arbiter",
      runtime: "node",
      roots: ["mod.ts", "adapters/node/node.ts"],
    },
    { role: "arbiter", runtime: "bun", roots: ["mod.ts"] },
    { role: "arbiter", runtime: "deno", roots: ["mod.ts"] },
    {
      role: "worker",
      runtime: "node",
      roots: ["worker.ts", "adapters/node/node.ts"],
    },
    { role: "worker", runtime: "bun", roots: ["worker.ts"] },
    { role: "worker", runtime: "deno", roots: ["worker.ts"] },
    { role: "control", roots: ["src/control.ts"], after: "arbiter" },
    { role: "tasks", roots: ["tasks.ts"] },
  ]));
}

const MODULES = {
  "mod.ts": from("src/arbiter.ts", "src/base.ts"),
  "worker.ts": `${from("src/worker.ts", "src/base.ts")}import("./src/lazy.ts")`,
  "tasks.ts": from("src/tasks.ts"),
  "src/arbiter.ts": `import type { A } from "./types.ts";\n`,
  "src/worker.ts": from("base.ts", "deep.ts"),
  "src/deep.ts": "",
  "src/control.ts": from("arbiter.ts", "deep.ts", "door.ts"),
  "src/door.ts": "",
  "src/base.ts": "",
  "adapters/node/node.ts": from("../../src/arbiter.ts"),
  "src/tasks.ts": "",
};

chunks("groupModules() puts together what the same starts load", () => {
  assert.equal(grouped(MODULES), {
    "src/arbiter.ts": "arbiter-and-worker-node",
    "src/base.ts": "arbiter-worker",
    "adapters/node/node.ts": "adapters-arbiter-worker-node",
    // Entries have files of those names.
    "src/worker.ts": "worker-rest",
    "src/deep.ts": "control-worker",
    // Once an arbiter has what it needs first.
    "src/control.ts": "control",
    "src/door.ts": "control",
    "src/tasks.ts": "tasks-rest",
  });
});

chunks("groupModules() leaves alone what is loaded when it is needed", () => {
  const modules = grouped(MODULES);
  for (const path of ["mod.ts", "src/lazy.ts", "src/types.ts"]) {
    assert.is(modules[path], undefined);
  }
});

chunks("nameLazy() names a file by its module, or by the room of most", () => {
  assert.is(nameLazy(["src/base/errors.ts"]), "base-errors");
  assert.is(nameLazy(["thread.ts"]), "thread");
  assert.is(
    nameLazy(["src/http/h1/a.ts", "src/http/h1/b.ts", "src/log/c.ts"]),
    "http-h1",
  );
  assert.is(
    nameLazy(["src/http/h1/a.ts", "src/http/web/b.ts", "src/log/c.ts"]),
    "http",
  );
});

chunks(
  "linkLazily() leads past files that only pass on what others have",
  () => {
    const files = new Map([
      [
        "mod.js",
        `import("./main-alone.js"); import("./other.js"); import("hono")`,
      ],
      ["main-alone.js", `// @bun\nexport { main, run } from "./arbiter.js";\n`],
      ["renamed.js", `export { a as b } from "./arbiter.js";\n`],
      ["arbiter.js", `export { main, run };\n`],
      ["tasks.js", `export { tasks } from "./arbiter.js";\n`],
    ]);
    const written = linkLazily(files, new Set(["tasks.js"]));
    assert.is(
      written.get("mod.js"),
      `import("./arbiter.js"); import("./other.js"); import("hono")`,
    );
    assert.equal([...written.keys()], [
      "mod.js",
      "renamed.js",
      "arbiter.js",
      "tasks.js",
    ]);
  },
);

chunks.run();

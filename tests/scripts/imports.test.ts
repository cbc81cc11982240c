import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { judge } from "../../scripts/imports.ts";
import { judgeReach } from "../../scripts/reach.ts";
import { findCircles } from "../../scripts/rooms.ts";

const imports = suite("imports");
const packages = {
  published: new Set(["hono", "@hono/node-server"]),
  installed: new Set(["hono", "@hono/node-server", "uvu"]),
};

function problems(path: string, text: string): string[] {
  return judge({ path, text }, packages);
}

imports("judge() accepts what the layers allow", () => {
  assert.equal(
    problems("src/cli/main.ts", `import { a } from "../arbiter/arbiter.ts";`),
    [],
  );
  assert.equal(
    problems(
      "src/worker/worker.ts",
      `import { a } from "../gateway/app/app.ts";`,
    ),
    [],
  );
  assert.equal(
    problems("adapters/node/runtime.ts", `import net from "node:net";`),
    [],
  );
  assert.equal(
    problems("adapters/node/x.ts", `import { a } from "../../src/base/a.ts";`),
    [],
  );
  assert.equal(
    problems("src/cli/args.ts", `import { parseArgs } from "node:util";`),
    [],
  );
  assert.equal(
    problems("mod.ts", `export { main } from "./src/cli/main.ts";`),
    [],
  );
});

imports("judge() keeps adapters and the machine out of src", () => {
  const one = (text: string) => problems("src/worker/worker.ts", text).length;
  assert.is(one(`import { a } from "../../adapters/mod.ts";`), 1);
  assert.is(one(`import type { A } from "../../adapters/mod.ts";`), 1);
  assert.is(one(`import { a } from "../../mod.ts";`), 1);
  assert.is(one(`import { readFile } from "node:fs";`), 1);
  assert.is(one(`const fs = await import("node:fs");`), 1);
  assert.is(one(`process.exit(1);`), 1);
  assert.is(one(`if (Deno?.pid) return;`), 1);
  assert.is(one(`setTimeout(run, 5);`), 1);
  assert.is(one("const a = `${Date.now()}`;"), 1);
  assert.is(one(`const now = new Date();`), 1);
  assert.is(one(`return Math.random() * 5;`), 1);
  assert.is(one(`globalThis.console.log(1);`), 1);
});

imports(
  "judge() is not misled by comments, strings, properties and types",
  () => {
    const one = (text: string) => problems("src/worker/worker.ts", text);
    assert.equal(one(`// process.exit(1)\n/* import "node:fs" */`), []);
    assert.equal(one(`const a = "process.exit(1)" + 'Deno.pid' + "it's";`), []);
    assert.equal(
      one("const a = `process.exit ${b} Deno.pid \\` ${`x${c}`}`;"),
      [],
    );
    assert.equal(one(`if (/["'\`]/.test(a)) b = c / d; // process.exit`), []);
    assert.equal(
      one(`this.process.kill(); child.#process.kill(); a = { console: b };`),
      [],
    );
    assert.equal(one(`return new Date(ms).toISOString();`), []);
    assert.equal(one(`interface A { setTimeout: number; }`), []);
  },
);

imports(
  "judge() finds what stands after a template literal or a regular expression",
  () => {
    assert.is(
      problems("src/base/a.ts", "const a = `x${{ a: 1 }.a}y`; process.exit();")
        .length,
      1,
    );
    assert.is(
      problems("src/base/a.ts", `const a = /[/"]/; process.exit(); // "`)
        .length,
      1,
    );
    assert.is(
      problems("src/base/a.ts", `const a = (1 + 2) / 3; process.exit(); b / c;`)
        .length,
      1,
    );
  },
);

imports("judge() lets an import go down, never up; types count", () => {
  const one = (path: string, target: string) =>
    problems(path, `import type { A } from "${target}";`).length;
  assert.is(one("src/launch/launch.ts", "../arbiter/arbiter.ts"), 0);
  assert.is(one("src/arbiter/pool/pool.ts", "./state.ts"), 0);
  assert.is(one("src/runtime/runtime.ts", "../base/errors.ts"), 1);
  assert.is(one("src/config/table/settings/wire.ts", "../settings.ts"), 1);
  assert.is(one("src/config/sources/load.ts", "../../cli/args.ts"), 1);
  assert.is(one("src/gateway/call/gateway.ts", "../../cli/main.ts"), 1);
  assert.is(one("src/arbiter/pool/pool.ts", "../arbiter.ts"), 1);
  assert.is(one("adapters/shared/base.ts", "../libc/gauge.ts"), 1);
  assert.is(one("adapters/libc/machine.ts", "../shared/base.ts"), 0);
});

imports("judge() keeps rooms beside each other apart", () => {
  const one = (path: string, target: string) =>
    problems(path, `import type { A } from "${target}";`).length;
  assert.is(one("src/arbiter/arbiter.ts", "../worker/worker.ts"), 1);
  assert.is(one("src/arbiter/pool/pool.ts", "../../worker/worker.ts"), 1);
  assert.is(one("src/worker/worker.ts", "../arbiter/pool/pool.ts"), 1);
  assert.is(one("adapters/bun/serve.ts", "../node/serve.ts"), 1);
  assert.is(one("adapters/deno/serve.ts", "../bun/serve.ts"), 1);
});

imports("judge() knows every room", () => {
  assert.equal(
    problems("src/attic/a.ts", `import { b } from "../base/errors.ts";`),
    [
      "src/attic/a.ts:1: src/attic is not in the list of rooms (scripts/rooms.ts)",
    ],
  );
  assert.is(
    problems("src/cli/main.ts", `import { b } from "../attic/a.ts";`).length,
    1,
  );
});

imports("findCircles() finds files that import each other", () => {
  const file = (path: string, ...targets: string[]) => ({
    path,
    text: targets.map((one) => `import type { A } from "${one}";`).join("\n"),
  });
  assert.equal(
    findCircles([
      file("src/a/a.ts", "./b.ts"),
      file("src/a/b.ts", "../c/c.ts", "./d.ts"),
      file("src/c/c.ts", "../a/a.ts"),
      file("src/a/d.ts"),
    ]),
    [["src/a/a.ts", "src/a/b.ts", "src/c/c.ts", "src/a/a.ts"]],
  );
  assert.equal(
    findCircles([
      file("src/a.ts", "./b.ts", "./c.ts"),
      file("src/b.ts", "./c.ts"),
      file("src/c.ts"),
    ]),
    [],
  );
});

imports(
  "judge() lets adapters import types of src/runtime and values of src/base",
  () => {
    const one = (text: string) =>
      problems("adapters/bun/runtime.ts", text).length;
    assert.is(
      one(`import type { Runtime } from "../../src/runtime/runtime.ts";`),
      0,
    );
    assert.is(
      one(`import type {\n  Runtime,\n} from "../../src/runtime/runtime.ts";`),
      0,
    );
    assert.is(
      one(`export type { Runtime } from "../../src/runtime/runtime.ts";`),
      0,
    );
    assert.is(one(`import { codeOf } from "../../src/base/errors.ts";`), 0);
    assert.is(
      one(`import type { A } from "../../src/http/web/request.ts";`),
      1,
    );
    assert.is(
      one(`import { type Runtime } from "../../src/runtime/runtime.ts";`),
      1,
    );
    assert.is(one(`import "../../src/runtime/runtime.ts";`), 1);
    assert.is(one(`import { main } from "../../mod.ts";`), 1);
  },
);

imports("judge() wants .ts at the end of a relative import", () => {
  assert.equal(problems("src/base/a.ts", `import { b } from "./b";`), [
    `src/base/a.ts:1: "./b" must end in .ts`,
  ]);
  assert.is(problems("src/base/a.ts", `import { b } from "./b.js";`).length, 1);
});

imports("judge() wants bare imports in the maps", () => {
  assert.equal(
    problems("adapters/node/serve.ts", `import "@hono/node-server/x";`),
    [],
  );
  assert.is(
    problems("adapters/node/serve.ts", `import { suite } from "uvu";`).length,
    1,
  );
  assert.equal(
    problems("tests/support/suite.ts", `import { suite } from "uvu";`),
    [],
  );
  assert.is(
    problems("tests/a.test.ts", `import { suite } from "uvu";`).length,
    1,
  );
  assert.is(problems("tests/a.test.ts", `import pino from "pino";`).length, 1);
});

imports("judge() holds each entry of the package to what is published", () => {
  for (const path of ["mod.ts", "worker.ts", "tasks.ts"]) {
    const one = (text: string) => problems(path, text).length;
    assert.is(one(`import { a } from "./src/base/a.js";`), 1, path);
    assert.is(one(`import { suite } from "uvu";`), 1, path);
    assert.is(one(`import { Hono } from "hono";`), 0, path);
    assert.is(one(`import { lookup } from "node:dns";`), 1, path);
  }
});

imports("judge() wants what is dear to load where it is needed alone", () => {
  const one = (text: string) =>
    problems("adapters/shared/sockets/dial.ts", text).length;
  assert.is(one(`import { lookup } from "node:dns";`), 1);
  assert.is(one(`import type { Socket } from "node:dgram";`), 0);
  assert.is(one(`const dns = process.getBuiltinModule("node:dns");`), 0);
  assert.is(
    problems("tests/a.ts", `import { lookup } from "node:dns";`).length,
    0,
  );
});

imports("judgeReach() keeps what serves HTTP out of an arbiter", () => {
  const reach = (imported: string) =>
    judgeReach([
      { path: "mod.ts", text: `await import("./src/cli/main.ts");` },
      { path: "src/cli/main.ts", text: `import { a } from "../plan/a.ts";` },
      { path: "src/plan/a.ts", text: imported },
      { path: "src/gateway/call/b.ts", text: "" },
    ]);
  assert.equal(reach(`import type { B } from "../gateway/call/b.ts";`), []);
  assert.equal(reach(`import { b } from "../gateway/call/b.ts";`), [
    "an arbiter would load mod.ts → src/cli/main.ts → src/plan/a.ts → src/gateway/call/b.ts",
  ]);
  assert.is(reach(`await import("../gateway/call/b.ts");`).length, 1);
  const adapter = (imported: string) =>
    judgeReach([{ path: "adapters/bun/runtime.ts", text: imported }]).length;
  assert.is(adapter(`import { a } from "./serve.ts";`), 1);
  assert.is(adapter(`const a = () => import("./serve.ts");`), 0);
});

imports(
  "judgeReach() lets the command load another's files when it is asked for",
  () => {
    const reach = (imported: string) =>
      judgeReach([
        { path: "mod.ts", text: `await import("./src/cli/main.ts");` },
        { path: "src/cli/main.ts", text: imported },
        { path: "src/cli/make.ts", text: `import { a } from "../make/a.ts";` },
        { path: "src/make/a.ts", text: "" },
      ]).length;
    assert.is(reach(`import { make } from "./make.ts";`), 1);
    assert.is(reach(`const make = () => import("./make.ts");`), 0);
  },
);

imports("judge() gives the line", () => {
  const text =
    `import a from "./a.ts";\n\nexport const b = 1;\nimport c from "./c";\n`;
  assert.equal(problems("src/base/b.ts", text), [
    `src/base/b.ts:4: "./c" must end in .ts`,
  ]);
});

imports.run();

import { spawnSync } from "node:child_process";
import {
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import process from "node:process";
import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { loadedBy } from "../../scripts/source.ts";
import { pack } from "../../scripts/pack.ts";
import { bin, root } from "../../scripts/tools.ts";
import { until } from "../support/wait.ts";
import { NAME, start } from "./installed.ts";

const contents = suite("contents");
const THROWS = `function inner() { throw new Error("on purpose"); }
export default { fetch() { return inner(); } };
`;

const folder = mkdtempSync(join(tmpdir(), "corn-contents-"));
const installed = join(folder, "node_modules", NAME);
const dist = join(installed, "dist");
contents.after(() => rmSync(folder, { recursive: true }));

contents.before(async () => {
  const tarball = await pack(join(folder, "pack"));
  mkdirSync(installed, { recursive: true });
  const args = ["-xzf", tarball, "-C", installed, "--strip-components=1"];
  assert.is(spawnSync("tar", args).status, 0);
  // What it depends on, for Deno, which looks for all of it at once.
  for (const name of ["@hono", "esm-env"]) {
    symlinkSync(
      join(root, "node_modules", name),
      join(folder, "node_modules", name),
    );
  }
  writeFileSync(join(folder, "throws.mjs"), THROWS);
});

/** The file that has a module of the source. */
function fileOf(source: string): string {
  const found = globSync("*.js", { cwd: dist }).filter((file) =>
    readFileSync(join(dist, file), "utf8").includes(`\n// ${source}\n`)
  );
  assert.is(found.length, 1, source);
  return found[0]!;
}

/** A file of the bundle and all that it imports at once. */
function filesOf(entry: string): string[] {
  const read = (file: string) => readFileSync(join(dist, file), "utf8");
  return [...loadedBy([entry], read, { lazy: false })];
}

/** The modules of the source that are in this file. */
function sourcesIn(text: string): string[] {
  return [...text.matchAll(/^\/\/ (\S+\.ts)$/gm)].map(([, path = ""]) => path);
}

/** The modules of the source in a file of the bundle and all that it imports at once. */
function sourcesOf(entry: string): string[] {
  return filesOf(entry).flatMap((file) =>
    sourcesIn(readFileSync(join(dist, file), "utf8"))
  );
}

contents("no character makes a runtime keep code at two bytes for each", () => {
  for (const file of globSync("**/*.js", { cwd: dist })) {
    const code = readFileSync(join(dist, file), "utf8");
    assert.is(/[\u0100-\uffff]/.exec(code)?.[0], undefined, file);
  }
});

contents("each file of code has a telling name and its source map", () => {
  const files = globSync("**/*.js", { cwd: dist });
  assert.ok(files.includes("mod.js"));
  assert.ok(files.includes("worker.js"));
  for (const file of files) {
    assert.not.match(file, /chunk|-[0-9A-Z]{8}\.js$/);
    const code = readFileSync(join(dist, file), "utf8");
    assert.ok(
      code.endsWith(`//# sourceMappingURL=${basename(file)}.map\n`),
      file,
    );
    const map = JSON.parse(readFileSync(join(dist, `${file}.map`), "utf8"));
    assert.ok(map.sources.length > 0, file);
    // Deno reads them all at its start; Bun wants something for each.
    assert.equal(map.sourcesContent, map.sources.map(() => null));
  }
});

contents("the package has types but no source", () => {
  const files = globSync("**/*.ts", { cwd: installed });
  assert.ok(files.includes("dist/mod.d.ts"));
  assert.equal(files.filter((file) => !file.endsWith(".d.ts")), []);
});

contents("a worker loads nothing of the command's, and that no engine", () => {
  for (const runtime of ["node", "bun", "deno"]) {
    const worker = [
      ...sourcesOf("worker.js"),
      ...sourcesOf(fileOf("src/worker/worker.ts")),
      ...sourcesOf(fileOf(`adapters/${runtime}/serving.ts`)),
    ];
    assert.ok(worker.includes("src/worker/worker.ts"));
    assert.equal(
      worker.filter((path) => /^src\/(cli|launch|arbiter)\//.test(path)),
      [],
    );
  }
  const command = sourcesOf(fileOf("src/cli/main.ts"));
  assert.ok(command.includes("src/arbiter/arbiter.ts"));
  assert.equal(
    command.filter((path) => /^src\/(worker|http\/connection)\//.test(path)),
    [],
  );
});

contents("each runtime loads its own adapter alone", () => {
  for (const runtime of ["node", "bun", "deno"]) {
    const sources = sourcesOf(fileOf(`adapters/${runtime}/runtime.ts`));
    const others = ["node", "bun", "deno"]
      .filter((other) => other !== runtime)
      .map((other) => `adapters/${other}/`);
    assert.ok(sources.includes(`adapters/${runtime}/runtime.ts`));
    assert.equal(
      sources.filter((path) => others.some((other) => path.startsWith(other))),
      [],
    );
  }
});

contents("no adapter is loaded before it was seen what Deno permits", () => {
  for (const entry of ["mod.js", "worker.js"]) {
    const adapters = sourcesOf(entry).filter((path) =>
      path.startsWith("adapters/")
    );
    assert.equal(adapters, ["adapters/mod.ts"], entry);
  }
  const permissions = fileOf("adapters/deno/permissions.ts");
  assert.equal(sourcesOf(permissions), ["adapters/deno/permissions.ts"]);
});

contents("a file with a runtime's adapter has nothing else", () => {
  const own = /^adapters\/(node|bun|deno)\//;
  for (const file of globSync("*.js", { cwd: dist })) {
    const text = readFileSync(join(dist, file), "utf8");
    const runtimes = new Set(
      sourcesIn(text).map((path) => own.exec(path)?.[1] ?? "any"),
    );
    assert.ok(runtimes.size <= 1, `${file}: ${[...runtimes]}`);
  }
});

contents("what a start loads is in few files", () => {
  for (const [entry, most] of [["mod.js", 4], ["worker.js", 7]] as const) {
    assert.ok(filesOf(entry).length <= most, filesOf(entry).join(" "));
  }
  assert.ok(filesOf(fileOf("src/cli/main.ts")).length <= 12);
});

for (const runtime of ["node", "bun", "deno"] as const) {
  contents(
    `a stack names the app's lines, not corn's, on ${runtime}`,
    async () => {
      const server = await start([
        bin(runtime),
        ...runtime === "deno" ? ["run", "-A"] : [],
        join(installed, "bin", "corn.js"),
        "throws.mjs",
        "-w",
        "1",
        "-b",
        "127.0.0.1:0",
      ], folder);
      try {
        const answer = await fetch(server.url, {
          signal: AbortSignal.timeout(20_000),
        });
        assert.is(answer.status, 500);
        await answer.body?.cancel();
        const output = await until(
          "the stack",
          () => {
            const output = server.output();
            return /at .*inner.*throws\.mjs:1/.test(output)
              ? output
              : undefined;
          },
        );
        assert.not.match(output, /\/dist\//);
        process.kill(server.pid, "SIGTERM");
        assert.is((await server.end()).code, 0);
      } finally {
        server.close();
      }
    },
  );
}

contents.run();

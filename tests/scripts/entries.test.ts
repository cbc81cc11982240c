import { readFileSync } from "node:fs";
import { join } from "node:path";
import { loadedBy } from "../../scripts/source.ts";
import { root } from "../../scripts/tools.ts";
import * as assert from "../support/assert.ts";
import { suite } from "../support/suite.ts";

const entries = suite("entries");

/** Every module of corn's that an entry can load, those behind `import()` too. */
function graphOf(entry: string): Set<string> {
  const read = (path: string) => readFileSync(join(root, path), "utf8");
  return loadedBy([entry], read, { lazy: true });
}

entries("a worker loads nothing of the command's", () => {
  const graph = graphOf("worker.ts");
  assert.ok(graph.has("src/worker/worker.ts"));
  const others = [...graph].filter((path) =>
    /^(mod\.ts|src\/(cli|launch|arbiter|plan|config)\/)/.test(path)
  );
  assert.equal(others, []);
});

entries("the command loads nothing of a worker's", () => {
  const graph = graphOf("mod.ts");
  assert.ok(graph.has("src/cli/main.ts"));
  const others = [...graph].filter((path) =>
    /^(worker\.ts|src\/worker\/)/.test(path)
  );
  assert.equal(others, []);
});

entries.run();

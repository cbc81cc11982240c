import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { isBuilt, noteBuilt } from "../../scripts/built.ts";
import * as assert from "../support/assert.ts";
import { suite } from "../support/suite.ts";

const built = suite("built");

built("isBuilt() is true until a source or what was made changes", () => {
  const folder = mkdtempSync(join(tmpdir(), "corn-built-"));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  try {
    const parts = ["mod.ts", "src/a/b.ts", "scripts/build.ts", "package.json"];
    for (const path of [...parts, "dist/mod.js", "dist/mod.js.map"]) {
      write(path, "one");
    }
    assert.not(isBuilt(folder), "it was never noted");
    noteBuilt(folder);
    assert.ok(isBuilt(folder));
    for (const path of [...parts, "dist/mod.js", "adapters/new.ts"]) {
      write(path, "two");
      assert.not(isBuilt(folder), path);
      noteBuilt(folder);
      assert.ok(isBuilt(folder), path);
    }
    write("tests/a.test.ts", "two");
    assert.ok(isBuilt(folder), "tests are no part of it");
    rmSync(join(folder, "dist/mod.js.map"));
    assert.not(isBuilt(folder), "what was made is gone");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

built.run();

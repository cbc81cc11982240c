import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { settingsPage, signalsTable } from "../../scripts/docs.ts";
import { fill } from "../../scripts/markdown.ts";
import { root } from "../../scripts/tools.ts";
import { flagOf, settingNames } from "../../src/config/table/settings.ts";
import { signals } from "../../src/config/signals.ts";

const docs = suite("docs");

docs("settingsPage() has every setting", () => {
  for (const name of settingNames) {
    assert.ok(settingsPage().includes(`\`${flagOf(name)}\``), name);
  }
});

docs("signalsTable() has every signal", () => {
  for (const { signal } of signals) {
    assert.ok(signalsTable().includes(`\`${signal}\``));
  }
});

docs("fill() puts text between the markers, again and again", () => {
  const page = "a\n<!-- x:start -->\nold\n<!-- x:end -->\nb\n";
  const filled = fill(page, { name: "x", text: "new" });
  assert.is(filled, "a\n<!-- x:start -->\n\nnew\n\n<!-- x:end -->\nb\n");
  assert.is(fill(filled, { name: "x", text: "new" }), filled);
});

docs("fill() refuses a page without markers", () => {
  assert.throws(
    () => fill("a", { name: "x", text: "new" }),
    /no "<!-- x:start -->"/,
  );
});

docs("README's figures stand in docs/performance.md", () => {
  const read = (name: string) => readFileSync(join(root, name), "utf8");
  const measured = read("docs/performance.md");
  const rows = [
    ...read("README.md").matchAll(
      /^\| (Node|Bun|Deno) \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|$/gm,
    ),
  ];
  assert.is(rows.length, 3);
  for (const [, runtime = "", ...figures] of rows) {
    for (const [index, app] of ["hono", "bare", "json"].entries()) {
      const row = new RegExp(
        `^\\| ${runtime.toLowerCase()} \\| ${app} \\|.*\\*\\*([\\d.]+) \\(`,
        "m",
      );
      assert.is(row.exec(measured)?.[1], figures[index], `${runtime} ${app}`);
    }
  }
});

docs.run();

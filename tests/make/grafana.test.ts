// runtimes: node24
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bin, root, run } from "../../scripts/tools.ts";
import { makeGrafana } from "../../src/make/grafana.ts";
import * as assert from "../support/assert.ts";
import { suite } from "../support/suite.ts";
import { subject, textOf } from "./support.ts";

const grafana = suite("Grafana's own types");

/** They have enums where JSON has the values. */
const HEAD = `import type * as G from "@grafana/schema";
import type { Options as Stat } from "@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen";
import type { Options as Series } from "@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen";
type Plain<T> = T extends string ? \`\${T}\` | T
  : T extends number | boolean | null | undefined ? T
  : T extends readonly (infer U)[] ? Plain<U>[]
  : T extends object ? { [K in keyof T]: Plain<T[K]> }
  : T;
`;

/** What they do not have: the sheet of an export, and what is a source's own. */
const NOT_TYPED = ["__inputs", "__requires"];
const OF_PROMETHEUS = ["definition", "expr", "step", "titleFormat"];

function without(names: readonly string[], value: object): object {
  return Object.fromEntries(
    Object.entries(value).filter(([name]) => !names.includes(name)),
  );
}

grafana("have all that makeGrafana() writes, as it is written", async () => {
  const made = textOf(makeGrafana(await subject([])), ".json");
  const { panels, annotations, templating, ...rest } = JSON.parse(made);
  const typed = (all: readonly object[]) => ({
    list: all.map((one) => without(OF_PROMETHEUS, one)),
  });
  const lines: string[] = [HEAD];
  const has = (type: string, value: unknown) =>
    lines.push(
      `export const c${lines.length}: Plain<${type}> = ${
        JSON.stringify(value)
      };`,
    );
  has("G.Dashboard", {
    ...without(NOT_TYPED, rest),
    annotations: typed(annotations.list),
    templating: typed(templating.list),
    panels,
  });
  for (const { type, options, ...panel } of panels) {
    has("G.Panel", { type, options, ...panel });
    has(`Partial<${type === "stat" ? "Stat" : "Series"}>`, options);
    has("G.FieldConfig", panel.fieldConfig.defaults);
  }
  // Within the repository, so that the package is found.
  const folder = mkdtempSync(join(root, "node_modules", ".grafana-"));
  try {
    const check = async (text: string) => {
      const file = join(folder, "check.ts");
      writeFileSync(file, text);
      const flags =
        "--ignoreConfig --noEmit --strict --skipLibCheck --target es2022";
      const { code, output } = await run(bin("tsc"), {
        args: [
          ...flags.split(" "),
          ...["--module", "nodenext", "--types", "", file],
        ],
        deadlineMs: 120_000,
      });
      return code === 0 ? "" : output;
    };
    assert.is(await check(lines.join("\n")), "");
    // It can tell.
    const wrong = lines.join("\n").replaceAll('"list"', '"lists"');
    assert.match(await check(wrong), /"lists"/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

if (existsSync(join(root, "node_modules", "@grafana", "schema"))) grafana.run();
else console.log("Skipped: @grafana/schema is not installed");

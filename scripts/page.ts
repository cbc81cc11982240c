/**
 * Writes `src/control/dashboard/page.ts`: the page of `corn dashboard`, its code
 * bundled from `scripts/page/`, and uPlot beside it, so that a checkout and both
 * packages serve it without a build. With `--check` it writes nothing and exits
 * 1 when that file is stale.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { root } from "./tools.ts";

const TARGET = join(root, "src/control/dashboard/page.ts");

/** What the page is made from: its own files, those of `src` that it shares, and the versions of what makes it. */
function sourceHash(): string {
  const hash = createHash("sha256");
  const shared = [
    "src/base/controls.ts",
    "src/control/commands/text.ts",
    "src/control/dashboard/points.ts",
    "scripts/page.ts",
  ];
  for (
    const path of [
      ...globSync("scripts/page/*", { cwd: root }).sort(),
      ...shared,
    ]
  ) {
    hash.update(`${path}\n`).update(readFileSync(join(root, path)));
  }
  const { devDependencies } = JSON.parse(
    readFileSync(join(root, "package.json"), "utf8"),
  );
  return hash.update(`${devDependencies.rolldown} ${devDependencies.uplot}`)
    .digest("hex");
}

async function bundle(): Promise<string> {
  const { rolldown } = await import("rolldown");
  const bundle = await rolldown({
    cwd: root,
    input: "scripts/page/main.ts",
    platform: "browser",
    transform: { target: "es2023" },
  });
  const { output } = await bundle.generate({
    format: "iife",
    comments: false,
    minify: { compress: true, mangle: false, codegen: true },
  });
  return output[0].code;
}

/** The files of the page, by their names. */
async function pageFiles(): Promise<Record<string, string>> {
  const own = (name: string) =>
    readFileSync(join(root, "scripts/page", name), "utf8");
  const uplot = (name: string) =>
    readFileSync(join(root, "node_modules/uplot", name), "utf8");
  const license = `/*\n${uplot("LICENSE").trim()}\n*/\n`;
  return {
    "index.html": own("index.html"),
    "page.css": own("page.css"),
    "page.js": await bundle(),
    "icon.svg": own("icon.svg"),
    "uplot.js": license + uplot("dist/uPlot.iife.min.js"),
    "uplot.css": license + uplot("dist/uPlot.min.css"),
  };
}

async function main(): Promise<void> {
  const stamp = `// Made from ${sourceHash()}\n`;
  const made = existsSync(TARGET) ? readFileSync(TARGET, "utf8") : "";
  if (made.includes(stamp)) return;
  if (process.argv.includes("--check")) {
    console.error("The dashboard's page is stale: run scripts/page.ts");
    process.exitCode = 1;
    return;
  }
  const files = Object.entries(await pageFiles()).map(([name, text]) =>
    `  ${JSON.stringify(name)}:\n    ${JSON.stringify(text)},\n`
  );
  writeFileSync(
    TARGET,
    "/** The page of `corn dashboard`, written by `scripts/page.ts` from `scripts/page/`; change it there. */\n" +
      stamp +
      `\n/** Its files, by their names. */\nexport const PAGE: Readonly<Record<string, string>> = {\n${
        files.join("")
      }};\n`,
  );
  console.log("Wrote src/control/dashboard/page.ts");
}

await main();

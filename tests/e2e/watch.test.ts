import { renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import * as assert from "../support/assert.ts";
import { get } from "../support/client/curl.ts";
import { promises } from "../support/promise.ts";
import { until } from "../support/wait.ts";

const watch = promises("--reload");

watch("a saved file is served; a broken one changes nothing", async (lab) => {
  const { folder, write, start } = lab;
  write("lib/text.ts", `export const text = "one";\n`);
  write(
    "app.ts",
    `import { text } from "./lib/text.ts";\nexport default { fetch: () => new Response(text) };\n`,
  );
  const server = await start({
    app: "app.ts",
    args: ["-w", "1", "--reload"],
    cwd: folder,
  });
  assert.is(await get(server.url), "one");
  let from = server.log().length;
  write("lib/text.ts", `export const text = "two";\n`);
  await server.waitForLog(/Changed: .*text\.ts/, { from });
  await server.waitForLog(/Reload done/, { from });
  assert.is(await get(server.url), "two");
  from = server.log().length;
  write("lib/text.ts", `export const text = ;\n`);
  await server.waitForLog(/Reload failed: generation 2 serves on/, {
    from,
  });
  assert.match(server.log().slice(from), /Cannot load app/);
  assert.is(await get(server.url), "two");
  from = server.log().length;
  write("lib/text.ts", `export const text = "three";\n`);
  await server.waitForLog(/Reload done/, { from });
  assert.is(await get(server.url), "three");
});

watch("a folder that is built anew is served, and watched on", async (lab) => {
  const { folder, write, start } = lab;
  const build = (text: string) => {
    rmSync(join(folder, "dist"), { recursive: true, force: true });
    write("dist/lib/text.mjs", `export const text = "${text}";\n`);
    write(
      "dist/app.mjs",
      `import { text } from "./lib/text.mjs";\nexport default { fetch: () => new Response(text) };\n`,
    );
  };
  build("one");
  const server = await start({
    app: "dist/app.mjs",
    args: ["-w", "1", "--reload"],
    cwd: folder,
  });
  const serves = (text: string) =>
    until(`"${text}"`, async () => await get(server.url) === text);
  await serves("one");
  build("two");
  await serves("two");
  write("dist/lib/text.mjs", `export const text = "three";\n`);
  await serves("three");
  renameSync(join(folder, "dist"), join(folder, "old"));
  build("four");
  await serves("four");
  rmSync(join(folder, "old"), { recursive: true });
});

watch.run();

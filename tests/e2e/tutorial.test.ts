/** The files of docs/tutorial.md do what it says. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "../support/assert.ts";
import { root } from "../../scripts/tools.ts";
import { get } from "../support/client/curl.ts";
import { promises } from "../support/promise.ts";
import { until } from "../support/wait.ts";

const tutorial = promises("docs/tutorial.md");
const page = readFileSync(join(root, "docs/tutorial.md"), "utf8");

/** A file that the page has its reader write. */
function written(name: string): string {
  const text = new RegExp(`^cat > ${name} <<'END'\n([^]*?)^END$`, "m")
    .exec(page)?.[1];
  assert.type(text, "string", name);
  return text as string;
}

tutorial("the app and the config file serve", async (lab) => {
  lab.write("package.json", '{ "type": "module" }\n');
  lab.write("app.ts", written("app.ts"));
  lab.write("corn.config.ts", written("corn.config.ts"));
  for (const name of ["corn.pid", "access.log"]) {
    lab.forgive(join(lab.folder, name));
  }
  const server = await lab.start({
    defaults: false,
    args: ["--bind", "127.0.0.1:0"],
    cwd: lab.folder,
  });
  assert.match(
    await get(`${server.url}/hello`),
    /^Version 1 for \/hello from worker [12]\n$/,
  );
  const log = join(lab.folder, "access.log");
  await until(
    "a line",
    () => readFileSync(log, "utf8").includes('"GET /hello HTTP/1.1" 200'),
  );

  const broken = `${written("app.ts")}throw new Error("not today");\n`;
  assert.match(page, "echo 'throw new Error(\"not today\");' >> app.ts");
  lab.write("app.ts", broken);
  server.signal("SIGHUP");
  await server.waitForLog(/Reload failed: generation 1 serves on/, {
    ms: 60_000,
  });
  assert.match(server.log(), "not today");
  lab.write("app.ts", written("app.ts").replace("Version 1", "Version 2"));
  server.signal("SIGHUP");
  await server.waitForLog(/Reload done/, { ms: 60_000 });
  assert.match(await get(`${server.url}/hello`), /^Version 2/);
});

tutorial.run();

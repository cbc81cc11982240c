import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { bin, root } from "../../scripts/tools.ts";
import { copyCorn } from "../support/process/version.ts";
import { start } from "./installed.ts";
import { openRegistry, SPECIFIER } from "./registry.ts";

const deno = suite("deno");
const folder = mkdtempSync(join(tmpdir(), "corn-deno-"));
const checkout = join(folder, "corn");
deno.after(() => rmSync(folder, { recursive: true }));

mkdirSync(checkout);
copyCorn(root, checkout);

/** An app that says where its hono is. */
const APP = `import { Hono } from "hono";
const app = new Hono();
app.get("/", (c) => c.json({ hono: import.meta.resolve("hono"), arbiter: process.ppid }));
export default app;
`;

function makeApp(name: string, files: Readonly<Record<string, string>>) {
  const app = join(folder, name);
  for (const [file, text] of Object.entries({ "app.ts": APP, ...files })) {
    mkdirSync(join(app, file, ".."), { recursive: true });
    writeFileSync(join(app, file), text);
  }
  return app;
}

/** Where an app finds hono that corn serves, from the checkout unless it is said otherwise. */
async function honoOf(
  app: string,
  corn = join(checkout, "mod.ts"),
  env: Readonly<Record<string, string>> = {},
) {
  const args = [
    "run",
    "-q",
    "-A",
    corn,
    "app.ts",
    "-w",
    "1",
    "-b",
    "127.0.0.1:0",
  ];
  const server = await start([bin("deno"), ...args], app, env);
  try {
    // Not by curl, which would stop the registry meanwhile.
    const response = await fetch(server.url, {
      signal: AbortSignal.timeout(20_000),
    });
    const text = await response.text();
    assert.is(response.status, 200, `${text}\n${server.output()}`);
    const { hono, arbiter } = JSON.parse(text);
    process.kill(arbiter, "SIGTERM");
    const { code, leftovers, output } = await server.end();
    assert.equal({ code, leftovers }, { code: 0, leftovers: 0 }, output);
    return hono as string;
  } finally {
    server.close();
  }
}

deno("a clone with nothing installed serves an app", async () => {
  assert.match(await honoOf(makeApp("bare", {})), /\/hono\/4\.\d+\.\d+\//);
});

deno("npm's node_modules beside corn do no harm", async () => {
  mkdirSync(join(checkout, "node_modules"));
  assert.match(await honoOf(makeApp("beside", {})), /\/hono\/4\.\d+\.\d+\//);
  rmSync(join(checkout, "node_modules"), { recursive: true });
});

/** An app that npm installed a hono of its own for. */
function makeOwn(name: string) {
  const app = makeApp(name, {
    "package.json": `{ "type": "module", "dependencies": { "hono": "4.9.0" } }`,
    "node_modules/hono/package.json":
      `{ "name": "hono", "version": "4.9.0", "type": "module", "exports": "./index.js" }`,
    // As much of it as the app calls.
    "node_modules/hono/index.js": `export class Hono {
  get(_path, run) { this.run = run; }
  fetch(request) { return this.run({ json: (value) => Response.json(value) }); }
}
`,
  });
  const hono = `file://${join(app, "node_modules", "hono", "index.js")}`;
  return { app, hono };
}

deno("an app with only a package.json gets its own dependencies", async () => {
  const { app, hono } = makeOwn("own");
  assert.is(await honoOf(app), hono);
});

deno("the same where corn is from JSR", async () => {
  const { app, hono } = makeOwn("jsr");
  const registry = await openRegistry();
  try {
    const env = {
      JSR_URL: registry.url,
      // Only corn is fetched: its own two packages may be there already.
      DENO_DIR: join(folder, "cache"),
    };
    assert.is(await honoOf(app, SPECIFIER, env), hono);
    const bare = makeApp("jsr-bare", {
      "app.ts": APP.replace('"hono"', '"npm:hono@^4.13.19"')
        .replace('resolve("hono")', 'resolve("npm:hono@^4.13.19")'),
    });
    assert.match(await honoOf(bare, SPECIFIER, env), /hono/);
  } finally {
    registry.close();
  }
});

deno.run();

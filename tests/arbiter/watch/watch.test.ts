import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { findModules } from "../../../src/base/files/module-graph.ts";
import { watchFiles, watchTargets } from "../../../src/arbiter/watch/watch.ts";
import { load } from "../../config/support.ts";
import { FakeRuntime } from "../../support/fake/runtime.ts";

const watch = suite("watch");

function machine(texts: Record<string, string>) {
  const runtime = new FakeRuntime();
  for (const [path, text] of Object.entries(texts)) {
    runtime.files.texts.set(path, text);
  }
  return runtime;
}

watch("findModules() follows relative imports of every kind", () => {
  const { files } = machine({
    "/srv/app.ts": `
      import a from "./a.ts"; import "../lib/b.js";
      export * from './c.ts';
      const d = await import("./d.ts"); const e = require('./e');
      import hono from "hono"; import type x from "jsr:@x/y";`,
    "/srv/a.ts": `import "./app.ts"; import "./deep/f.ts?x=1";`,
    "/srv/e.js": "broken (",
    "/srv/deep/f.ts": "",
  });
  assert.equal([...findModules("/srv/app.ts", files)].sort(), [
    "/lib/b.js",
    "/srv/a.ts",
    "/srv/app.ts",
    "/srv/c.ts",
    "/srv/d.ts",
    "/srv/deep/f.ts",
    "/srv/e.js",
  ]);
});

watch("findModules() comes to an end where files have none", () => {
  let read = 0;
  const found = findModules("/srv/0.ts", {
    kind: (path) => path.endsWith(".ts") ? "file" : undefined,
    readText: () => `import "./${++read}.ts"; import "./x${read}.ts";`,
  });
  assert.ok(found.size >= 5000 && found.size < 5010, `${found.size} files`);
});

function site(extra: string[] = []) {
  const runtime = machine({
    "/srv/app.ts": `import "./lib/a.ts";`,
    "/srv/lib/a.ts": "",
    "/srv/lib/readme.md": "",
    "/srv/views/x/page.html": "",
  });
  const changes: (readonly string[])[] = [];
  const watching = watchFiles({
    runtime,
    targets: () => ({ entries: ["/srv/app.ts"], extra }),
    onChange: (paths) => changes.push(paths),
  });
  const touch = (folder: string, name: string) =>
    runtime.watched.get(folder)?.(name);
  return { runtime, changes, watching, touch };
}

watch(
  "watchFiles() watches a folder again that was of no use meanwhile",
  () => {
    const { runtime, changes, touch } = site();
    for (const text of ["", `import "./lib/a.ts";`]) {
      runtime.files.texts.set("/srv/app.ts", text);
      touch("/srv", "app.ts");
      runtime.clock.pass(100);
      assert.is(runtime.watched.has("/srv/lib"), text !== "");
    }
    touch("/srv/lib", "a.ts");
    runtime.clock.pass(100);
    assert.equal(changes.at(-1), ["/srv/lib/a.ts"]);
  },
);

watch("watchFiles() tells of a change once, after it was quiet", () => {
  const { runtime, changes, touch } = site();
  touch("/srv", "app.ts");
  runtime.clock.pass(90);
  touch("/srv/lib", "a.ts");
  touch("/srv", "app.ts");
  runtime.clock.pass(90);
  assert.equal(changes, []);
  runtime.clock.pass(10);
  assert.equal(changes, [["/srv/app.ts", "/srv/lib/a.ts"]]);
  runtime.clock.pass(1000);
  assert.is(changes.length, 1);
});

watch("watchFiles() ignores what is no part of the app", () => {
  const { runtime, changes, touch } = site();
  touch("/srv", "app.ts.swp");
  touch("/srv", "4913");
  touch("/srv/lib", "readme.md");
  runtime.clock.pass(1000);
  assert.equal(changes, []);
});

watch("watchFiles() follows what the app imports since", () => {
  const { runtime, changes, touch } = site();
  runtime.files.texts.set("/srv/app.ts", `import "./new/b.ts";`);
  runtime.files.texts.set("/srv/new/b.ts", "");
  touch("/srv", "app.ts");
  runtime.clock.pass(100);
  assert.equal([...runtime.watched.keys()].sort(), ["/srv", "/srv/new"]);
  touch("/srv/new", "b.ts");
  runtime.clock.pass(100);
  assert.equal(changes[1], ["/srv/new/b.ts"]);
});

watch("watchFiles() watches further files and patterns", () => {
  const { runtime, changes, touch } = site([
    "/srv/views/**/*.html",
    "/srv/a.x",
  ]);
  touch("/srv/views/x", "page.html");
  touch("/srv", "a.x");
  runtime.clock.pass(100);
  assert.equal(changes, [["/srv/views/x/page.html", "/srv/a.x"]]);
});

watch("watchFiles() watches a folder anew that was made anew", () => {
  const { runtime, changes, touch } = site();
  // It is another one with its name.
  runtime.watched.delete("/srv/lib");
  runtime.clock.pass(600);
  assert.equal(changes, [["/srv/lib/a.ts"]]);
  touch("/srv/lib", "a.ts");
  runtime.clock.pass(100);
  assert.equal(changes.slice(1), [["/srv/lib/a.ts"]]);
});

watch("watchFiles() finds the app again after all of it was away", () => {
  const { runtime, changes, touch } = site(["/srv/views/**/*.html"]);
  const texts = [...runtime.files.texts];
  touch("/srv/lib", "a.ts");
  runtime.files.texts.clear();
  runtime.watched.clear();
  runtime.clock.pass(2000);
  assert.equal(changes, [["/srv/lib/a.ts"]]);
  assert.is(runtime.watched.size, 0);
  for (const [path, text] of texts) runtime.files.texts.set(path, text);
  runtime.clock.pass(1200);
  assert.equal(changes.slice(1), [["/srv/app.ts", "/srv/views"]]);
  touch("/srv/lib", "a.ts");
  touch("/srv/views/x", "page.html");
  runtime.clock.pass(100);
  assert.equal(changes.slice(2), [[
    "/srv/lib/a.ts",
    "/srv/views/x/page.html",
  ]]);
  runtime.clock.pass(5000);
  assert.is(changes.length, 3);
});

watch("watchFiles() ends with close()", () => {
  const { runtime, changes, watching, touch } = site();
  touch("/srv", "app.ts");
  watching.close();
  runtime.clock.pass(1000);
  assert.equal(changes, []);
  assert.is(runtime.watched.size, 0);
});

watch(
  "watchTargets() names the app, extra files and the config file",
  async () => {
    const config = await load({
      options: { app: "src/app.ts:make", reloadExtraFile: "../x/*.css" },
    });
    assert.equal(
      watchTargets({ ...config, folder: "/srv/a", file: "/etc/corn.json" }),
      {
        entries: ["/srv/a/src/app.ts"],
        extra: ["/srv/x/*.css", "/etc/corn.json"],
      },
    );
    const remote = await load({ options: { app: "jsr:@x/app" } });
    assert.equal(watchTargets(remote).entries, []);
  },
);

watch.run();

import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { findModules } from "../../../src/base/files/module-graph.ts";
import { watchTargets } from "../../../src/arbiter/watch/targets.ts";
import { watchFiles } from "../../../src/arbiter/watch/watch.ts";
import { load } from "../../config/support.ts";
import { FakeRuntime, systemError } from "../../support/fake/runtime.ts";

const watch = suite("watch");

/** A config file may be made later. */
const CONFIG_FILES = ["ts", "js", "mjs", "json"].map((end) =>
  `/srv/a/corn.config.${end}`
);

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

watch("findModules() finds what an import means, however it is written", () => {
  const { files } = machine({
    "/srv/app.ts": `
      import "./v%231.mjs"; import "./50%.mjs"; import './a%20b.mjs?x=1#y';
      const e = require("./e#1.cjs"); const r = require("./routes");
      import "./made.js"; import x from "./button.jsx"; export * from ".";
      import(/* webpackChunkName: "late" */ "./late.mjs");`,
    "/srv/v#1.mjs": "",
    "/srv/50%.mjs": "",
    "/srv/a b.mjs": "",
    "/srv/e#1.cjs": "",
    "/srv/routes/index.js": `require("../lib")`,
    "/srv/lib/index.cjs": "",
    "/srv/made.ts": "",
    "/srv/button.tsx": "",
    "/srv/index.ts": "",
    "/srv/late.mjs": "",
  });
  assert.equal(
    [...findModules("/srv/app.ts", files)].sort(),
    [...files.texts.keys()].sort(),
  );
});

watch("findModules() follows links, as imports are", () => {
  const { files } = machine({
    "/srv/app.ts": `import "./shared/a.ts"; import "./one.ts";`,
    "/repo/shared/a.ts": `import "../b.ts"`,
    "/repo/b.ts": "",
    "/repo/two.ts": `import "./three.ts"`,
    "/repo/three.ts": "",
  });
  files.links.set("/srv/shared", "/repo/shared");
  files.links.set("/srv/one.ts", "/repo/two.ts");
  assert.equal([...findModules("/srv/app.ts", files)].sort(), [
    "/repo/b.ts",
    "/repo/three.ts",
    "/repo/two.ts",
    "/srv/app.ts",
    "/srv/one.ts",
    "/srv/shared/a.ts",
    // Where Deno looks for what a link imports.
    "/srv/three.ts",
  ]);
});

watch("findModules() comes to an end where files have none", () => {
  let read = 0;
  const found = findModules("/srv/0.ts", {
    kind: (path) => path.endsWith(".ts") ? "file" : undefined,
    realPath: (path) => path,
    readText: () => `import "./${++read}.ts"; import "./x${read}.ts";`,
  });
  assert.ok(found.size >= 5000 && found.size < 5010, `${found.size} files`);
});

function site(extra: string[] = [], unwatchable = new Set<string>()) {
  const runtime = machine({
    "/srv/app.ts": `import "./lib/a.ts";`,
    "/srv/lib/a.ts": "",
    "/srv/lib/readme.md": "",
    "/srv/views/x/page.html": "",
  });
  for (const folder of unwatchable) runtime.unwatchable.add(folder);
  const changes: (readonly string[])[] = [];
  const warnings: string[] = [];
  const watching = watchFiles({
    runtime,
    log: { warning: (text) => void warnings.push(text) },
    targets: () => ({ entries: ["/srv/app.ts"], extra }),
    onChange: (paths) => changes.push(paths),
  });
  const touch = (folder: string, name: string) =>
    runtime.watched.get(folder)?.(name);
  return { runtime, changes, warnings, watching, touch };
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

watch("watchFiles() says where an app has too many files", () => {
  const { runtime, warnings, touch } = site();
  const names = Array.from({ length: 5001 }, (_, at) => `./m${at}.ts`);
  runtime.files.kind = () => "file";
  runtime.files.readText = (path) =>
    path === "/srv/app.ts"
      ? names.map((name) => `import "${name}";`).join("\n")
      : "";
  assert.equal(warnings, []);
  for (let count = 0; count < 2; count++) {
    touch("/srv", "app.ts");
    runtime.clock.pass(100);
  }
  assert.is(warnings.length, 1);
  assert.match(warnings[0] ?? "", /^The app imports more than 5000 files by/);
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

watch("watchFiles() looks at files, whatever the system tells", () => {
  const { runtime, changes, warnings } = site(["/srv/.env"]);
  for (const path of ["/srv/lib/a.ts", "/srv/.env"]) {
    runtime.files.texts.set(path, "other");
    runtime.clock.pass(600);
    assert.equal(changes.splice(0), [[path]]);
  }
  runtime.clock.pass(5000);
  assert.equal(changes, []);
  assert.equal(warnings, []);
});

watch("watchFiles() looks at folders that it cannot watch", () => {
  const { runtime, changes, warnings } = site(
    ["/srv/views", "/srv/docs/*.md"],
    new Set(["/srv/views", "/srv/views/x"]),
  );
  runtime.files.texts.set("/srv/views/x/new.html", "");
  runtime.clock.pass(600);
  assert.equal(changes, [["/srv/views/x/new.html"]]);
  assert.equal(warnings, [
    "Cannot watch /srv/views: ENOSPC: it was to be so; files in such folders are looked at twice a second instead",
  ]);
});

watch("watchFiles() ignores what no pattern means where it looks", () => {
  const { runtime, changes } = site(
    ["/srv/views/x/*.html"],
    new Set(["/srv/views/x"]),
  );
  runtime.files.texts.set("/srv/views/x/app.log", "a line");
  runtime.clock.pass(5000);
  assert.equal(changes, []);
  runtime.files.texts.set("/srv/views/x/new.html", "");
  runtime.clock.pass(600);
  assert.equal(changes, [["/srv/views/x/new.html"]]);
});

watch(
  "watchFiles() gives up what fails later, and no reload comes of it",
  () => {
    const { runtime, changes, touch } = site(["/srv/views"]);
    runtime.failedWatches.add("/srv/views/x");
    runtime.clock.pass(5000);
    assert.equal(changes, []);
    runtime.files.texts.set("/srv/views/x/page.html", "other");
    runtime.clock.pass(600);
    assert.equal(changes, [["/srv/views/x/page.html"]]);
    touch("/srv/lib", "a.ts");
    runtime.clock.pass(100);
    assert.is(changes.length, 2);
  },
);

watch("watchFiles() does not wait for quiet for ever", () => {
  const { runtime, changes, touch } = site();
  touch("/srv", "app.ts");
  for (let ms = 0; ms < 2500; ms += 50) {
    touch("/srv/lib", "a.ts");
    runtime.clock.pass(50);
  }
  assert.equal(changes, [["/srv/app.ts", "/srv/lib/a.ts"]]);
});

watch("watchFiles() is not led astray by links and closed folders", () => {
  const runtime = machine({
    "/srv/app.ts": "",
    "/srv/views/a/page.html": "",
    "/srv/views/closed/page.html": "",
    "/srv/views/z/page.html": "",
  });
  const { files } = runtime;
  files.links.set("/srv/views/a/up", "/srv");
  files.links.set("/srv/views/more", "/more");
  files.texts.set("/more/deep/page.html", "");
  files.failures.set("list /srv/views/closed", systemError("EACCES"));
  watchFiles({
    runtime,
    log: { warning() {} },
    targets: () => ({
      entries: ["/srv/app.ts"],
      extra: ["/srv/views", "/srv/views/z"],
    }),
    onChange() {},
  });
  assert.equal([...runtime.watched.keys()].sort(), [
    "/srv",
    "/srv/views",
    "/srv/views/a",
    "/srv/views/more",
    "/srv/views/more/deep",
    "/srv/views/z",
  ]);
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

watch("watchFiles() watches so many folders, and looks at the rest", () => {
  const runtime = machine({ "/srv/app.ts": "" });
  const folders = Array.from({ length: 2100 }, (_, at) => `/srv/f/${at}`);
  for (const folder of folders) runtime.files.texts.set(`${folder}/a.x`, "");
  // As a real system does, without looking at each of them for each.
  const known = new Set(["/srv", ...folders]);
  runtime.files.kind = (path) =>
    known.has(path)
      ? "folder"
      : runtime.files.texts.has(path)
      ? "file"
      : undefined;
  const warnings: string[] = [];
  const changes: (readonly string[])[] = [];
  const watching = watchFiles({
    runtime,
    log: { warning: (text) => void warnings.push(text) },
    targets: () => ({
      entries: ["/srv/app.ts"],
      extra: folders.map((folder) => `${folder}/*.x`),
    }),
    onChange: (paths) => changes.push(paths),
  });
  assert.is(runtime.watched.size, 2000);
  const unwatched = folders.find((one) => !runtime.watched.has(one));
  runtime.files.texts.set(`${unwatched}/a.x`, "other");
  runtime.clock.pass(600);
  assert.equal(changes, [[`${unwatched}/a.x`]]);
  watching.close();
});

watch("watchFiles() says where there are too many folders", () => {
  const runtime = machine({ "/srv/app.ts": "" });
  for (let at = 0; at < 2100; at++) {
    runtime.files.texts.set(`/srv/f/${at}/a.x`, "");
  }
  const names = Array.from({ length: 2100 }, (_, at) => String(at));
  runtime.files.listFolders = (path) => path === "/srv/f" ? names : [];
  runtime.files.kind = () => "folder";
  const warnings: string[] = [];
  const watching = watchFiles({
    runtime,
    log: { warning: (text) => void warnings.push(text) },
    targets: () => ({ entries: ["/srv/app.ts"], extra: ["/srv/f"] }),
    onChange() {},
  });
  assert.equal(warnings, [
    "More than 2000 folders are named by --reload-extra-file: not all of them are watched",
  ]);
  watching.close();
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
        entries: ["/srv/a/src/app.ts", "/etc/corn.json", ...CONFIG_FILES],
        extra: ["/srv/x/*.css"],
      },
    );
    const remote = await load({ options: { app: "jsr:@x/app" } });
    assert.equal(
      watchTargets({ ...remote, folder: "/srv/a" }).entries,
      CONFIG_FILES,
    );
  },
);

watch.run();

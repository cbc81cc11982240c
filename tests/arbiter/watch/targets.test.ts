import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import {
  findScope,
  isFolder,
  watchTargets,
} from "../../../src/arbiter/watch/targets.ts";
import { FakeFiles, systemError } from "../../support/fake/runtime.ts";
import { load } from "../../config/support.ts";

const targets = suite("targets of a watch");

function machine(...paths: readonly string[]): FakeFiles {
  const files = new FakeFiles();
  for (const path of paths) files.texts.set(path, "");
  return files;
}

/** The scope of these, in so many folders at most. */
function scopeOf(
  files: FakeFiles,
  { entries = [], extra = [], most = 2000 }: {
    entries?: readonly string[];
    extra?: readonly string[];
    most?: number;
  },
) {
  const scope = findScope({ entries, extra }, files, most);
  return {
    ...scope,
    files: [...scope.files].sort(),
    folders: [...scope.folders].sort(),
  };
}

targets("a file is watched by its name, and where that leads to", () => {
  const files = machine("/etc/real.env");
  files.links.set("/srv/.env", "/etc/real.env");
  const { files: found, folders } = scopeOf(files, {
    extra: ["/srv/.env", "/srv/later.env"],
  });
  assert.equal(found, ["/etc/real.env", "/srv/.env", "/srv/later.env"]);
  assert.equal(folders, ["/etc", "/srv"]);
});

targets("a folder stands for all that is in it, but for what is hidden", () => {
  const files = machine(
    ...["/v/a.html", "/v/x/b.html", "/v/x/y/c.html"],
    ...["/v/.git/d", "/v/node_modules/e/f.js", "/w/g.css", "/w/x/h.css"],
  );
  const { globs, folders, cut } = scopeOf(files, {
    extra: ["/v", "/w/*.css"],
  });
  assert.equal(folders, ["/v", "/v/x", "/v/x/y", "/w"]);
  const matches = (path: string) => globs.some((glob) => glob.matches(path));
  assert.equal(["/v/x/y/c.html", "/w/g.css", "/w/x/h.css"].map(matches), [
    ...[true, true, false],
  ]);
  assert.is(cut, false);
});

targets("a pattern is watched where its folder is to come", () => {
  const { folders } = scopeOf(machine("/srv/a"), { extra: ["/later/**/*.x"] });
  assert.equal(folders, ["/later"]);
});

targets("so many folders are watched, and no more", () => {
  const files = machine("/v/1/a", "/v/2/a", "/v/3/a");
  const all = ["/v", "/v/1", "/v/2", "/v/3"];
  const exact = scopeOf(files, { extra: ["/v"], most: 4 });
  assert.equal([exact.folders, exact.cut], [all, false]);
  const few = scopeOf(files, { extra: ["/v"], most: 3 });
  assert.equal([few.folders.length, few.cut], [3, true]);
  // What is named twice is there once.
  const twice = scopeOf(files, { extra: ["/v", "/v/**"], most: 4 });
  assert.equal([twice.folders, twice.cut], [all, false]);
});

targets("an app of too many modules is one, whatever else is small", () => {
  const files = machine("/srv/b.ts", "/srv/app.ts");
  assert.is(
    scopeOf(files, { entries: ["/srv/b.ts", "/srv/app.ts"] }).modulesCut,
    false,
  );
  const imports = Array.from({ length: 5001 }, (_, at) => {
    files.texts.set(`/srv/m${at}.ts`, "");
    return `import "./m${at}.ts";`;
  });
  // As a real system does, without looking at each for each.
  files.kind = (path) => files.texts.has(path) ? "file" : undefined;
  files.texts.set("/srv/app.ts", imports.join("\n"));
  assert.is(
    scopeOf(files, { entries: ["/srv/b.ts", "/srv/app.ts"] }).modulesCut,
    true,
  );
});

targets("links are followed once, and never back up", () => {
  const files = machine("/v/a/x", "/other/deep/y");
  files.links.set("/v/one", "/other");
  files.links.set("/v/two", "/other");
  files.links.set("/v/a/up", "/v");
  files.links.set("/v/a/own", "/v/a");
  const { folders } = scopeOf(files, { extra: ["/v"] });
  assert.equal(folders.filter((one) => one.startsWith("/v/a")), ["/v/a"]);
  assert.equal(folders.filter((one) => one.endsWith("/deep")).length, 1);
});

targets("isFolder() is false for what may not be looked at", () => {
  const files = machine("/v/a", "/w/a");
  files.failures.set("list /w", systemError("EACCES"));
  assert.equal(
    ["/v", "/v/a", "/w", "/none"].map((one) => isFolder(one, files)),
    [
      ...[true, false, false, false],
    ],
  );
});

targets(
  "watchTargets() names tasks and files of variables, each once",
  async () => {
    const config = await load({
      options: {
        app: "app.ts",
        tasks: { images: { module: "app.ts" }, mails: { module: "mails.ts" } },
        envFile: ".env",
      },
    });
    const { entries, extra } = watchTargets({ ...config, folder: "/srv/a" });
    assert.equal(entries.slice(0, 2), ["/srv/a/app.ts", "/srv/a/mails.ts"]);
    assert.is(new Set(entries).size, entries.length);
    assert.equal(extra, ["/srv/a/.env"]);
  },
);

targets.run();

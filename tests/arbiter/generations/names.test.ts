import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { namesOf } from "../../../src/arbiter/generations/names.ts";
import {
  findRelease,
  isThere,
} from "../../../src/arbiter/generations/release.ts";
import { relativePath } from "../../../src/base/path.ts";
import { load } from "../../config/support.ts";
import { FakeRuntime } from "../../support/fake/runtime.ts";

const names = suite("names");

/** A machine with two releases, the first of which is current. */
function machine(command: readonly string[]) {
  const runtime = new FakeRuntime();
  const { files } = runtime;
  for (const number of [1, 2]) {
    const package_ = `/srv/r/${number}/node_modules/corn`;
    files.texts.set(`/srv/r/${number}/app.ts`, "");
    files.texts.set(`${package_}/bin/corn.js`, "");
    files.texts.set(`${package_}/dist/worker.js`, "");
    files.links.set(
      `/srv/r/${number}/node_modules/.bin/corn`,
      `${package_}/bin/corn.js`,
    );
  }
  files.links.set("/srv/current", "/srv/r/1");
  files.texts.set("/opt/node/24/node", "");
  files.links.set("/usr/bin/node", "/opt/node/24/node");
  runtime.env.PATH = "/usr/local/bin:/usr/bin";
  Object.assign(runtime.self, {
    executable: "/opt/node/24/node",
    program: "/srv/r/1/node_modules/corn/bin/corn.js",
    start: { command, folder: "/srv/current" },
    cwd: () => "/srv/r/1",
  });
  return runtime;
}

const MODULE = "file:///srv/r/1/node_modules/corn/dist/worker.js";
const starts: readonly (readonly string[])[] = [
  ["node", "node_modules/.bin/corn", "app.ts"],
  ["node", "/srv/current/node_modules/corn/bin/corn.js"],
  ["/usr/bin/node", "--smol", "./node_modules/corn/bin/corn.js"],
];
for (const command of starts) {
  names(`corn started by "${command.join(" ")}" is found anew`, () => {
    const runtime = machine(command);
    const found = namesOf(runtime, MODULE);
    assert.is(found.folder, "/srv/current");
    assert.is(found.worker(), MODULE);
    assert.is(found.executable(), "/opt/node/24/node");
    runtime.files.links.set("/srv/current", "/srv/r/2");
    assert.is(found.worker(), MODULE.replace("/1/", "/2/"));
    runtime.files.texts.set("/opt/node/26/node", "");
    runtime.files.links.set("/usr/bin/node", "/opt/node/26/node");
    assert.is(found.executable(), "/opt/node/26/node");
  });
}

names("corn started from another folder is found anew by its path", () => {
  const path = "/srv/current/node_modules/corn/bin/corn.js";
  const runtime = machine(["node", path]);
  const { start } = runtime.self;
  Object.assign(runtime.self, {
    start: { ...start, folder: "/home/jane" },
    cwd: () => "/home/jane",
  });
  const found = namesOf(runtime, MODULE);
  runtime.files.links.set("/srv/current", "/srv/r/2");
  assert.is(found.worker(), MODULE.replace("/1/", "/2/"));
});

names("corn that no word of the command names is found in its folder", () => {
  const runtime = machine(["node"]);
  const found = namesOf(runtime, MODULE);
  runtime.files.links.set("/srv/current", "/srv/r/2");
  assert.is(found.worker(), MODULE.replace("/1/", "/2/"));
  // Where the next release has none, the old one is all there is.
  runtime.files.texts.set("/srv/r/3/app.ts", "");
  runtime.files.links.set("/srv/current", "/srv/r/3");
  assert.is(found.worker(), MODULE);
  runtime.files.links.set("/srv/current", "/srv/gone");
  assert.is(found.worker(), MODULE);
});

names("corn that stands elsewhere stays where it is", () => {
  const runtime = machine(["node"]);
  runtime.files.texts.set("/opt/corn/dist/worker.js", "");
  Object.assign(runtime.self, { program: "/opt/corn/bin/corn.js" });
  const found = namesOf(runtime, "file:///opt/corn/dist/worker.js");
  runtime.files.links.set("/srv/current", "/srv/r/2");
  assert.is(found.worker(), "file:///opt/corn/dist/worker.js");
});

names("a runtime that is gone from PATH stays the one that was found", () => {
  const runtime = machine(["node", "/srv/current/app.ts"]);
  runtime.env.PATH = "";
  assert.is(namesOf(runtime, MODULE).executable(), "/opt/node/24/node");
  runtime.env.PATH = ":/usr/bin:";
  const found = namesOf(runtime, MODULE);
  runtime.files.links.delete("/usr/bin/node");
  assert.is(found.executable(), "/opt/node/24/node");
});

names("what a shim starts, and what is no file, stays", () => {
  const runtime = machine(["node", "cli"]);
  runtime.files.links.set("/usr/bin/node", "/opt/shim");
  runtime.files.texts.set("/opt/shim", "");
  const found = namesOf(runtime, "jsr:@corn/corn/worker");
  assert.is(found.executable(), "/opt/node/24/node");
  assert.is(found.worker(), "jsr:@corn/corn/worker");
});

names("a program that changed its folder has no name of its start", () => {
  const runtime = machine(["node", "program.ts"]);
  Object.assign(runtime.self, { cwd: () => "/elsewhere" });
  assert.is(namesOf(runtime, MODULE).folder, "/elsewhere");
});

names("a release keeps what it was found with until that is gone", async () => {
  const runtime = machine(["node", "node_modules/.bin/corn"]);
  const { files } = runtime;
  const found = namesOf(runtime, MODULE);
  const config = {
    ...await load({ options: { app: "app.ts" } }),
    folder: "/srv/current",
  };
  const release = findRelease(config, runtime, found);
  files.links.set("/srv/current", "/srv/r/2");
  assert.is(release.folder, "/srv/r/1");
  assert.is(release.app.url, "file:///srv/r/1/app.ts");
  assert.ok(isThere(release, files));
  files.remove("/srv/r/1/app.ts");
  assert.not.ok(isThere(release, files));
  const next = findRelease(config, runtime, found);
  assert.is(next.app.url, "file:///srv/r/2/app.ts");
  assert.is(
    next.command.args.at(-1),
    "/srv/r/2/node_modules/corn/dist/worker.js",
  );
});

names("relativePath() leads from a folder to a path", () => {
  assert.is(relativePath("/a/bin", "/a/dist/mod.js"), "../dist/mod.js");
  assert.is(relativePath("/a", "/a/mod.ts"), "mod.ts");
  assert.is(relativePath("/", "/a/mod.ts"), "a/mod.ts");
  assert.is(relativePath("/a/b", "/c"), "../../c");
});

names("folders of PATH that this user may not enter are passed over", () => {
  const runtime = machine(["node", "/srv/current/app.ts"]);
  runtime.env.PATH = "/root/bin:/usr/bin";
  const refused = Object.assign(new Error("EACCES"), { code: "EACCES" });
  runtime.files.failures.set("list /root/bin/node", refused);
  const found = namesOf(runtime, MODULE);
  assert.is(found.executable(), "/opt/node/24/node");
});

names.run();

import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { namesOf } from "../../../src/arbiter/generations/names.ts";
import { findRelease } from "../../../src/arbiter/generations/release.ts";
import { watchTargets } from "../../../src/arbiter/watch/targets.ts";
import {
  AppError,
  ConfigError,
  MissingAppError,
} from "../../../src/base/errors.ts";
import type { CornConfig } from "../../../src/config/table/types.ts";
import { FakeRuntime, systemError } from "../../support/fake/runtime.ts";
import { configOf } from "../site.ts";

const release = suite("release");

/** Why the app is not found on a machine that is prepared so. */
async function refusal(
  prepare: (runtime: FakeRuntime) => void,
  settings: Omit<CornConfig, "app"> = {},
) {
  const runtime = new FakeRuntime();
  runtime.files.texts.set("/srv/other.ts", "");
  prepare(runtime);
  const config = await configOf({ ...settings, app: "app.ts" });
  try {
    findRelease(config, runtime, namesOf(runtime, "file:///corn/worker.ts"));
  } catch (error) {
    return error as Error;
  }
  throw new Error("Cannot take the refusal: nothing was refused");
}

release("findRelease() tells of an app that is missing", async () => {
  const error = await refusal(() => {});
  assert.instance(error, MissingAppError);
  assert.is(error.message, 'Cannot load app "app.ts": no such file in /srv');
});

release(
  "findRelease() tells of an app that this user may not see",
  async () => {
    const error = await refusal(({ files }) =>
      files.failures.set("list /srv/app.ts", systemError("EACCES"))
    );
    assert.instance(error, AppError);
    assert.match(
      error.message,
      'app.ts": permission denied, this user may not',
    );
  },
);

release(
  "findRelease() finds an app in a folder whose name has a colon",
  async () => {
    const runtime = new FakeRuntime();
    runtime.files.texts.set("/srv/q:r/app.ts", "");
    const config = await configOf({ app: "q:r/app.ts" });
    const names = namesOf(runtime, "file:///corn/worker.ts");
    const { app, needs } = findRelease(config, runtime, names);
    assert.is(app.url, "file:///srv/q%3Ar/app.ts");
    assert.ok(needs.includes("/srv/q:r/app.ts"));
    assert.equal(watchTargets(config).entries[0], "/srv/q:r/app.ts");
  },
);

release("findRelease() gives the runtime its flags", async () => {
  const runtime = new FakeRuntime();
  runtime.files.texts.set("/srv/app.ts", "");
  runtime.files.texts.set("/srv/.env", "");
  const config = await configOf({
    app: "app.ts",
    envFile: ".env",
    import: ["tsx"],
    workerArgs: ["--expose-gc"],
  });
  const names = namesOf(runtime, "file:///corn/worker.ts");
  const { command, needs } = findRelease(config, runtime, names);
  assert.equal(command.args.slice(1), [
    "--env-file=/srv/.env",
    "--import=tsx",
    "--expose-gc",
    "/corn/worker.ts",
  ]);
  assert.ok(needs.includes("/srv/.env"));
});

release("findRelease() refuses a file of variables that is none", async () => {
  const prepare = ({ files }: FakeRuntime) =>
    void files.texts.set("/srv/app.ts", "");
  const missing = await refusal(prepare, { envFile: "no.env" });
  assert.instance(missing, ConfigError);
  assert.match(
    missing.message,
    /^Cannot use envFile "no\.env" from .*: no such file in \/srv$/,
  );
  const folder = await refusal(prepare, { envFile: "/srv" });
  assert.match(folder.message, ": it is a folder");
});

release(
  "findRelease() finds the folders of files that are served",
  async () => {
    const runtime = new FakeRuntime();
    runtime.files.texts.set("/srv/app.ts", "");
    runtime.files.texts.set("/data/2/logo.png", "");
    runtime.files.links.set("/srv/web", "/data/2");
    const config = await configOf({ app: "app.ts", static: ["web=/files"] });
    const names = namesOf(runtime, "file:///corn/worker.ts");
    const { folders, needs } = findRelease(config, runtime, names);
    assert.equal(folders, [{ root: "/data/2", prefix: "/files" }]);
    assert.ok(needs.includes("/data/2"));
  },
);

release("findRelease() refuses to serve a folder that is none", async () => {
  const prepare = ({ files }: FakeRuntime) =>
    void files.texts.set("/srv/app.ts", "");
  const missing = await refusal(prepare, { static: ["web"] });
  assert.instance(missing, ConfigError);
  assert.match(
    missing.message,
    /^Cannot use static "web" from .*: no such folder in \/srv$/,
  );
  const file = await refusal(prepare, { static: ["other.ts"] });
  assert.match(file.message, ": it is a file");
});

release.run();

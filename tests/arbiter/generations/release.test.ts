import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { namesOf } from "../../../src/arbiter/generations/names.ts";
import { findRelease } from "../../../src/arbiter/generations/release.ts";
import { AppError, MissingAppError } from "../../../src/base/errors.ts";
import { FakeRuntime, systemError } from "../../support/fake/runtime.ts";
import { configOf } from "../site.ts";

const release = suite("release");

/** Why the app is not found on a machine that is prepared so. */
async function refusal(prepare: (runtime: FakeRuntime) => void) {
  const runtime = new FakeRuntime();
  runtime.files.texts.set("/srv/other.ts", "");
  prepare(runtime);
  const config = await configOf({ app: "app.ts" });
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

release.run();

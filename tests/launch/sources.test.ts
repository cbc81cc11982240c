import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { configReader, enterFolder } from "../../src/launch/sources.ts";
import type { Sources } from "../../src/launch/sources.ts";
import { ConfigError } from "../../src/base/errors.ts";
import { failure } from "../config/support.ts";
import { FakeRuntime, systemError } from "../support/fake/runtime.ts";

const sources = suite("sources");

/** A reader on a machine where something is to be in the working folder. */
function reader(given: Sources, prepare: (runtime: FakeRuntime) => void) {
  const runtime = new FakeRuntime();
  runtime.files.texts.set(`${runtime.self.cwd()}/app.ts`, "");
  prepare(runtime);
  const worker = "file:///corn/worker.ts";
  const folder = runtime.self.cwd();
  return configReader({ runtime, worker }, given, {
    folder,
    worker: () => worker,
    executable: () => runtime.self.executable,
  });
}

sources("configReader() has the right word at each reading", async () => {
  const options = { port: 3000, instances: 4 } as Sources["options"];
  const read = reader({ options }, () => {});
  for (let time = 0; time < 2; time++) {
    const error = await failure(read());
    assert.instance(error, ConfigError);
    assert.equal(error.message.split("\n"), [
      'Cannot use "port" from serve(): a port is bind: ":3000"',
      'Cannot use "instances" from serve(): the number of processes is workers: 4',
    ]);
  }
});

sources("configReader() tells where this user may not look", async () => {
  const read = reader({}, ({ files, self }) => {
    const path = `${self.cwd()}/corn.config.ts`;
    files.failures.set(`list ${path}`, systemError("EACCES"));
  });
  const error = await failure(read());
  assert.instance(error, ConfigError);
  assert.match(
    error.message,
    /^Cannot look for ".*corn\.config\.ts": permission denied/,
  );
});

sources("configReader() reads a config file anew each time", async () => {
  const times: number[] = [];
  let guarded = 0;
  const prepare = (runtime: FakeRuntime) => {
    runtime.files.texts.set("/srv/corn.config.ts", "");
    runtime.importAnew = (_url, time) => {
      times.push(time);
      return Promise.resolve({ default: { app: "app.ts" } });
    };
    runtime.withoutExit = (run) => {
      guarded++;
      return run();
    };
  };
  const read = reader({}, prepare);
  await read();
  await read();
  assert.equal([times, guarded], [[0, 1], 2]);
  // A program may end its own process.
  await reader({ options: {} }, prepare)();
  assert.is(guarded, 2);
});

sources(
  "configReader() refuses a reading whose config file is gone",
  async () => {
    let files = new Map<string, string>();
    const read = reader({}, (runtime) => {
      files = runtime.files.texts;
      files.set("/srv/corn.config.json", '{"bind": ":9000"}');
    });
    await read();
    files.delete("/srv/corn.config.json");
    for (let time = 0; time < 2; time++) {
      assert.is(
        (await failure(read())).message,
        'Cannot load config file "corn.config.json": it is not there any more; put it back, or start corn anew without one',
      );
    }
    // One of another name takes its place.
    files.set("/srv/corn.config.json", "{}");
    await read();
  },
);

sources("enterFolder() tells of a folder that may not be entered", () => {
  const refuse = () => {
    throw systemError("EACCES");
  };
  assert.throws(
    () => enterFolder("/root", { chdir: refuse }),
    (error: unknown) =>
      error instanceof ConfigError &&
      error.message === 'Cannot change to folder "/root": permission denied',
  );
});

sources.run();

import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { describeUnread } from "../../src/launch/unread.ts";
import { FakeRuntime, systemError } from "../support/fake/runtime.ts";

const unread = suite("unread");

const folder = "/srv";
const config = { file: undefined, folder };

function lines(env: Readonly<Record<string, string>>): string[] {
  const runtime = new FakeRuntime();
  Object.assign(runtime.env, env);
  return describeUnread(config, runtime);
}

unread("GUNICORN_CMD_ARGS is named, with its counterpart", () => {
  assert.equal(lines({ GUNICORN_CMD_ARGS: "-w 4" }), [
    "GUNICORN_CMD_ARGS from the environment ignored: corn reads CORN_CMD_ARGS",
  ]);
  assert.equal(lines({ GUNICORN_CMD_ARGS: "" }), []);
  const both = { GUNICORN_CMD_ARGS: "-w 4", CORN_CMD_ARGS: "-w 4" };
  assert.equal(lines(both), []);
});

unread("a variable that has a counterpart is named", () => {
  assert.equal(lines({ GUNICORN_WORKERS: "4", GUNICORN_PID: "corn.pid" }), [
    "GUNICORN_WORKERS from the environment ignored: corn reads CORN_WORKERS",
    "GUNICORN_PID from the environment ignored: corn reads CORN_PID",
  ]);
  const others = {
    GUNICORN_PID: "77",
    GUNICORN_FD: "3,4",
    GUNICORN_DIRTY_SOCKET: "/run/dirty.sock",
    GUNICORN_OF_MY_OWN: "1",
    MY_GUNICORN_WORKERS: "4",
  };
  assert.equal(lines(others), []);
});

unread("gunicorn.conf.py is named, but beside a config file", () => {
  const runtime = new FakeRuntime();
  const path = `${folder}/gunicorn.conf.py`;
  runtime.files.texts.set(path, "workers = 4");
  const [line = "", ...more] = describeUnread(config, runtime);
  assert.match(
    line,
    /^gunicorn\.conf\.py ignored: corn reads corn\.config\.ts/,
  );
  assert.equal(more, []);
  const converted = { ...config, file: `${folder}/corn.config.ts` };
  assert.equal(describeUnread(converted, runtime), []);
  const closed = new FakeRuntime();
  closed.files.failures.set(`list ${path}`, systemError("EACCES"));
  assert.equal(describeUnread(config, closed), [], "it may not be looked at");
});

unread.run();

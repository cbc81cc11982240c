import {
  AppError,
  BindError,
  BootError,
  codeOf,
  ConfigError,
  CornError,
  LogFileError,
  messageOf,
  MissingAppError,
  PidfileError,
  reasonOf,
  SecondArgumentError,
  together,
  UnknownFlagError,
  UnknownSettingError,
  UnknownVariableError,
  UsageError,
} from "../../src/base/errors.ts";
import * as assert from "../support/assert.ts";
import { systemError } from "../support/fake/runtime.ts";
import { suite } from "../support/suite.ts";

const errors = suite("errors");

errors("each failure has its class's name, and its exit code", () => {
  const given = { first: "a", second: "b" };
  const all: readonly (readonly [CornError, code: number])[] = [
    [new CornError("x"), 1],
    [new UsageError("x"), 2],
    [new UnknownFlagError("--x", "", "y"), 2],
    [new SecondArgumentError("x", given), 2],
    [new ConfigError("x"), 1],
    [new UnknownVariableError("CORN_X", "y"), 1],
    [new UnknownSettingError("x", "serve()", "y"), 1],
    [new BindError("x"), 1],
    [new PidfileError("x"), 1],
    [new LogFileError("x"), 1],
    [new BootError("x"), 3],
    [new AppError("x"), 4],
    [new MissingAppError("x", "y"), 4],
  ];
  for (const [error, code] of all) {
    assert.is(error.name, error.constructor.name);
    assert.is(error.exitCode, code, error.name);
  }
});

errors("answered() gives another reason, and keeps the rest", () => {
  const flag = new UnknownFlagError("--x", " from CORN_CMD_ARGS", "a");
  assert.is(
    flag.answered("b").message,
    'Cannot use flag "--x" from CORN_CMD_ARGS: b',
  );
  assert.is(
    new UnknownVariableError("CORN_X", "a").answered("b").message,
    "Cannot use CORN_X from the environment: b",
  );
  assert.is(
    new UnknownSettingError("x", "serve()", "a").answered("b").message,
    'Cannot use "x" from serve(): b',
  );
  const app = new MissingAppError("a.ts", "there is none:\nno file");
  assert.is(
    app.answered("b").message,
    'Cannot load app "a.ts": there is none:\nno file; b',
  );
  assert.is(app.answered("b").path, "a.ts");
});

errors("together() tells several, with the class of the first", () => {
  const [usage, config] = [new UsageError("a"), new ConfigError("b")];
  assert.is(together([config]), config);
  const two = together([config, usage]);
  assert.equal([two.message, two.exitCode], ["b\na", 1]);
  assert.instance(two, ConfigError);
  const three = together([usage, two]);
  assert.equal([three.message, three.exitCode], ["a\nb\na", 2]);
  assert.equal(three.parts, [usage, config, usage]);
});

errors("anything thrown has a message, and may have a code", () => {
  const odd = { toString: () => assert.unreachable() };
  const things = [new Error("a"), "b", undefined, Object.create(null), odd];
  assert.equal(things.map(messageOf), [
    ...["a", "b", "undefined", "something that has no text"],
    "something that has no text",
  ]);
  const codes = [systemError("EIO"), { code: 7 }, null, undefined, "EIO"];
  assert.equal(codes.map(codeOf), ["EIO", ...Array(4).fill(undefined)]);
});

errors("reasonOf() says why a file cannot be written", () => {
  const codes = ["ENOENT", "EACCES", "EPERM", "EROFS", "EISDIR", "ENOTDIR"];
  const denied =
    "permission denied; choose a folder that this user may write to";
  assert.equal([...codes, "ENXIO"].map((one) => reasonOf(systemError(one))), [
    ...["its folder does not exist", denied, denied],
    ...["the file system is read-only", "it is a folder"],
    ...["its folder is a file", "it is a socket, or a pipe that nobody reads"],
  ]);
  assert.is(reasonOf(new Error("else")), "else");
});

errors.run();

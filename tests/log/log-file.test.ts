import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { LogFileError } from "../../src/base/errors.ts";
import { LogFile } from "../../src/log/log-file.ts";
import { FakeFiles, systemError } from "../support/fake/runtime.ts";

const logFile = suite("LogFile");
const PATH = "/var/log/corn.log";

logFile("write() appends to what is there", () => {
  const files = new FakeFiles();
  files.texts.set(PATH, "before\n");
  const file = new LogFile(PATH, files);
  assert.is(file.write("one\n"), true);
  assert.is(file.write("zwölf\n"), true);
  assert.is(files.texts.get(PATH), "before\none\nzwölf\n");
});

logFile("write() begins a line of its own after one that was cut off", () => {
  const files = new FakeFiles();
  const file = new LogFile(PATH, files);
  files.rooms.set(PATH, 6);
  assert.is(file.write("one\n"), true);
  assert.is(file.write("two\n"), false);
  assert.is(file.write("three\n"), false);
  files.rooms.delete(PATH);
  assert.is(file.write("four\n"), true);
  assert.is(file.write("five\n"), true);
  assert.is(files.texts.get(PATH), "one\ntw\nfour\nfive\n");
});

logFile("write() appends a text of any length as a whole", () => {
  const files = new FakeFiles();
  const file = new LogFile(PATH, files);
  let all = "";
  for (const length of [4095, 4096, 5000, 96 * 1024, 96 * 1024 + 1, 5000]) {
    for (const letter of ["x", "ü", "世"]) {
      const text = `${letter.repeat(length)}\n`;
      assert.ok(file.write(text));
      all += text;
    }
  }
  assert.ok(files.texts.get(PATH) === all);
});

logFile("abandon() gives how many lines a reader has not taken", () => {
  const files = new FakeFiles();
  const { openAppend } = files;
  files.openAppend = (path) => ({
    ...openAppend.call(files, path),
    abandon: () => 3,
  });
  assert.is(new LogFile(PATH, files).abandon(), 3);
});

for (
  const [code, reason] of [
    ["ENOENT", "its folder does not exist"],
    [
      "EACCES",
      "permission denied; choose a folder that this user may write to",
    ],
    ["EISDIR", "it is a folder"],
    ["ENOTDIR", "its folder is a file"],
    ["EROFS", "the file system is read-only"],
    ["ENXIO", "it is a socket, or a pipe that nobody reads"],
    ["EIO", "EIO: it was to be so"],
  ] as const
) {
  logFile(`a file that cannot be opened is refused for ${code}`, () => {
    const files = new FakeFiles();
    files.failures.set(`openAppend ${PATH}`, systemError(code));
    try {
      new LogFile(PATH, files);
    } catch (error) {
      assert.instance(error, LogFileError);
      assert.is(
        (error as Error).message,
        `Cannot open log file "${PATH}": ${reason}`,
      );
      return;
    }
    assert.unreachable();
  });
}

logFile.run();

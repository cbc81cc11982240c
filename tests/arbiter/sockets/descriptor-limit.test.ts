import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import {
  checkDescriptorLimit,
  readDescriptorLimit,
  warnOfDescriptorLimit,
} from "../../../src/arbiter/sockets/descriptor-limit.ts";
import { ConfigError } from "../../../src/base/errors.ts";
import { FakeFiles, systemError } from "../../support/fake/runtime.ts";

const limit = suite("descriptor-limit");

const PATH = "/proc/self/limits";

function read(soft: string): number | undefined {
  const files = new FakeFiles();
  files.texts.set(
    PATH,
    `Limit                     Soft Limit           Hard Limit           Units
Max stack size            8388608              unlimited            bytes
Max open files            ${soft.padEnd(20)} 524288               files
`,
  );
  return readDescriptorLimit(files);
}

limit("readDescriptorLimit() reads the soft limit", () => {
  assert.is(read("1024"), 1024);
  assert.is(read("1048576"), 1048576);
});

limit("readDescriptorLimit() knows none where it is unlimited", () => {
  assert.is(read("unlimited"), undefined);
});

limit("readDescriptorLimit() knows none where there is no /proc", () => {
  assert.is(readDescriptorLimit(new FakeFiles()), undefined);
  const files = new FakeFiles();
  files.texts.set(PATH, "nonsense");
  assert.is(readDescriptorLimit(files), undefined);
  files.failures.set(`readText ${PATH}`, systemError("EACCES"));
  assert.is(readDescriptorLimit(files), undefined);
});

function check(given: number | undefined, workers: number, threads = 1): void {
  checkDescriptorLimit(given, { workers, threads });
}

function warnings(given: number | undefined): string[] {
  const said: string[] = [];
  warnOfDescriptorLimit(given, { warning: (text) => said.push(text) });
  return said;
}

limit(
  "checkDescriptorLimit() is content with enough, and with no limit",
  () => {
    assert.not.throws(() => check(1024, 4, 100));
    assert.not.throws(() => check(undefined, 1000, 256));
  },
);

limit("warnOfDescriptorLimit() warns of one that is soon reached", () => {
  assert.equal(warnings(undefined), []);
  assert.equal(warnings(1024), []);
  assert.equal(warnings(256), [
    "The limit of open files is 256: each connection takes one; raise it with ulimit -n, LimitNOFILE= or --ulimit",
  ]);
});

limit("checkDescriptorLimit() refuses a pool that could not start", () => {
  assert.not.throws(() => check(64, 4));
  assert.throws(
    () => check(63, 4),
    (error: unknown) =>
      error instanceof ConfigError &&
      error.message ===
        "Cannot run 4 workers with 63 open files: corn needs 64; give fewer, or raise the limit with ulimit -n, LimitNOFILE= or --ulimit",
  );
});

limit("checkDescriptorLimit() refuses threads that could not start", () => {
  assert.not.throws(() => check(1024, 1, 122));
  assert.throws(
    () => check(1024, 1, 256),
    /^Cannot run 256 threads a worker with 1024 open files: corn needs 2096; give fewer,/,
  );
});

limit.run();

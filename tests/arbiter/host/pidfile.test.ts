import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { writePidfile } from "../../../src/arbiter/host/pidfile.ts";
import { PidfileError } from "../../../src/base/errors.ts";
import { FakeRuntime, systemError } from "../../support/fake/runtime.ts";

const pidfile = suite("pidfile");

const PATH = "/run/corn.pid";

function refuses(runtime: FakeRuntime, message: string): void {
  assert.throws(
    () => writePidfile(PATH, runtime),
    (error: unknown) =>
      error instanceof PidfileError && error.message === message,
  );
}

pidfile(
  "writePidfile() writes the pid, and removes the file at the end",
  () => {
    const runtime = new FakeRuntime();
    const held = writePidfile(PATH, runtime);
    assert.equal([...runtime.files.texts], [[PATH, "100\n"]]);
    held.close();
    assert.is(runtime.files.texts.size, 0);
    held.close();
  },
);

for (const text of ["999\n", "", "abc", "-1", "1.5", "100\n"]) {
  pidfile(`writePidfile() replaces ${JSON.stringify(text)}`, () => {
    const runtime = new FakeRuntime();
    runtime.files.texts.set(PATH, text);
    writePidfile(PATH, runtime);
    assert.is(runtime.files.texts.get(PATH), "100\n");
  });
}

pidfile("writePidfile() refuses the file of a process that lives", () => {
  const runtime = new FakeRuntime();
  runtime.files.texts.set(PATH, "42\n");
  runtime.pids.add(42);
  refuses(
    runtime,
    `Cannot write pid file "${PATH}": corn or another program runs as pid 42; stop it, or remove the file if it is not corn's`,
  );
  assert.is(runtime.files.texts.get(PATH), "42\n");
});

pidfile("close() leaves a file that another process has taken over", () => {
  const runtime = new FakeRuntime();
  const held = writePidfile(PATH, runtime);
  runtime.files.texts.set(PATH, "42\n");
  held.close();
  assert.is(runtime.files.texts.get(PATH), "42\n");
});

for (const call of [`readText ${PATH}`, `remove ${PATH}`]) {
  pidfile(`close() does not fail where ${call} does`, () => {
    const runtime = new FakeRuntime();
    const held = writePidfile(PATH, runtime);
    runtime.files.failures.set(call, systemError("EACCES"));
    assert.not.throws(() => held.close());
  });
}

const reasons = {
  ENOENT: "its folder does not exist",
  EACCES: "permission denied; choose a folder that this user may write to",
  EPERM: "permission denied; choose a folder that this user may write to",
  EROFS: "the file system is read-only",
  ENOSPC: "ENOSPC: it was to be so",
};
for (const [code, reason] of Object.entries(reasons)) {
  pidfile(`writePidfile() says what ${code} means`, () => {
    const runtime = new FakeRuntime();
    runtime.files.failures.set(`replaceText ${PATH}`, systemError(code));
    refuses(runtime, `Cannot write pid file "${PATH}": ${reason}`);
  });
}

pidfile("writePidfile() says that the path is a folder", () => {
  const runtime = new FakeRuntime();
  runtime.files.failures.set(`readText ${PATH}`, systemError("EISDIR"));
  refuses(runtime, `Cannot read pid file "${PATH}": it is a folder`);
});

pidfile("rename() takes another's place, and close() removes it there", () => {
  const runtime = new FakeRuntime();
  const held = writePidfile(`${PATH}.2`, runtime);
  held.rename(PATH);
  assert.equal([...runtime.files.texts], [[PATH, "100\n"]]);
  held.close();
  assert.is(runtime.files.texts.size, 0);
});

pidfile("rename() says what is in its way", () => {
  const runtime = new FakeRuntime();
  const held = writePidfile(`${PATH}.2`, runtime);
  runtime.files.failures.set(`rename ${PATH}.2`, systemError("EACCES"));
  assert.throws(
    () => held.rename(PATH),
    (error: unknown) =>
      error instanceof PidfileError &&
      error.message.startsWith(
        `Cannot rename pid file "${PATH}.2" to "${PATH}": permission denied`,
      ),
  );
});

pidfile.run();

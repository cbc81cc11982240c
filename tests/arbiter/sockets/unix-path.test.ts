import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import {
  explainUnix,
  kindOf,
  obstacleAt,
} from "../../../src/arbiter/sockets/unix-path.ts";
import { FakeRuntime, systemError } from "../../support/fake/runtime.ts";

const paths = suite("names of unix sockets");

const PATH = "/run/corn.sock";

/** A table of unix sockets with one of this name, which process 42 holds. */
function hold({ files }: FakeRuntime, path: string): void {
  files.texts.set(
    "/proc/net/unix",
    "Num       RefCount Protocol Flags    Type St Inode Path\n" +
      `0000000000000000: 00000002 00000000 00000000 0001 01   777 ${path}\n`,
  );
  files.texts.set("/proc/42/cmdline", "nginx\0");
  files.links.set("/proc/42/fd/6", "socket:[777]");
}

/** What stands in the way on a machine that is prepared so. */
function obstacle(
  prepare: (runtime: FakeRuntime) => void,
  answers = false,
): Promise<string | undefined> {
  const runtime = new FakeRuntime();
  runtime.answers = () => Promise.resolve(answers);
  prepare(runtime);
  return obstacleAt(PATH, runtime);
}

const bySocket = ({ files }: FakeRuntime) => void files.sockets.add(PATH);

paths("a name is free where nothing stands there", async () => {
  assert.is(await obstacle(() => {}), undefined);
  const closed = ({ files }: FakeRuntime) =>
    void files.failures.set(`list ${PATH}`, systemError("EACCES"));
  assert.is(await obstacle(closed), undefined, "the system says the rest");
});

paths("a name is free that a dead server left behind", async () => {
  assert.is(await obstacle(bySocket), undefined);
  const other = (runtime: FakeRuntime) => {
    bySocket(runtime);
    hold(runtime, `${PATH}.old`);
  };
  assert.is(await obstacle(other), undefined);
  const unread = (runtime: FakeRuntime) => {
    bySocket(runtime);
    hold(runtime, PATH);
    runtime.files.failures.set(
      "readText /proc/net/unix",
      systemError("EACCES"),
    );
  };
  assert.is(await obstacle(unread), undefined, "nothing is known of it");
});

paths("what is no socket stands in the way", async () => {
  const file = ({ files }: FakeRuntime) => void files.texts.set(PATH, "");
  assert.is(
    await obstacle(file),
    "a file that is no socket stands there",
  );
  const folder = ({ files }: FakeRuntime) =>
    void files.texts.set(`${PATH}/a`, "");
  assert.match(await obstacle(folder) ?? "", "a folder that is no socket");
});

paths("a server that answers stands in the way", async () => {
  assert.is(
    await obstacle(bySocket, true),
    "another server answers there; stop it or choose another path",
  );
  const held = (runtime: FakeRuntime) => {
    bySocket(runtime);
    hold(runtime, PATH);
  };
  assert.is(
    await obstacle(held, true),
    "another server answers there: nginx (pid 42); stop it or choose another path",
  );
  assert.is(
    await obstacle(held),
    "another process holds it: nginx (pid 42); stop it or choose another path",
    "it is bound and not served yet",
  );
});

paths("kindOf() tells what this user may not look at", () => {
  const { files } = new FakeRuntime();
  files.sockets.add(PATH);
  assert.is(kindOf(PATH, files), "socket");
  assert.is(kindOf("/run/none", files), undefined);
  files.failures.set("list /a", systemError("EACCES"));
  files.failures.set("list /b", systemError("EIO"));
  assert.is(kindOf("/a", files), "closed");
  assert.throws(() => kindOf("/b", files), /EIO/);
});

/** Why the name could not be had, with a folder /run. */
function explain(cause: unknown, path = PATH): string {
  const runtime = new FakeRuntime();
  const { files } = runtime;
  hold(runtime, "@corn");
  files.texts.set("/run/other", "");
  files.texts.set("/etc/hosts", "");
  files.failures.set("list /root", systemError("EACCES"));
  return explainUnix(path, cause, { files, flag: "--bind" });
}

paths("explainUnix() names the owner of the name", () => {
  const inUse = systemError("EADDRINUSE");
  assert.is(
    explain(inUse),
    "another process holds the name; stop it or choose another with --bind",
  );
  assert.is(
    explain(inUse, "@corn"),
    "another process holds the name: nginx (pid 42); stop it or choose another with --bind",
  );
});

paths("explainUnix() says what the user may not", () => {
  const eperm = (syscall: string) =>
    Object.assign(systemError("EPERM"), { syscall });
  assert.match(explain(eperm("chown")), /^this user may not set its owner;/);
  const denied = "permission denied, this user may not write to its folder";
  assert.is(explain(eperm("bind")), denied);
  assert.is(explain(systemError("EACCES")), denied);
  assert.is(explain(systemError("EACCES"), "/root/corn.sock"), denied);
  assert.is(explain(systemError("EROFS")), "the file system is read-only");
});

paths("explainUnix() says what is wrong with the folder", () => {
  const cause = systemError("ENOENT");
  assert.is(explain(cause, "/none/a.sock"), "its folder does not exist");
  assert.is(explain(cause, "/etc/hosts/a.sock"), "its folder is a file");
  // Of those it can be had in, the system's word is all there is.
  for (const path of [PATH, "/a.sock", "a.sock", "@name"]) {
    assert.is(explain(cause, path), "ENOENT: it was to be so");
  }
});

paths("explainUnix() says that a path is too long", () => {
  const path = `/run/${"a".repeat(103)}`;
  assert.is(
    explain(systemError("EINVAL"), path),
    "the path has 108 bytes, a unix socket's may have 107",
  );
  assert.is(
    explain(systemError("EINVAL"), path.slice(0, -1)),
    "EINVAL: it was to be so",
  );
});

paths.run();

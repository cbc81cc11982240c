import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import {
  findPortOwner,
  findUnixOwner,
} from "../../../src/arbiter/sockets/socket-owner.ts";
import { FakeFiles, systemError } from "../../support/fake/runtime.ts";

const holder = suite("holder");

const HEAD =
  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

function row(port: string, state: string, inode: number): string {
  return `   0: 0100007F:${port} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0000000000000000 100 0 0 10 0\n`;
}

/** A /proc where process 42 holds socket 777. */
function proc(tcp: string, tcp6 = ""): FakeFiles {
  const files = new FakeFiles();
  files.texts.set("/proc/net/tcp", HEAD + tcp);
  files.texts.set("/proc/net/tcp6", HEAD + tcp6);
  files.texts.set("/proc/7/cmdline", "sshd\0");
  files.links.set("/proc/7/fd/0", "/dev/null");
  files.links.set("/proc/7/fd/3", "socket:[123]");
  files.texts.set("/proc/42/cmdline", "nginx\0-g\0daemon off;\0-c\0x\0");
  files.links.set("/proc/42/fd/0", "/dev/null");
  files.links.set("/proc/42/fd/6", "socket:[777]");
  return files;
}

holder("findPortOwner() names the process that listens", () => {
  const files = proc(row("1F40", "0A", 777));
  assert.is(findPortOwner(8000, files), "nginx -g daemon off; (pid 42)");
});

holder("findPortOwner() names it on one short line", () => {
  const files = proc(row("1F40", "0A", 777));
  const script = `import socket\n  s = socket()\x1b[31m\n${"x".repeat(500)}`;
  files.texts.set("/proc/42/cmdline", `python3\0-c\0${script}\0`);
  assert.is(
    findPortOwner(8000, files),
    `python3 -c import socket s = socket() [31m ${"x".repeat(57)}… (pid 42)`,
  );
});

holder("findPortOwner() looks at IPv6 too", () => {
  const files = proc("", row("1F40", "0A", 777));
  assert.is(findPortOwner(8000, files), "nginx -g daemon off; (pid 42)");
});

holder("findPortOwner() writes a small port with four digits", () => {
  const files = proc(row("0050", "0A", 777));
  assert.is(findPortOwner(80, files), "nginx -g daemon off; (pid 42)");
});

holder("findPortOwner() takes no connection for a listener", () => {
  assert.is(findPortOwner(8000, proc(row("1F40", "01", 777))), undefined);
});

holder("findPortOwner() takes no other port", () => {
  assert.is(findPortOwner(8000, proc(row("1F41", "0A", 777))), undefined);
});

holder(
  "findPortOwner() names a process without a command line by its pid",
  () => {
    const files = proc(row("1F40", "0A", 777));
    files.texts.set("/proc/42/cmdline", "");
    assert.is(findPortOwner(8000, files), "a process (pid 42)");
  },
);

holder("findPortOwner() passes over other users' processes", () => {
  const files = proc(row("1F40", "0A", 777));
  files.failures.set("list /proc/7/fd", systemError("EACCES"));
  assert.match(findPortOwner(8000, files) ?? "", "pid 42");
  files.failures.set("list /proc/42/fd", systemError("EACCES"));
  assert.is(findPortOwner(8000, files), undefined);
});

holder("findPortOwner() passes over descriptors that close meanwhile", () => {
  const files = proc(row("1F40", "0A", 777));
  files.failures.set("readLink /proc/42/fd/0", systemError("ENOENT"));
  assert.match(findPortOwner(8000, files) ?? "", "pid 42");
});

holder("findPortOwner() knows nothing where there is no /proc", () => {
  assert.is(findPortOwner(8000, new FakeFiles()), undefined);
  const files = new FakeFiles();
  files.failures.set("readText /proc/net/tcp", systemError("EACCES"));
  assert.is(findPortOwner(8000, files), undefined);
});

holder("findUnixOwner() knows a name from before it was published", () => {
  const files = proc("");
  const unix = (path: string, state = "01") =>
    files.texts.set(
      "/proc/net/unix",
      "Num       RefCount Protocol Flags    Type St Inode Path\n" +
        `0000000000000000: 00000002 00000000 00000000 0001 ${state}   777 ${path}\n`,
    );
  unix("/run/a");
  assert.is(findUnixOwner("/run/a", files), "nginx -g daemon off; (pid 42)");
  assert.is(findUnixOwner("/run/b", files), undefined);
  unix("/run/a.0123456789abcdef");
  assert.match(findUnixOwner("/run/a", files) ?? "", "pid 42");
  unix("/run/a.0123456789abcdef", "03");
  assert.is(findUnixOwner("/run/a", files), undefined, "a connection");
  unix("/run/a.sock");
  assert.is(findUnixOwner("/run/a", files), undefined, "another name");
});

holder.run();

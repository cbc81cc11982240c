import { explainAddress } from "../../../src/arbiter/sockets/explain-address.ts";
import * as assert from "../../support/assert.ts";
import { FakeFiles, systemError } from "../../support/fake/files.ts";
import { suite } from "../../support/suite.ts";

const explain = suite("explainAddress()");

const reasons: readonly [string, number, string][] = [
  [
    "EADDRINUSE",
    8000,
    "address in use; stop it or choose another with --bind",
  ],
  [
    "EACCES",
    1023,
    "permission denied, ports below 1024 need root or CAP_NET_BIND_SERVICE; use a port from 1024 up",
  ],
  ["EACCES", 1024, "permission denied"],
  ["EPERM", 8000, "permission denied"],
  [
    "EADDRNOTAVAIL",
    8000,
    "this machine has no such address; 0.0.0.0 stands for all it has",
  ],
  ["ENOTFOUND", 8000, "the host name is not known; give an IP address"],
  ["EAI_AGAIN", 8000, "the host name is not known; give an IP address"],
  ["EMFILE", 8000, "EMFILE: it was to be so"],
];
for (const [code, port, wanted] of reasons) {
  explain(`${code} at port ${port}`, () => {
    assert.is(
      explainAddress(
        { kind: "tcp", host: "10.0.0.1", port },
        systemError(code),
        { files: new FakeFiles(), flag: "--bind" },
      ),
      wanted,
    );
  });
}

explain("a unix socket is told of as such", () => {
  const files = new FakeFiles();
  files.texts.set("/run/other", "");
  assert.is(
    explainAddress(
      { kind: "unix", path: "/run/corn.sock" },
      systemError("EROFS"),
      { files, flag: "--bind" },
    ),
    "the file system is read-only",
  );
});

explain("EADDRINUSE names the process that the system tells of", () => {
  const files = new FakeFiles();
  files.texts.set("/proc/321/cmdline", "node\0server.js\0");
  const cause = Object.assign(systemError("EADDRINUSE"), { holder: 321 });
  assert.match(
    explainAddress(
      { kind: "tcp", host: "10.0.0.1", port: 8000 },
      cause,
      { files, flag: "--admin" },
    ),
    /^address in use by .*\b321\b.*; stop it or choose another with --admin$/,
  );
});

explain.run();

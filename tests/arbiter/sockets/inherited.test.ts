import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import {
  identifySocket,
  inheritListener,
} from "../../../src/arbiter/sockets/inherited.ts";
import { BindError } from "../../../src/base/errors.ts";
import { FakeFiles, systemError } from "../../support/fake/runtime.ts";

const inherited = suite("inherited");

const HEAD = "sl local_address rem_address st tx_queue rx_queue tr tm uid";
const tcp = (local: string, state: string, inode: string) =>
  `  0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000 0 0 ${inode} 1`;

/** A machine where descriptor 3 is `link`. */
function machine(link: string): FakeFiles {
  const files = new FakeFiles();
  files.links.set("/proc/self/fd/3", link);
  files.texts.set(
    "/proc/net/tcp",
    [HEAD, tcp("0100007F:1F40", "0A", "11"), tcp("0100007F:1F41", "01", "12")]
      .join("\n"),
  );
  files.texts.set(
    "/proc/net/tcp6",
    [
      HEAD,
      tcp("00000000000000000000000001000000:0050", "0A", "21"),
      tcp("B80D0120000000000000000001000000:0050", "0A", "22"),
    ].join("\n"),
  );
  files.texts.set(
    "/proc/net/unix",
    [
      "Num RefCount Protocol Flags Type St Inode Path",
      "0000: 00000002 00000000 00010000 0001 01 31 /run/a b.sock",
      "0000: 00000003 00000000 00000000 0001 03 32 /run/c.sock",
    ].join("\n"),
  );
  return files;
}

const known = [
  ["11", { kind: "tcp", host: "127.0.0.1", port: 8000 }],
  ["21", { kind: "tcp", host: "::1", port: 80 }],
  ["22", { kind: "tcp", host: "2001:db8::1", port: 80 }],
  ["31", { kind: "unix", path: "/run/a b.sock" }],
] as const;

for (const [inode, address] of known) {
  inherited(`identifySocket() finds ${JSON.stringify(address)}`, () => {
    assert.equal(identifySocket(3, machine(`socket:[${inode}]`)), address);
  });
}

const refused: readonly [string, RegExp][] = [
  [
    "socket:[12]",
    /^Cannot serve on fd:\/\/3: it is a socket that does not listen$/,
  ],
  ["socket:[32]", /does not listen/],
  ["pipe:[9]", /it is no socket but pipe:\[9\]/],
  ["/etc/passwd", /it is no socket but \/etc\/passwd/],
];

for (const [link, reason] of refused) {
  inherited(`identifySocket() refuses ${link}`, () => {
    assert.throws(
      () => identifySocket(3, machine(link)),
      (error: unknown) =>
        error instanceof BindError && reason.test(error.message),
    );
  });
}

inherited("identifySocket() refuses a descriptor that is not there", () => {
  const files = machine("socket:[11]");
  files.failures.set("readLink /proc/self/fd/3", systemError("ENOENT"));
  assert.throws(() => identifySocket(3, files), /corn was started without it/);
});

inherited("inheritListener() has the descriptor for its only queue", () => {
  const listener = inheritListener(3, machine("socket:[11]"));
  assert.equal(listener.queues, [3]);
  listener.close();
});

inherited.run();

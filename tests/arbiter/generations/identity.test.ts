import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import {
  resolveIdentity,
  resolveOwner,
} from "../../../src/arbiter/generations/identity.ts";
import type { Settings } from "../../../src/config/table/types.ts";
import { FakeFiles, systemError } from "../../support/fake/runtime.ts";

const owner = suite("owner");

function resolve(unixOwner: string | undefined, files = filesWithUsers()) {
  const settings = { unixOwner } as Settings;
  return resolveOwner(
    { settings, origins: { unixOwner: "--unix-owner" } },
    files,
  );
}

function filesWithUsers(): FakeFiles {
  const files = new FakeFiles();
  files.texts.set(
    "/etc/passwd",
    "root:x:0:0:root:/root:/bin/sh\nwww:x:33:44::/:/bin/false\n",
  );
  files.texts.set("/etc/group", "root:x:0:\nwww:x:44:\nadm:x:4:www\n");
  return files;
}

owner("resolveOwner() takes names and numbers", () => {
  assert.is(resolve(undefined), undefined);
  for (
    const [text, uid, gid] of [
      ["www", 33, -1],
      ["www:adm", 33, 4],
      [":www", -1, 44],
      ["1000", 1000, -1],
      ["0:1000", 0, 1000],
      ["root:4", 0, 4],
    ] as const
  ) assert.equal(resolve(text), { uid, gid }, text);
});

owner("resolveOwner() refuses what it does not know, in one line", () => {
  for (
    const [text, reason] of [
      ["nobdy", 'there is no user "nobdy" in /etc/passwd'],
      ["www:nogrp", 'there is no group "nogrp" in /etc/group'],
      ["adm", 'there is no user "adm" in /etc/passwd'],
      ["", "give USER, USER:GROUP or :GROUP"],
      [":", "give USER, USER:GROUP or :GROUP"],
      ["a:b:c", "give USER, USER:GROUP or :GROUP"],
    ] as const
  ) {
    assert.throws(
      () => resolve(text),
      (error: Error) =>
        error.message ===
          `Cannot use unixOwner "${text}" from --unix-owner: ${reason}`,
      text,
    );
  }
});

owner("resolveOwner() says when the files cannot be read", () => {
  const files = filesWithUsers();
  files.failures.set("readText /etc/passwd", systemError("EACCES"));
  assert.throws(() => resolve("www", files), /\/etc\/passwd cannot be read/);
  assert.equal(resolve("33", files), { uid: 33, gid: -1 });
});

function identity(
  given: { user?: string; group?: string; initgroups?: boolean },
  uid = 0,
) {
  const settings = { initgroups: false, ...given } as Settings;
  const origins = { user: "--user", group: "--group" };
  const files = filesWithUsers();
  return resolveIdentity({ settings, origins }, { files, uid });
}

owner(
  "resolveIdentity() takes the user's own group, and others if asked",
  () => {
    assert.is(identity({}), undefined);
    for (
      const [given, expected] of [
        [{ user: "www" }, { uid: 33, gid: 44, groups: [44] }],
        [{ user: "33" }, { uid: 33, gid: 44, groups: [44] }],
        [{ user: "www", group: "adm" }, { uid: 33, gid: 4, groups: [4] }],
        [{ user: "77", group: "5" }, { uid: 77, gid: 5, groups: [5] }],
        [{ group: "adm" }, { uid: undefined, gid: 4, groups: [4] }],
        [{ user: "www", initgroups: true }, {
          uid: 33,
          gid: 44,
          groups: [44, 4],
        }],
      ] as const
    ) assert.equal(identity(given), expected);
  },
);

owner("resolveIdentity() refuses what cannot be, in one line", () => {
  const refuses = (run: () => unknown, message: string) =>
    assert.throws(run, (error: Error) => error.message === message);
  refuses(
    () => identity({ user: "nobdy" }),
    'Cannot use user "nobdy" from --user: there is no user "nobdy" in /etc/passwd',
  );
  refuses(
    () => identity({ user: "www", group: "x" }),
    'Cannot use group "x" from --group: there is no group "x" in /etc/group',
  );
  refuses(
    () => identity({ user: "77" }),
    'Cannot use user "77" from --user: the number alone tells no group; give --group',
  );
  refuses(
    () => identity({ user: "www" }, 1000),
    'Cannot use user "www" from --user: only root may become another; leave it out',
  );
});

owner.run();

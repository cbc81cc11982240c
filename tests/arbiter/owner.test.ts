import { suite } from "uvu";
import * as assert from "uvu/assert";
import { resolveOwner } from "../../src/arbiter/owner.ts";
import type { Settings } from "../../src/config/types.ts";
import { FakeFiles, systemError } from "../support/fake-runtime.ts";

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

owner.run();

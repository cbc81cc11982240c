import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { join } from "node:path";
import process from "node:process";
import * as assert from "../support/assert.ts";
import { runtime } from "../support/engine/engine.ts";
import { NOBODY } from "../support/machine/user.ts";
import { type Lab, promises } from "../support/promise.ts";

const private_ = promises(`Files.makePrivate on ${runtime.name}`);
const uid = process.getuid?.() ?? 0;
const self = { uid, gid: -1 };
const nobody = { uid: NOBODY, gid: NOBODY };

/** What stands in the way, or nothing. */
function problem(path: string, owner = self): string {
  try {
    runtime.files.makePrivate(path, owner);
    return "";
  } catch (error) {
    return (error as Error).message;
  }
}

/** A folder that all may enter. */
function place(lab: Lab, name: string, mode = 0o755): string {
  const folder = join(lab.folder, name);
  chmodSync(lab.folder, 0o755);
  mkdirSync(folder);
  chmodSync(folder, mode);
  lab.forgive(folder);
  return folder;
}

private_("it is made with those above it, whatever umask says", (lab) => {
  const base = place(lab, "base");
  const path = join(base, "a", "b", "own");
  const before = process.umask(0);
  try {
    assert.is(problem(path), "");
  } finally {
    process.umask(before);
  }
  const { mode, uid: owner } = statSync(path);
  assert.equal([mode & 0o777, owner], [0o700, uid]);
  assert.is(statSync(join(base, "a", "b")).mode & 0o777, 0o755);
  assert.is(problem(path), "", "a second time");
});

private_("what others may write, or is a link, is not trusted", (lab) => {
  const base = place(lab, "base");
  mkdirSync(join(base, "open"));
  chmodSync(join(base, "open"), 0o777);
  assert.match(problem(join(base, "open")), /can be written by others/);
  assert.match(problem(join(base, "open", "own")), /can be written by others/);
  // Nobody can put another in its place.
  chmodSync(join(base, "open"), 0o1777);
  assert.is(problem(join(base, "open", "own")), "");
  symlinkSync(join(base, "open", "own"), join(base, "link"));
  assert.match(problem(join(base, "link")), /is no folder/);
});

private_("another user's is not trusted, nor what stands in theirs", (lab) => {
  if (uid !== 0) return lab.skip("root alone gives files away");
  const base = place(lab, "base");
  mkdirSync(join(base, "theirs"));
  chownSync(join(base, "theirs"), NOBODY, NOBODY);
  assert.match(problem(join(base, "theirs")), /belongs to user 65534/);
  assert.match(problem(join(base, "theirs", "a")), /belongs to user 65534/);
  assert.is(problem(join(base, "theirs"), nobody), "");
});

private_("root makes one for another user", (lab) => {
  if (uid !== 0) return lab.skip("root alone gives files away");
  const path = join(place(lab, "base"), "corn", String(NOBODY));
  assert.is(problem(path, nobody), "");
  const found = statSync(path);
  assert.equal([found.uid, found.gid], [NOBODY, NOBODY]);
  assert.is(found.mode & 0o777, 0o700);
  assert.is(statSync(join(path, "..")).uid, 0);
});

private_("where the system has no such folder it ends", () => {
  assert.not.equal(problem("/proc/nowhere/own"), "");
  assert.not.equal(problem("/dev/null/own"), "");
  assert.not(existsSync("/proc/nowhere"));
});

private_.run();

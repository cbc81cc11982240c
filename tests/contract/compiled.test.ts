// runtimes: node24
import {
  chmodSync,
  existsSync,
  mkdirSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { forgetOld } from "../../adapters/node/compiled.ts";
import * as assert from "../support/assert.ts";
import { promises } from "../support/promise.ts";

const compiled = promises("forgetOld()");
const DAY_S = 24 * 60 * 60;

/** Files of an age in days. */
function make(base: string, ages: readonly number[]): string[] {
  const now = Date.now() / 1000;
  return ages.map((days) => {
    const path = join(base, "v24", `${days}`);
    mkdirSync(join(base, "v24"), { recursive: true });
    writeFileSync(path, "");
    utimesSync(path, now - days * DAY_S, now - days * DAY_S);
    return path;
  });
}

compiled("what is older than 30 days is removed, once a day", async (lab) => {
  const base = join(lab.folder, "cache");
  lab.forgive(base);
  const [fresh = "", known = "", old = ""] = make(base, [0, 29, 31]);
  await forgetOld(base);
  assert.ok(existsSync(old), "the folder is new");
  const tomorrow = Date.now() + 1.5 * DAY_S * 1000;
  await forgetOld(base, tomorrow);
  assert.equal([fresh, known, old].map(existsSync), [true, false, false]);
  make(base, [31]);
  await forgetOld(base, tomorrow);
  assert.ok(existsSync(old), "a second time on that day");
});

compiled("a folder that is not there is no trouble", async (lab) => {
  await forgetOld(join(lab.folder, "nowhere"));
  const base = join(lab.folder, "file");
  lab.forgive(base);
  mkdirSync(base);
  writeFileSync(join(base, "no-folder"), "");
  chmodSync(base, 0o500);
  await forgetOld(base, Date.now() + 2 * DAY_S * 1000);
  assert.ok(existsSync(join(base, "no-folder")));
});

compiled.run();

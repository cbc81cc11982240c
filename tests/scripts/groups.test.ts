import { globSync } from "node:fs";
import { groupsOf } from "../../scripts/groups.ts";
import { root } from "../../scripts/tools.ts";
import * as assert from "../support/assert.ts";
import { suite } from "../support/suite.ts";

const groups = suite("groups");

function all(): string[] {
  const files = globSync("tests/**/*.test.ts", { cwd: root }).sort();
  assert.ok(files.length > 100);
  return files;
}

groups("groupsOf() has every file once", () => {
  assert.equal(groupsOf(all()).flat().sort(), all());
});

groups("groupsOf() keeps those of a room together, so many at most", () => {
  const made = (count: number, folder: string) =>
    Array.from({ length: count }, (_, at) => `${folder}/${at + 10}.test.ts`);
  const [one, other] = [made(20, "tests/http/h1"), made(3, "tests/log")];
  assert.equal(groupsOf([...one, ...other]), [
    one.slice(0, 16),
    one.slice(16),
    other,
  ]);
});

groups("groupsOf() mixes no engines", () => {
  for (const group of groupsOf(all())) {
    const engines = group.map((file) => /-(wire|native)\.test/.exec(file)?.[1]);
    assert.is(new Set(engines).size, 1, group.join());
  }
});

groups("groupsOf() leaves what it does not know by itself", () => {
  const files = ["contract", "e2e", "attack", "scripts", "support"].flatMap(
    (room) => [1, 2].map((n) => `tests/${room}/new-${n}.test.ts`),
  );
  assert.equal(groupsOf(files), files.map((file) => [file]));
});

groups.run();

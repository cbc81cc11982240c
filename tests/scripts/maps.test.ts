import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { compareMaps } from "../../scripts/maps.ts";

const maps = suite("maps");

maps("compareMaps() accepts equal maps", () => {
  const deno = { version: "1.0.0", imports: { hono: "npm:hono@^4.1.0" } };
  assert.equal(
    compareMaps(deno, { version: "1.0.0", dependencies: { hono: "^4.1.0" } }),
    [],
  );
});

maps("compareMaps() names another range", () => {
  const deno = { version: "1.0.0", imports: { hono: "npm:hono@^4.1.0" } };
  const npm = { version: "1.0.0", dependencies: { hono: "^4.2.0" } };
  assert.equal(compareMaps(deno, npm), [
    "hono: npm:hono@^4.1.0 in deno.json, package.json asks for npm:hono@^4.2.0",
  ]);
});

maps("compareMaps() names what only one of them has", () => {
  const deno = { version: "1.0.0", imports: { hono: "npm:hono@^4.1.0" } };
  const npm = { version: "1.0.0", dependencies: { "esm-env": "^1.0.0" } };
  assert.is(compareMaps(deno, npm).length, 2);
});

maps("compareMaps() takes what only apps in a clone import", () => {
  const deno = { version: "1.0.0", imports: { hono: "npm:hono@^4.1.0" } };
  const npm = {
    version: "1.0.0",
    dependencies: {},
    devDependencies: { hono: "^4.1.0", uvu: "^1.0.0" },
  };
  assert.equal(compareMaps(deno, npm), []);
});

maps("compareMaps() compares the versions", () => {
  const deno = { version: "1.0.0", imports: {} };
  assert.is(
    compareMaps(deno, { version: "1.0.1", dependencies: {} }).length,
    1,
  );
});

maps.run();

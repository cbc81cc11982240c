import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { OWN_MODULES, ownModules } from "../../src/base/own-modules.ts";

const own = suite("own-modules");

own("ownModules() leaves a checkout's examples and tests to others", () => {
  const found = ownModules("file:///srv/corn/src/base/own-modules.ts");
  assert.equal(found, [
    "file:///srv/corn/mod.ts",
    "file:///srv/corn/worker.ts",
    "file:///srv/corn/thread.ts",
    "file:///srv/corn/src/",
    "file:///srv/corn/adapters/",
  ]);
  assert.equal(
    ownModules("https://jsr.io/@corn/corn/1.0.0/src/base/own-modules.ts")[3],
    "https://jsr.io/@corn/corn/1.0.0/src/",
  );
});

own(
  "ownModules() has the folder of a bundle and what its source maps name",
  () => {
    assert.equal(
      ownModules("file:///srv/node_modules/corn/dist/base-own-modules.js"),
      [
        "file:///srv/node_modules/corn/dist/",
        "file:///srv/node_modules/corn/mod.ts",
        "file:///srv/node_modules/corn/worker.ts",
        "file:///srv/node_modules/corn/thread.ts",
        "file:///srv/node_modules/corn/src/",
        "file:///srv/node_modules/corn/adapters/",
      ],
    );
  },
);

own("OWN_MODULES has this corn's modules, and not its tests", () => {
  const isOwn = (url: string) => OWN_MODULES.some((one) => url.startsWith(one));
  assert.ok(isOwn(new URL("../../src/base/stack.ts", import.meta.url).href));
  assert.ok(isOwn(new URL("../../worker.ts", import.meta.url).href));
  assert.not.ok(isOwn(import.meta.url));
});

own.run();

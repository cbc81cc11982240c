import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { nameChunks, type Output, rename } from "../../scripts/chunks.ts";

const chunks = suite("chunks");

function output(
  inputs: Readonly<Record<string, number>>,
  entryPoint?: string,
): Output {
  const sizes = Object.values(inputs);
  return {
    bytes: sizes.reduce((total, size) => total + size, 0),
    inputs: Object.fromEntries(
      Object.entries(inputs).map((
        [path, bytesInOutput],
      ) => [path, { bytesInOutput }]),
    ),
    ...entryPoint === undefined ? {} : { entryPoint },
  };
}

chunks(
  "nameChunks() names a file by what it begins with or consists of",
  () => {
    const names = nameChunks({
      "dist/mod.js": output({ "mod.ts": 10 }, "mod.ts"),
      "dist/main-ERBU6GIS.js": output(
        { "src/cli/main.ts": 10 },
        "src/cli/main.ts",
      ),
      "dist/chunk-3C33L2FU.js": output({ "src/base/errors.ts": 10 }),
    });
    assert.equal([...names], [
      ["chunk-3C33L2FU", "base-errors"],
      ["main-ERBU6GIS", "cli-main"],
    ]);
  },
);

chunks("nameChunks() names a file of many by the room with most of it", () => {
  const named = (inputs: Readonly<Record<string, number>>) =>
    nameChunks({ "dist/chunk-3C33L2FU.js": output(inputs) })
      .get("chunk-3C33L2FU");
  assert.is(
    named({ "src/http/h1/parser.ts": 6, "src/log/format.ts": 5 }),
    "http-h1",
  );
  assert.is(
    named({
      "src/http/h1/parser.ts": 4,
      "src/http/web/body.ts": 3,
      "src/log/format.ts": 6,
    }),
    "http",
  );
});

chunks("nameChunks() gives no name twice, that of an entry neither", () => {
  const names = nameChunks({
    "dist/mod.js": output({ "mod.ts": 10 }, "mod.ts"),
    "dist/chunk-AAAAAAAA.js": output({ "src/mod.ts": 30 }),
    "dist/chunk-BBBBBBBB.js": output({ "src/mod.ts": 20 }),
  });
  assert.equal([...names.values()], ["mod-2", "mod-3"]);
});

chunks("rename() puts names in imports and leaves other words alone", () => {
  const names = new Map([["chunk-3C33L2FU", "base-errors"]]);
  assert.is(
    rename(`from "./chunk-3C33L2FU.js"; "some-ABCDEFGH.js"`, names),
    `from "./base-errors.js"; "some-ABCDEFGH.js"`,
  );
  assert.is(
    rename("//# sourceMappingURL=chunk-3C33L2FU.js.map", names),
    "//# sourceMappingURL=base-errors.js.map",
  );
});

chunks.run();

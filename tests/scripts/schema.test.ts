import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { configSchema } from "../../scripts/schema.ts";
import {
  flagOf,
  settingNames,
  settingOf,
} from "../../src/config/table/settings.ts";
import { cases } from "../config/cases.ts";

const schema = suite("schema");
const accepts = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(
  configSchema(),
);

/** What JSON makes of a value; undefined where it can write none. */
function asJson(value: unknown): unknown {
  const text = JSON.stringify(value);
  const read = text === undefined ? undefined : JSON.parse(text);
  // NaN and Infinity become null.
  return JSON.stringify(read) === text && !Object.is(value, NaN) &&
      value !== Infinity
    ? read
    : undefined;
}

/** Texts whose inside corn alone can judge: these, JSON schema lets pass. */
const DEEP = [
  "durations",
  "address",
  "addresses",
  "networks",
  "endpoint",
  "words",
  "string",
  "receiver",
  "accessFormat",
  "skipRules",
  "certificates",
];

for (const name of settingNames) {
  const { type, inFile } = settingOf(name);
  const { texts, values, bad } = cases[name];
  if (inFile === false) {
    schema(`${flagOf(name)} is no name of the file`, () => {
      assert.not.ok(accepts({ [name]: values[0]?.[0] }));
    });
    continue;
  }

  schema(`${name} takes what the file may give`, () => {
    for (const [given] of [...values, ...texts]) {
      assert.ok(accepts({ [name]: given }), `${name} ${JSON.stringify(given)}`);
    }
  });

  schema(`${name} refuses what is no value of it`, () => {
    let refused = 0;
    for (const [given, reason] of bad) {
      const value = asJson(given);
      if (value === undefined) continue;
      // How much is too much is written in digits.
      const judged = typeof value === "string" &&
        (DEEP.includes(type) ||
          /at (least|most)|more than/.test(reason.source));
      if (judged) continue;
      refused++;
      assert.not.ok(
        accepts({ [name]: value }),
        `${name} ${JSON.stringify(value)}`,
      );
    }
    assert.ok(refused > 0, "no bad value was tried");
  });
}

schema("a whole file with its schema is taken", () => {
  assert.ok(accepts({
    $schema: "./node_modules/corn/corn.schema.json",
    app: "app.ts",
    bind: ["0.0.0.0:8000", "unix:/run/app.sock"],
    workers: "auto",
    gracefulTimeout: "1m",
    env: { A: 1 },
  }));
});

schema("a name that is no setting's is refused", () => {
  assert.not.ok(accepts({ worker: 2 }));
  assert.not.ok(accepts({ app: 3 }));
  assert.not.ok(accepts([]));
});

schema("the package has it", () => {
  const { files, exports } = JSON.parse(readFileSync("package.json", "utf8"));
  assert.ok(files.includes("corn.schema.json"));
  assert.is(exports["./corn.schema.json"], "./corn.schema.json");
  const { publish } = JSON.parse(readFileSync("deno.json", "utf8"));
  assert.ok(publish.include.includes("corn.schema.json"));
});

schema.run();

import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import {
  acceptedCodings,
  conditionOf,
  rangeOf,
} from "../../../src/gateway/files/conditions.ts";

const conditions = suite("conditions");

const NOW = Date.UTC(2026, 10, 28, 12);
const FILE = { etag: '"a"', modifiedMs: NOW };
const date = (ms: number) => new Date(ms).toUTCString();

function headers(fields: Readonly<Record<string, string>>) {
  return (name: string) => fields[name] ?? null;
}

conditions("acceptedCodings() goes by weight, then by size", () => {
  for (
    const [field, wanted] of [
      [null, []],
      ["", []],
      ["gzip, deflate, br, zstd", ["br", "zstd", "gzip"]],
      ["br;q=0.5, gzip", ["gzip", "br"]],
      ["br;q=0, *;q=0.1", ["zstd", "gzip"]],
      ["X-GZIP", ["gzip"]],
      ["identity", []],
      ["br;q=x", []],
    ] as const
  ) assert.equal(acceptedCodings(field), wanted, String(field));
});

const answers: readonly [
  Record<string, string>,
  304 | 412 | undefined,
][] = [
  [{}, undefined],
  [{ "if-none-match": '"a"' }, 304],
  [{ "if-none-match": '"b", W/"a"' }, 304],
  [{ "if-none-match": "*" }, 304],
  [{ "if-none-match": '"b"' }, undefined],
  [{ "if-none-match": '"b"', "if-modified-since": date(NOW) }, undefined],
  [{ "if-modified-since": date(NOW) }, 304],
  [{ "if-modified-since": date(NOW - 1000) }, undefined],
  [{ "if-modified-since": "yesterday" }, undefined],
  [{ "if-match": '"b"' }, 412],
  [{ "if-match": 'W/"a"' }, 412],
  [{ "if-match": '"a"', "if-unmodified-since": date(0) }, undefined],
  [{ "if-unmodified-since": date(NOW - 1000) }, 412],
  [{ "if-unmodified-since": date(NOW) }, undefined],
];
for (const [fields, wanted] of answers) {
  conditions(`conditionOf() answers ${JSON.stringify(fields)}`, () => {
    assert.is(conditionOf(headers(fields), FILE), wanted);
  });
}

const ranges: readonly [
  Record<string, string>,
  ReturnType<typeof rangeOf>,
][] = [
  [{}, undefined],
  [{ range: "bytes=0-0" }, [0, 1]],
  [{ range: "bytes=2-" }, [2, 10]],
  [{ range: "bytes=2-99" }, [2, 10]],
  [{ range: "bytes=-3" }, [7, 10]],
  [{ range: "bytes=-99" }, [0, 10]],
  [{ range: "bytes=10-" }, "none"],
  [{ range: "bytes=99-100" }, "none"],
  [{ range: "bytes=-0" }, "none"],
  [{ range: "bytes=3-2" }, undefined],
  [{ range: "bytes=0-1,3-4" }, undefined],
  [{ range: "lines=0-1" }, undefined],
  [{ range: "bytes=-" }, undefined],
  [{ range: "bytes=0-1", "if-range": '"a"' }, [0, 2]],
  [{ range: "bytes=0-1", "if-range": '"b"' }, undefined],
  [{ range: "bytes=0-1", "if-range": date(NOW) }, [0, 2]],
  [{ range: "bytes=0-1", "if-range": date(NOW - 1000) }, undefined],
];
for (const [fields, wanted] of ranges) {
  conditions(`rangeOf() reads ${JSON.stringify(fields)}`, () => {
    assert.equal(rangeOf(headers(fields), 10, FILE), wanted);
  });
}

conditions.run();

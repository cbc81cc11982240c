import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { mutate, mutationsOf } from "../../scripts/mutation.ts";
import { loadersOf } from "../../scripts/source.ts";

const mutation = suite("mutation");

const cases: readonly [string, readonly string[]][] = [
  ["if (a === b) c();", ["if (a !== b) c();", "if (!(a === b)) c();"]],
  ["  if (f(a) < b) {", ["  if (f(a) <= b) {", "  if (!(f(a) < b)) {"]],
  ["while (busy) {", ["while (!(busy)) {"]],
  ["const a = b && c;", ["const a = b || c;"]],
  ["const a = b ?? c;", ["const a = b && c;"]],
  ["let on = true;", ["let on = false;"]],
  ["const MOST = 4_000;", ["const MOST = 0;"]],
  ["let at = 0;", ["let at = 1;"]],
  ["  return a.some(b);", ["  return a.every(b);", "  return void a.some(b);"]],
  ["  this.#timer.close();", [""]],
  ["  full = !full;", [""]],
  ["count++;", ["count--;"]],
  // What makes no difference.
  ["  return undefined;", []],
  // Whether it is undefined or false no one asks.
  ["  return false;", ["  return true;"]],
  ["  return void a.close();", []],
  ["  return resolve(a);", []],
  ["const stop = most < end ? most : end;", []],
  // What a string, a comment or a regular expression says is no code.
  ['throw new Error("1 < 2 && true");', []],
  ["  c.d = `${a === b}`;", [""]],
  [`throw bad('"a" is true, "b" is 1');`, []],
  ["  // a === b", []],
  [" * true", []],
  ['import { a } from "./b0.ts";', []],
  ["const NAME = /^0 && 1$/;", []],
  ["  readonly a: true;", []],
  ["  a(): 304 | true;", []],
  ["  | { a: true }", []],
  ["): -1 {", []],
  ["let a: 1 | undefined = 2;", ["let a: 1 | undefined = 0;"]],
];
for (const [line, wanted] of cases) {
  mutation(`mutationsOf() for ${line.trim()}`, () => {
    const all = mutationsOf(line).map(({ becomes }) => becomes);
    assert.equal(all.sort(), [...wanted].sort());
  });
}

mutation("what a function without a value returns is left as it is", () => {
  const function_ = (type: string, given = "stop(bytes)") =>
    [
      `function read(bytes: Uint8Array,`,
      `): ${type} {`,
      "  switch (bytes[0]) {",
      "    case first:",
      `      return ${given};`,
      "  }",
      "  if (busy(bytes)) {",
      "",
      `    return ${given};`,
      "  }",
      "  return bytes.map(() => {",
      `    return ${given};`,
      "  });",
      "}",
    ].join("\n");
  const voids = (type: string, given?: string) =>
    mutationsOf(function_(type, given))
      .filter(({ becomes }) => becomes.includes("return void "))
      .map(({ line }) => line);
  assert.equal(voids("void"), [12]);
  assert.equal(voids("number"), [5, 9, 12]);
  // The caller waits for what is not awaited.
  assert.equal(voids("Promise<void>"), [5, 9, 12]);
  assert.equal(voids("Promise<void>", "await stop(bytes)"), [12]);
});

mutation("mutate() changes one line alone", () => {
  const text = "let a = 0;\nlet b = 0;\nlet c = 0;\n";
  const all = mutationsOf(text).map((one) => mutate(text, one));
  assert.equal(all, [
    "let a = 1;\nlet b = 0;\nlet c = 0;\n",
    "let a = 0;\nlet b = 1;\nlet c = 0;\n",
    "let a = 0;\nlet b = 0;\nlet c = 1;\n",
  ]);
});

mutation("loadersOf() follows imports of values up to the tests", () => {
  const files = [
    { path: "src/a.ts", text: "export const a = 1;" },
    { path: "src/b.ts", text: 'import {\n  a,\n} from "./a.ts";' },
    { path: "src/c.ts", text: 'import type { A } from "./a.ts";' },
    { path: "tests/b.test.ts", text: 'import { b } from "../src/b.ts";' },
    { path: "tests/c.test.ts", text: 'import { c } from "../src/c.ts";' },
    { path: "tests/d.test.ts", text: 'await import("./b.test.ts");' },
  ];
  assert.equal([...loadersOf(files, "src/a.ts")].sort(), [
    "src/b.ts",
    "tests/b.test.ts",
    "tests/d.test.ts",
  ]);
});

mutation.run();

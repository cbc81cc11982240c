// runtimes: node24
import * as assert from "../support/assert.ts";
import { promises } from "../support/promise.ts";

const unreadable = promises("unreadable");

const SERVES = `export default { fetch: () => new Response("ok") };\n`;

/** Apps that Node cannot read: their files, and what is said of them. */
const cases: Readonly<
  Record<string, [files: Record<string, string>, said: readonly RegExp[]]>
> = {
  "an app that Node takes for CommonJS": [
    {
      "package.json": `{ "type": "commonjs" }\n`,
      "app.ts": `import "node:fs";\n${SERVES}`,
    },
    [/"app\.ts": .*write "type": "module" into/, /app\.ts:1\n/],
  ],
  "JSX": [
    {
      "app.ts": `import "./page.tsx";\n${SERVES}`,
      "page.tsx": "export default <b>hi</b>;\n",
    },
    [
      /knows no JSX, nor \.tsx; install tsx .*corn app\.ts --import tsx, or/,
      /page\.tsx\n/,
    ],
  ],
  "an enum in an imported file": [
    {
      "app.ts": `import { A } from "./a.ts";\nconsole.log(A);\n${SERVES}`,
      "a.ts": "\nexport enum A { B }\n",
    },
    [/enum is not erasable \(\/.*a\.ts:2\); install tsx/, /a\.ts:2\n/],
  ],
  "a parameter property": [
    { "app.ts": `class A { constructor(private x: string) {} }\n${SERVES}` },
    [/parameter property is not erasable \(\/.*app\.ts:1\); install tsx/],
  ],
  "a decorator in an imported file": [
    {
      "app.ts": `import "./a.ts";\n${SERVES}`,
      "a.ts": `const d = (_: unknown) => {};\n@d\nclass A {}\n`,
    },
    [/knows no decorators \(\/.*a\.ts:2\); install tsx/],
  ],
  "a syntax error in an ES module": [
    {
      "app.ts": `import "./lib/dep.mjs";\n${SERVES}`,
      "lib/dep.mjs": "export const a = 1;\nexport const b = (;\n",
    },
    [
      /Cannot load app "app\.ts": syntax error in \/.*lib\/dep\.mjs:2\n/,
      / export const b = \(;\n +\^\n +SyntaxError: Unexpected token ';'/,
    ],
  ],
  "a path of a tsconfig": [
    { "app.ts": `\nimport "@/lib";\n${SERVES}` },
    [/no paths of a tsconfig, such as "@\/lib" \(\/.*app\.ts:2\); install/],
  ],
  "an import without its ending": [
    { "app.ts": `import "./lib";\n${SERVES}`, "lib.ts": "" },
    [/as it is, write \/.*\/lib\.ts \(\/.*app\.ts:1\); install tsx/],
  ],
};

for (const [what, [files, said]] of Object.entries(cases)) {
  unreadable(`${what} is named, with the way out`, async (lab) => {
    lab.write("package.json", `{ "type": "module" }\n`);
    for (const [name, text] of Object.entries(files)) lab.write(name, text);
    const command = lab.run({
      app: "app.ts",
      args: ["-w", "1"],
      cwd: lab.folder,
    });
    const { code } = await command.ended;
    assert.is(code, 4);
    for (const pattern of said) assert.match(command.log(), pattern);
  });
}

unreadable.run();

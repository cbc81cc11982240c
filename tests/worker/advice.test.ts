import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import type { RuntimeName } from "../../src/runtime/runtime.ts";
import { adviceFor } from "../../src/worker/advice.ts";
import { FakeFiles } from "../support/fake/runtime.ts";

const advice = suite("advice");

const APP = { text: "app.ts", url: "file:///srv/app.ts" };

/** What is said of an error, with these files beside the app. */
function say(
  error: unknown,
  { name = "node", texts = {}, frame }: {
    name?: RuntimeName;
    texts?: Readonly<Record<string, string>>;
    frame?: string;
  } = {},
) {
  const files = new FakeFiles();
  for (const [path, text] of Object.entries(texts)) files.texts.set(path, text);
  const asked: string[][] = [];
  const said = adviceFor(error, APP, {
    name,
    files,
    locateSyntaxError(paths, message) {
      asked.push([message, ...paths]);
      return Promise.resolve(frame);
    },
  });
  return said.then((text) => ({ text, asked }));
}

function failure(code: string, message: string, stack?: string): Error {
  const error = Object.assign(new Error(message), { code });
  if (stack !== undefined) error.stack = stack;
  return error;
}

/** A syntax error as Node gives it to those that catch it. */
function syntaxError(message: string): Error {
  const error = new SyntaxError(message);
  error.stack = `SyntaxError: ${message}\n    at node:internal/x:1:1`;
  return error;
}

const WAY =
  /; install tsx and give --import tsx, as in corn app\.ts --import tsx/;

advice("a module of tasks is told of as such", async () => {
  const error = failure(
    "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX",
    "TypeScript enum is not supported in strip-only mode",
  );
  const machine = { name: "node", files: new FakeFiles() } as const;
  assert.is(
    await adviceFor(error, { ...APP, what: "tasks" }, machine),
    'enum is not erasable; install tsx and give corn --import tsx, or give the pool runtime: "bun" or "deno"',
  );
});

advice("what is not erasable has its place", async () => {
  const { text } = await say(failure(
    "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX",
    "TypeScript enum is not supported in strip-only mode",
    "file:///srv/a%20b.ts:7\nenum A {}\n^^^\n\nSyntaxError: TypeScript enum",
  ));
  assert.match(String(text), /^enum is not erasable \(\/srv\/a b\.ts:7\)/);
  assert.match(String(text), WAY);
});

advice("a name that leads nowhere is told where it would lead", async () => {
  const texts = {
    "/srv/app.ts": `import "./lib.js";\nimport x from '@/x';\n`,
    "/srv/lib.ts": "",
  };
  const lost = (what: string) =>
    say(
      failure(
        "ERR_MODULE_NOT_FOUND",
        `Cannot find ${what} imported from /srv/app.ts`,
      ),
      { texts },
    );
  const alias = await lost("package '@/x'");
  assert.match(
    String(alias.text),
    `paths of a tsconfig, such as "@/x" (/srv/app.ts:2)`,
  );
  const ending = await lost("module '/srv/lib.js'");
  assert.match(String(ending.text), "write /srv/lib.ts (/srv/app.ts:1)");
  assert.match(String(ending.text), WAY);
  assert.is((await lost("package 'hono'")).text, undefined);
  assert.is((await lost("module '/srv/nothing.js'")).text, undefined);
});

advice("a syntax error without a place is looked for", async () => {
  const error = syntaxError("Unexpected token ';'");
  const texts = {
    "/srv/app.ts": `import "./dep.mjs"; import "./d.json";`,
    "/srv/dep.mjs": "",
    "/srv/d.json": "",
  };
  const frame = "/srv/dep.mjs:2\nconst b = (;\n           ^";
  const { text, asked } = await say(error, { texts, frame });
  assert.is(text, "syntax error in /srv/dep.mjs:2");
  assert.equal(asked, [
    ["Unexpected token ';'", "/srv/app.ts", "/srv/dep.mjs"],
  ]);
  assert.match(error.stack ?? "", `${frame}\nSyntaxError: Unexpected token`);
});

advice("a decorator is told from other syntax errors", async () => {
  const { text } = await say(syntaxError("Invalid or unexpected token"), {
    texts: { "/srv/app.ts": "" },
    frame: "/srv/app.ts:2\n@sealed\n^",
  });
  assert.match(String(text), "Node knows no decorators (/srv/app.ts:2)");
});

advice(
  "one that has its place, or is not found, is left as it is",
  async () => {
    const placed = new SyntaxError("Unexpected end of JSON input");
    placed.stack = `SyntaxError: x\n    at file:///srv/app.ts:3:6`;
    const { text, asked } = await say(placed, { frame: "/srv/app.ts:1\nx" });
    assert.equal([text, asked], [undefined, []]);
    const unknown = await say(syntaxError("x"), {
      texts: { "/srv/app.ts": "" },
    });
    assert.equal([unknown.text, unknown.asked.length], [undefined, 1]);
  },
);

advice(
  "other runtimes tell it themselves, but for CommonJS on Deno",
  async () => {
    const error = syntaxError("Unexpected token ';'");
    assert.is((await say(error, { name: "bun", frame: "x" })).text, undefined);
    const common = new ReferenceError("exports is not defined");
    const { text } = await say(common, { name: "deno" });
    assert.match(String(text), 'write "type": "commonjs"');
    assert.is((await say(common)).text, undefined);
  },
);

advice("a path that Bun cannot import is named", async () => {
  const machine = { name: "bun", files: new FakeFiles() } as const;
  const error = new Error("Cannot find module");
  const said = (url: string) =>
    adviceFor(error, { text: "app.mjs", url }, machine);
  assert.is(
    await said("file:///srv/a%3Fb.mjs"),
    'Bun finds no file that has a "?" in its path, rename it',
  );
  assert.is(await said("file:///srv/a%23b.mjs"), undefined);
});

advice.run();

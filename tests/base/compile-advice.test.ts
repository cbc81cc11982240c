import { compileAdvice } from "../../src/base/compile-advice.ts";
import * as assert from "../support/assert.ts";
import { FakeFiles, systemError } from "../support/fake/runtime.ts";
import { suite } from "../support/suite.ts";

const advice = suite("compileAdvice()");

const APP = "/srv/app.ts";

/** What is said of an error that Node has thrown, where there are these files. */
function said(
  { code, message, stack = "", type = Error }: {
    readonly code?: string;
    readonly message: string;
    readonly stack?: string;
    readonly type?: typeof Error;
  },
  files: Readonly<Record<string, string>> = {},
): string | undefined {
  const machine = new FakeFiles();
  for (const [path, text] of Object.entries(files)) {
    machine.texts.set(path, text);
  }
  machine.failures.set("readText /srv/closed.ts", systemError("EACCES"));
  const error = Object.assign(new type(message), { stack, code });
  return compileAdvice(error, { way: "load tsx", files: machine });
}

advice("a module that Node takes for CommonJS is to be called one", () => {
  for (
    const message of [
      "Cannot use import statement outside a module",
      "Unexpected token 'export'",
      "Cannot use 'import.meta' outside a module",
    ]
  ) {
    assert.match(
      said({ message, type: SyntaxError }) ?? "",
      '"type": "module"',
    );
    assert.is(said({ message }), undefined, "another error says so, too");
  }
  const other = { message: "Unexpected token ')'", type: SyntaxError };
  assert.is(said(other), undefined);
});

advice("JSX is for a compiler", () => {
  const code = "ERR_UNKNOWN_FILE_EXTENSION";
  const of = (ending: string) =>
    said({ code, message: `Unknown file extension "${ending}" for /srv/a` });
  assert.is(of(".tsx"), "Node knows no JSX, nor .tsx; load tsx");
  assert.is(of(".css"), undefined);
});

advice("what is not erasable is named, with its place", () => {
  const code = "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX";
  const message = "  x TypeScript enum is not supported in strip-only mode";
  for (const place of ["file:///srv/a%20b.ts:3", "/srv/a b.ts:3"]) {
    assert.is(
      said({ code, message, stack: `${place}\nenum A {}\nSyntaxError` }),
      "enum is not erasable (/srv/a b.ts:3); load tsx",
    );
  }
  assert.is(said({ code, message: "no" }), "this is not erasable; load tsx");
});

advice("an import without its ending is written out, with its line", () => {
  const code = "ERR_MODULE_NOT_FOUND";
  const of = (name: string, files: Record<string, string>, from = APP) =>
    said({
      ...{ code },
      message: `Cannot find module '${name}' imported from ${from}`,
    }, files);
  const text = "import a from \"./a.js\";\nimport b from './lib/b';\n";
  const there = { [APP]: text, "/srv/lib/b.ts": "" };
  const way = "; load tsx";
  const start = "Node takes the name of an import as it is, write";
  assert.is(of("/srv/lib/b", there), `${start} /srv/lib/b.ts (${APP}:2)${way}`);
  assert.is(
    of("/srv/a.js", { [APP]: text, "/srv/a.tsx": "" }),
    `${start} /srv/a.tsx (${APP}:1)${way}`,
  );
  assert.is(
    of("/srv/lib", { [APP]: "", "/srv/lib/index.ts": "" }),
    `${start} /srv/lib/index.ts (${APP})${way}`,
    "the line is not found",
  );
  const closed = "/srv/closed.ts";
  assert.is(
    of("/srv/lib/b", there, closed),
    `${start} /srv/lib/b.ts (${closed})${way}`,
  );
  assert.is(of("/srv/none", there), undefined, "there is nothing to write");
  assert.is(of("lodash", there), undefined, "a package is to be installed");
  for (const name of ["@/lib/b", "~/lib/b"]) {
    assert.is(
      of(name, { [APP]: `\n\nimport b from "${name}";` }),
      `Node reads no paths of a tsconfig, such as "${name}" (${APP}:3)${way}`,
    );
  }
});

advice("JSON is imported by what says so", () => {
  assert.is(
    said({ code: "ERR_IMPORT_ATTRIBUTE_MISSING", message: "needs it" }),
    'write with { type: "json" } behind the import; or load tsx',
  );
  assert.is(said({ code: "ERR_OTHER", message: "no" }), undefined);
});

advice.run();

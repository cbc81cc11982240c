import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import {
  type AppSpec,
  parseAppSpec,
} from "../../../src/config/values/app-spec.ts";
import { ConfigError } from "../../../src/base/errors.ts";

const appSpec = suite("app-spec");

const good: readonly [string, Omit<AppSpec, "text">][] = [
  ["app.ts", { path: "app.ts" }],
  ["./dir/app.ts", { path: "./dir/app.ts" }],
  ["app.ts:name", { path: "app.ts", exportName: "name" }],
  ["app.ts:default", { path: "app.ts", exportName: "default" }],
  ["app.ts:$é1", { path: "app.ts", exportName: "$é1" }],
  ["app.ts:make()", { path: "app.ts", exportName: "make", args: [] }],
  ["app.ts:make( )", { path: "app.ts", exportName: "make", args: [] }],
  ['app.ts:make({"debug":true}, 3)', {
    path: "app.ts",
    exportName: "make",
    args: [{ debug: true }, 3],
  }],
  ['app.ts:make("a:b(c)", {"x":"y:z()"})', {
    path: "app.ts",
    exportName: "make",
    args: ["a:b(c)", { x: "y:z()" }],
  }],
  ["app.ts:make([\n1])", { path: "app.ts", exportName: "make", args: [[1]] }],
  ["dir:a/app.ts:name", { path: "dir:a/app.ts", exportName: "name" }],
  ["q:r/app.ts", { path: "q:r/app.ts" }],
  ["file:///srv/app.ts", { path: "file:///srv/app.ts" }],
  ["file:///srv/app.ts:name", {
    path: "file:///srv/app.ts",
    exportName: "name",
  }],
  ["npm:hono", { path: "npm:hono" }],
  ["npm:@scope/app@1.2.3:name", {
    path: "npm:@scope/app@1.2.3",
    exportName: "name",
  }],
  ["jsr:@scope/app", { path: "jsr:@scope/app" }],
  ["https://host:8080/app.ts", { path: "https://host:8080/app.ts" }],
  ["https://host:8080/app.ts:make(1)", {
    path: "https://host:8080/app.ts",
    exportName: "make",
    args: [1],
  }],
];

for (const [text, parts] of good) {
  appSpec(`parseAppSpec() reads ${JSON.stringify(text)}`, () => {
    assert.equal(parseAppSpec(text), { text, ...parts });
  });
}

const bad: readonly [string, RegExp][] = [
  ["", /give a module, such as app\.ts/],
  ["npm:", /give a module/],
  ["app.ts:", /"" is not the name of an export/],
  ["app.ts:create-app", /"create-app" is not the name/],
  ["app.ts:1st", /"1st" is not the name/],
  ["app.ts:make({debug:true})", /arguments must be JSON/],
  ["app.ts:make(1], [2)", /arguments must be JSON/],
  ["app.ts:make(1,)", /arguments must be JSON/],
  ['app.ts:make({"a":1}', /arguments must end with "\)"/],
];

for (const [text, reason] of bad) {
  appSpec(`parseAppSpec() refuses ${JSON.stringify(text)}`, () => {
    assert.throws(
      () => parseAppSpec(text),
      (error: unknown) =>
        error instanceof ConfigError &&
        error.message.startsWith(`Cannot use app ${JSON.stringify(text)}: `) &&
        reason.test(error.message),
    );
  });
}

appSpec("parseAppSpec() passes the cause of bad JSON on", () => {
  try {
    parseAppSpec("app.ts:make(x)");
    assert.unreachable();
  } catch (error) {
    assert.instance((error as Error).cause, SyntaxError);
  }
});

appSpec.run();

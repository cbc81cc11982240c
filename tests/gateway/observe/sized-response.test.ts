import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import {
  installSizes,
  isStream,
  sizeOf,
} from "../../../src/gateway/observe/sized-response.ts";
import type { WebGlobals } from "../../../src/runtime/web-globals.ts";

const sized = suite("installSizes()");

const own = Response;
const globals = { Headers, Request, Response, fetch } as WebGlobals;
installSizes(globals);
const Sized = globals.Response as typeof Response;

sized("takes a runtime's own response for one of its kind", () => {
  assert.ok(new own("a") instanceof Sized);
  assert.ok(new Sized("a") instanceof own);
  assert.not.ok({} instanceof Sized);
});

sized("tells an app's own kind of response from others", () => {
  class Page extends Sized {}
  assert.ok(new Page("a") instanceof Page);
  assert.ok(new Page("a") instanceof Sized);
  assert.not.ok(new Sized("a") instanceof Page);
  assert.not.ok(new own("a") instanceof Page);
});

sized("makes responses as the runtime does", async () => {
  assert.is(Sized.name, "Response");
  for (const init of [undefined, { status: 201, statusText: "Made" }]) {
    const [made, native] = [Sized.json({ a: 1 }, init), own.json(1, init)];
    assert.equal(await made.json(), { a: 1 });
    assert.equal([made.status, made.statusText, [...made.headers]], [
      native.status,
      native.statusText,
      [...native.headers],
    ]);
  }
  const away = Sized.redirect("http://localhost/x", 303);
  assert.equal([away.status, away.headers.get("location")], [
    303,
    "http://localhost/x",
  ]);
  const text = new Sized("hello", { status: 201 });
  assert.equal([text.status, await text.text()], [201, "hello"]);
});

const bytes = (text: string) => new TextEncoder().encode(text);
const sizes: readonly [string, BodyInit | null, unknown][] = [
  ["nothing", null, 0],
  ["a text", "hello", 5],
  ["a text of other letters", "h\u00e9llo \u20ac", 10],
  ["a long text", "\u00e9".repeat(100), 200],
  ["bytes", bytes("hello"), 5],
  ["a stream", new ReadableStream(), undefined],
];
for (const [name, body, size] of sizes) {
  sized(`sizeOf() tells the size of ${name}`, () => {
    const count = (text: string) => bytes(text).length;
    const response = new Sized(body);
    assert.is(sizeOf(response, count), size);
    assert.is(isStream(response), name === "a stream");
  });
}

sized.run();

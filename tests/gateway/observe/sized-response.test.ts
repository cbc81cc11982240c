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

/** What gives pieces one after the other, as the runtimes take it. */
async function* pieces() {
  yield await Promise.resolve(new Uint8Array(1));
}

const bytes = (text: string) => new TextEncoder().encode(text);
const sizes: readonly [string, BodyInit | null, unknown][] = [
  ["nothing", null, 0],
  ["a text", "hello", 5],
  ["a text of other letters", "h\u00e9llo \u20ac", 10],
  ["a long text", "\u00e9".repeat(100), 200],
  ["a text of 64 letters", "a".repeat(64), 64],
  ["a text of 64, the last of which is another", "a".repeat(63) + "\u00e9", 65],
  ["bytes", bytes("hello"), 5],
  ["a buffer", bytes("hello").buffer, 5],
  ["a view", new DataView(new ArrayBuffer(8), 2, 3), 3],
  ["a Blob", new Blob(["hello"]), 5],
  ["search parameters", new URLSearchParams({ a: "\u00e9" }), 8],
  ["a form", new FormData(), undefined],
  ["a number, which is a text", 12345 as unknown as string, 5],
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

sized("an iterable is sent as it comes", () => {
  const body = pieces() as unknown as BodyInit;
  let made: Response;
  try {
    made = new Sized(body);
  } catch {
    return assert.ok("the runtime takes none");
  }
  assert.ok(isStream(made));
});

sized("a short ASCII text is not counted by the runtime", () => {
  let counted = 0;
  const count = (text: string) => (counted++, bytes(text).length);
  assert.is(sizeOf(new Sized("a".repeat(64)), count), 64);
  assert.is(counted, 0);
});

sized("what was made elsewhere is known by where it came from", () => {
  const other = new own("hello");
  assert.is(sizeOf(other, () => 5), undefined);
  assert.is(isStream(other), false);
  const fetched = new own("hello");
  Object.defineProperty(fetched, "url", { value: "http://localhost/" });
  assert.is(isStream(fetched), true);
});

sized("a look at the body loses no type", () => {
  const response = new Sized(new Blob(["x"], { type: "image/png" }));
  assert.ok(response.body !== null);
  assert.is(response.headers.get("content-type"), "image/png");
});

sized.run();

// runtimes: node24, node26, deno
import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { LightResponse } from "../../../src/http/web/light-response.ts";
import { Native } from "../../../src/http/web/native-response.ts";
import { makeRealBy } from "../../../src/http/web/real-response.ts";

const light = suite("LightResponse");

const Light = LightResponse as unknown as typeof Response;

function becomeReal(response: Response): Response {
  return LightResponse.toNative(response as unknown as LightResponse);
}

light("a copy has all of the other, and the same stream", async () => {
  const init = { status: 404, statusText: "Gone", headers: { "x-a": "b" } };
  const first = new Light("text", init);
  const { body } = first;
  const copy = new Light(body, first);
  assert.equal(
    [copy.status, copy.statusText, copy.headers.get("x-a")],
    [404, "Gone", "b"],
  );
  assert.ok(copy.body === body);
  assert.is(await copy.text(), "text");
  assert.equal([first.bodyUsed, copy.bodyUsed], [true, true]);
});

light("a copy is of what a class of the app's says of itself", () => {
  class Fields extends Light {
    override get headers(): Headers {
      return new Headers({ "x-own": "1" });
    }
  }
  const fields = new Fields("text", { status: 201 });
  const one = new Light(fields.body, fields);
  assert.equal([one.status, ...one.headers], [201, ["x-own", "1"]]);
  const named = new Light("text");
  Object.defineProperty(named, "statusText", { value: "Named" });
  assert.is(new Light(named.body, named).statusText, "Named");
});

light("what only the runtime can make is what the runtime made", async () => {
  const init = {
    status: "404" as unknown as number,
    statusText: new String("Gone") as string,
  };
  const made = new Light("text", init);
  const real = new Native("text", init);
  assert.equal(
    [made.status, made.ok, made.statusText, await made.text()],
    [real.status, real.ok, real.statusText, await real.text()],
  );
  const form = new FormData();
  form.append("a", "b");
  assert.equal([...await new Light(form).formData()], [["a", "b"]]);
});

light("a status is taken, or refused, as the runtime's own does", () => {
  const outcome = (
    Made: typeof Response,
    body: string | null,
    init: unknown,
  ) => {
    try {
      const made = new Made(body, init as ResponseInit);
      const { status, ok, type, url, redirected } = made;
      return [status, ok, type, url, redirected, made.body === null];
    } catch (error) {
      return (error as Error).name;
    }
  };
  const statuses = [0, 199, 200, 201, 204, 205, 299, 300, 304, 599, 600];
  const inits: unknown[] = [...statuses, 200.5, "404", "x", null, NaN]
    .map((status) => ({ status }));
  for (const init of [...inits, null, undefined, 5, "x"]) {
    for (const body of ["text", "", null]) {
      assert.equal(
        outcome(Light, body, init),
        outcome(Native, body, init),
        JSON.stringify([body, init]),
      );
    }
  }
});

light("redirect() says that it is for now", () => {
  const { status, headers } = Light.redirect("http://a/b");
  assert.equal([status, headers.get("location")], [302, "http://a/b"]);
});

light("a body that was given out stays the body", async () => {
  const response = new Light("text");
  const { body } = response;
  const real = becomeReal(response);
  assert.ok(response.body === body);
  assert.ok(becomeReal(response) === real);
  assert.is(await response.text(), "text");
  assert.equal([real.bodyUsed, response.bodyUsed], [true, true]);
});

light(
  "clone() gives two of the same, and locks what was given out",
  async () => {
    const init = { status: 404, statusText: "Gone", headers: { "x-a": "b" } };
    const response = new Light("text", init);
    const { body } = response;
    const clone = response.clone();
    assert.ok(LightResponse.isLight(clone));
    assert.equal(
      [clone.status, clone.statusText, clone.headers.get("x-a")],
      [404, "Gone", "b"],
    );
    clone.headers.set("x-a", "c");
    assert.is(response.headers.get("x-a"), "b");
    assert.equal([body?.locked, response.body?.locked], [true, false]);
    assert.equal([await response.text(), await clone.text()], ["text", "text"]);
  },
);

light("clone() is refused where the body is in use", async () => {
  const read = new Light("text");
  await read.body?.cancel();
  const locked = new Light("text");
  locked.body?.getReader();
  for (const used of [read, locked]) {
    assert.throws(() => used.clone(), TypeError);
  }
  const real = new Light("text", { status: 201 });
  becomeReal(real);
  const clone = real.clone();
  assert.equal([clone.status, await clone.text()], [201, "text"]);
  assert.is(await real.text(), "text");
});

light("a real one goes on to see what is changed in its headers", () => {
  class Own extends Light {}
  for (const response of [new Light("text"), new Own("text")]) {
    const { headers } = response;
    becomeReal(response);
    headers.set("x-late", "1");
    assert.is(becomeReal(response).headers.get("x-late"), "1");
  }
  class Fields extends Light {
    override get headers(): Headers {
      return new Headers({ "x-own": "1" });
    }
  }
  const fields = new Fields("text");
  const real = becomeReal(fields);
  assert.equal([...becomeReal(fields).headers], [["x-own", "1"]]);
  assert.ok(becomeReal(fields) === real);
});

light("a real one is of the class that was asked for", () => {
  class Made extends Native {}
  makeRealBy(Made);
  try {
    for (const init of [{}, { status: 201 }]) {
      assert.instance(becomeReal(new Light("text", init)), Made);
    }
    assert.instance(becomeReal(new Light(new Blob(["a"]))), Made);
  } finally {
    makeRealBy(Native);
  }
});

light.run();

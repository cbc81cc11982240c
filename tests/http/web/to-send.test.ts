// runtimes: node24, node26, deno
import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { LightResponse } from "../../../src/http/web/light-response.ts";
import { Native } from "../../../src/http/web/native-response.ts";

const toSend = suite(
  "a light response that is sent by the runtime's own server",
);

const Light = LightResponse as unknown as typeof Response;

/** What a server sends for it. */
function sent(response: Response): Response {
  assert.ok(LightResponse.isLight(response));
  const own = LightResponse.toSend(response);
  assert.is(Object.getPrototypeOf(own), Native.prototype);
  assert.is(LightResponse.toSend(response), own);
  return own;
}

async function partsOf(response: Response) {
  const { status, statusText, headers } = response;
  const fields = [...headers].map(([name, value]) => `${name}: ${value}`);
  return { status, statusText, fields, text: await response.text() };
}

const bytes = new TextEncoder().encode("bytes");
const inits: readonly (ResponseInit | undefined)[] = [
  undefined,
  {},
  { status: 404 },
  { statusText: "Fine" },
  { headers: { "Content-Type": "application/json" } },
  { headers: { "content-type": "text/plain;charset=UTF-8" } },
  { headers: { "content-type": "text/html", "x-a": "1" } },
  { headers: [["x-a", "1"], ["x-a", "2"], ["content-type", "text/css"]] },
  { headers: [["set-cookie", "a=1"], ["x-b", ""], ["set-cookie", "b=2"]] },
  { status: 201, headers: { location: "/1", "content-type": "text/xml" } },
];
const bodies: readonly (BodyInit | null)[] = [
  "Hello",
  "",
  null,
  bytes,
  new URLSearchParams({ a: "1" }),
];

toSend("has what the runtime's own has, whatever it was made of", async () => {
  for (const init of inits) {
    for (const body of bodies) {
      const made = new Native(body, init);
      assert.equal(
        await partsOf(sent(new Light(body, init))),
        await partsOf(made),
        JSON.stringify([String(body), init]),
      );
    }
  }
});

toSend(
  "has what the runtime's own has where its fields were changed",
  async () => {
    const change = (response: Response) => {
      response.headers.append("vary", "Origin");
      response.headers.set("access-control-allow-origin", "*");
      response.headers.append("vary", "Accept");
      return response;
    };
    const untyped = (response: Response) => {
      response.headers.delete("content-type");
      return response;
    };
    for (const init of inits) {
      for (const body of bodies) {
        for (const how of [change, untyped]) {
          assert.equal(
            await partsOf(sent(how(new Light(body, init)))),
            await partsOf(how(new Native(body, init))),
            JSON.stringify([String(body), init]),
          );
        }
      }
    }
  },
);

toSend(
  "is not a stream where its body was given out and is unread",
  async () => {
    const first = new Light("Hello", { headers: { "x-a": "1" } });
    const { body } = first;
    const second = new Light(body, first);
    const own = sent(second);
    assert.is(await own.text(), "Hello");
    assert.is(own.headers.get("x-a"), "1");
    // The stream that was given out is unread.
    assert.not.ok(body?.locked);
  },
);

toSend("is refused or used where its body was read", async () => {
  const response = new Light("Hello");
  await response.body?.cancel();
  assert.throws(() => sent(response), /its body was read before$/);
  const locked = new Light("Hello");
  locked.body?.getReader();
  assert.throws(() => sent(locked), /its body is locked$/);
  const text = new Light("Hello");
  assert.is(await text.text(), "Hello");
  assert.ok(sent(text).bodyUsed);
});

toSend("sees what is changed in its headers afterwards", () => {
  const response = new Light("Hello");
  const { headers } = response;
  sent(response);
  headers.set("x-late", "1");
  assert.is(sent(response).headers.get("x-late"), "1");
});

toSend("has the headers of a class of the app's own", async () => {
  class Own extends Light {
    override get headers(): Headers {
      return new Headers({ "x-own": "1" });
    }
  }
  const { fields } = await partsOf(sent(new Own("Hello")));
  assert.equal(fields, ["x-own: 1"]);
  const named = new Light("Hello");
  Object.defineProperty(named, "headers", {
    value: new Headers({ "x-named": "1" }),
  });
  assert.equal((await partsOf(sent(named))).fields, ["x-named: 1"]);
});

toSend("Response.json() has its type", async () => {
  for (
    const init of [undefined, {}, { status: 201 }, { headers: { a: "b" } }]
  ) {
    assert.equal(
      await partsOf(sent(Light.json({ a: 1 }, init))),
      await partsOf(Native.json({ a: 1 }, init)),
    );
  }
});

toSend.run();

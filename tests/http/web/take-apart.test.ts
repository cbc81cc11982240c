import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { WireHeaders } from "../../../src/http/web/headers.ts";
import { LightResponse } from "../../../src/http/web/light-response.ts";
import { MemoResponse } from "../../../src/http/web/memo-response.ts";
import { Native } from "../../../src/http/web/native-response.ts";
import { takeApart } from "../../../src/http/web/take-apart.ts";
import { runtimeName } from "../../support/process/command.ts";

/** The runtime's own, whatever tests that share the process have put in its place. */
const NativeHeaders = new Native().headers.constructor as typeof Headers;

type Make = (body?: BodyInit | null, init?: ResponseInit) => Response;

interface Kind {
  readonly name: string;
  readonly class: typeof Response;
  readonly make: Make;
}

const memo = { name: "MemoResponse", class: MemoResponse };
const light = { name: "LightResponse", class: LightResponse };

/** The light one is for Node and Deno, and does as theirs do. */
const kinds: readonly Kind[] = (runtimeName === "bun" ? [memo] : [light, memo])
  .map(({ name, class: made }) => ({
    name,
    class: made as unknown as typeof Response,
    make: (...given) => new (made as unknown as typeof Response)(...given),
  }));

function listOf(response: Response): Record<string, string> {
  const { list } = takeApart(response);
  const fields: Record<string, string> = {};
  for (let at = 0; at < list.length; at += 2) {
    fields[list[at]!] = list[at + 1]!.toLowerCase();
  }
  return fields;
}

/** What is thrown, by its name. */
function thrown(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    return (error as Error).name;
  }
}

for (const { name, make, class: Made } of kinds) {
  const response = suite(name);

  response("it passes for a Response, and so do the runtime's own", () => {
    assert.ok(make() instanceof Native);
    assert.ok(make() instanceof Made);
    assert.ok(new Native() instanceof Made);
    assert.not.ok({} instanceof Made);
    assert.is(make().constructor.name, "Response");
    assert.is(String(make()), "[object Response]");
    class Own extends Made {}
    assert.ok(new Own("x") instanceof Own);
    assert.not.ok(make() instanceof Own);
  });

  response(
    "it says what it was made with, as the runtime's own does",
    async () => {
      const inits: (ResponseInit | undefined)[] = [
        undefined,
        {},
        { status: 404 },
        { status: 299, statusText: "Odd" },
        { headers: { "X-A": "b", "Content-Type": "c/d" } },
        { headers: [["a", "b"], ["a", "c"]] },
        { headers: new Headers({ a: "b" }), status: 200 },
      ];
      const bodies = [undefined, null, "", "text", new Uint8Array([1, 2])];
      for (const init of inits) {
        for (const body of bodies) {
          const [own, real] = [make(body, init), new Native(body, init)];
          for (
            const key of [
              "status",
              "ok",
              "statusText",
              "type",
              "url",
              "redirected",
              "bodyUsed",
            ] as const
          ) {
            assert.equal(own[key], real[key], key);
          }
          assert.equal(
            [...own.headers].map(String),
            [...real.headers].map(String),
          );
          assert.is(own.body === null, real.body === null);
          assert.equal(await own.bytes(), await real.bytes());
          assert.is(own.bodyUsed, real.bodyUsed);
        }
      }
    },
  );

  response("what the runtime refuses is refused alike", () => {
    const bad: [BodyInit | null | undefined, ResponseInit][] = [
      [null, { status: 99 }],
      [null, { status: 600 }],
      [null, { status: "x" as unknown as number }],
      ["x", { status: 204 }],
      ["x", { status: 304 }],
      [null, { statusText: "a\nb" }],
      [null, { headers: { "a b": "c" } }],
      [null, { headers: { a: "b\nc" } }],
      [null, { headers: { a: "\u20ac" } }],
    ];
    for (const [body, init] of bad) {
      assert.is(
        thrown(() => make(body, init)),
        thrown(() => new Native(body, init)),
        JSON.stringify(init),
      );
    }
  });

  response("its body is read in every way, and cloned", async () => {
    assert.is(await make("ü").text(), "ü");
    assert.equal(await make('{"a":1}').json(), { a: 1 });
    assert.is((await make("abc").arrayBuffer()).byteLength, 3);
    assert.is(await (await make("abc").blob()).text(), "abc");
    const one = make("abc", { headers: { a: "b" } });
    const two = one.clone();
    assert.equal([await one.text(), await two.text(), two.headers.get("a")], [
      "abc",
      "abc",
      "b",
    ]);
    const stream = make(make("streamed").body);
    assert.is(await stream.text(), "streamed");
    assert.is(await make(new Blob(["blob"])).text(), "blob");
    assert.is(await new Native(make("copied").body).text(), "copied");
  });

  response("json(), redirect() and error() are the web's", async () => {
    const json = Made.json({ a: 1 }, { status: 201, headers: { x: "y" } });
    assert.equal([json.status, json.headers.get("x"), await json.json()], [
      201,
      "y",
      { a: 1 },
    ]);
    assert.match(json.headers.get("content-type")!, "application/json");
    assert.is(
      Made.json(1, { headers: { "content-type": "a/b" } }).headers.get(
        "content-type",
      ),
      "a/b",
    );
    assert.throws(() => Made.json(undefined));
    const moved = Made.redirect("http://a/", 301);
    assert.equal([moved.status, moved.headers.get("location")], [
      301,
      "http://a/",
    ]);
    assert.is(Made.error().type, "error");
  });

  response(
    "it is taken apart without a stream, its headers as they are last",
    async () => {
      const text = make("text");
      assert.is(takeApart(text).body, "text");
      assert.equal(listOf(text), {
        "content-type": "text/plain;charset=utf-8",
      });
      const { headers } = text;
      headers.set("X-A", "b");
      headers.delete("content-type");
      headers.append("set-cookie", "a=b");
      assert.is(listOf(text)["x-a"], "b");
      assert.is(listOf(text)["set-cookie"], "a=b");
      const bytes = new Uint8Array([1, 2]);
      const held = make(bytes);
      bytes[0] = 9;
      const { body } = takeApart(held);
      const taken = body instanceof Promise ? new Uint8Array(await body) : body;
      assert.equal(
        [...(taken as Uint8Array)],
        [1, 2],
        "what happens later does not count",
      );
      assert.is(takeApart(make(null)).body, null);
    },
  );

  response(
    "one that is made of another's body is taken apart as that is",
    async () => {
      const first = make("text", { headers: { "content-type": "a/b" } });
      const copy = make(make(first.body, first).body, { headers: { x: "y" } });
      assert.is(takeApart(copy).body, "text");
      const clone = make("cloned").clone();
      assert.is(await clone.text(), "cloned");
      const sizes = [new Uint8Array(5), new Blob(["12345"])].map((body) => {
        const taken = takeApart(make(make(body).body));
        return taken.body instanceof Uint8Array
          ? taken.body.length
          : taken.size;
      });
      assert.equal(sizes, [5, 5]);
      const streamed = new ReadableStream();
      assert.ok(takeApart(make(streamed)).body instanceof ReadableStream);
      // The runtime's own know best what was read.
      if (Made !== (LightResponse as unknown)) return;
      const read = make("read");
      const held = make(read.body);
      await held.text();
      assert.is(read.bodyUsed, true);
      assert.throws(() => takeApart(read), /read before|disturbed|locked/);
      const locked = make("locked");
      const other = make(locked.body);
      locked.body!.getReader();
      assert.throws(() => takeApart(other), /read before|disturbed|locked/);
    },
  );

  response("a copy is of what the other says of itself", () => {
    class Other extends Made {
      override get status() {
        return 202;
      }
      override get headers() {
        return new Headers({ "x-other": "a" });
      }
    }
    const other = new Other("text");
    const copy = make(other.body, other);
    assert.equal([copy.status, copy.headers.get("x-other")], [202, "a"]);
    assert.is(copy.headers.get("content-type"), null);
    const said = make("text");
    Object.defineProperty(said, "headers", { value: { "x-said": "b" } });
    Object.defineProperty(said, "status", { value: 203 });
    const heard = make(said.body, said);
    assert.equal([heard.status, heard.headers.get("x-said")], [203, "b"]);
    const first = make("text", { headers: { a: "b" } });
    const second = make(first.body, first);
    first.headers.set("a", "changed");
    assert.is(second.headers.get("a"), "b");
    second.headers.set("a", "again");
    assert.is(first.headers.get("a"), "changed");
  });

  response("one that was read cannot be sent", async () => {
    const read = make("x");
    await read.text();
    assert.throws(() => takeApart(read), /read before/);
    const locked = make(new ReadableStream());
    locked.body?.getReader();
    assert.throws(() => takeApart(locked), /read before/);
  });

  response.run();
}

const memos = suite("What a MemoResponse remembers");

memos("its fields, until they may have been changed", () => {
  const form = "application/x-www-form-urlencoded;charset=UTF-8";
  for (
    const [body, fields] of [
      ["text", ["content-type", "text/plain;charset=UTF-8"]],
      [new URLSearchParams({ a: "b" }), ["content-type", form]],
      [null, []],
      [undefined, []],
      [new Uint8Array(1), undefined],
    ] as const
  ) {
    const response = new MemoResponse(body, { status: 201 });
    assert.equal(MemoResponse.fields(response), fields);
    void response.headers;
    assert.is(MemoResponse.fields(response), undefined);
    const named = new MemoResponse(body, { headers: { "x-a": "b" } });
    assert.is(MemoResponse.fields(named), undefined);
  }
  assert.is(MemoResponse.fields(new Native("text")), undefined);
});

memos("its body, until it is read", async () => {
  const blob = new Blob(["blob"]);
  const form = new MemoResponse(new URLSearchParams({ a: "b c" }));
  const file = new MemoResponse(blob);
  const bytes = new MemoResponse(new Uint8Array(3));
  assert.is(MemoResponse.memo(form), "a=b+c");
  assert.is(MemoResponse.memo(bytes), true);
  assert.ok(MemoResponse.blob(file) === blob);
  for (const one of [form, file, bytes]) {
    await one.text();
    assert.is(MemoResponse.memo(one), undefined);
    assert.is(MemoResponse.blob(one), undefined);
  }
  assert.is(MemoResponse.memo(new Native("text")), undefined);
  assert.is(MemoResponse.blob(new Native(blob)), undefined);
});

memos("the headers of an app's class are those that it gives", () => {
  class Own extends MemoResponse {
    override get headers() {
      return new NativeHeaders({ "x-own": "1", "content-type": "a/b" });
    }
  }
  const own = ["content-type", "a/b", "x-own", "1"];
  assert.equal(takeApart(new Own("text")).list, own);
  for (const body of ["text", null]) {
    const response = new MemoResponse(body);
    const value = { "X-A": "b", "Content-Type": "a/b" };
    Object.defineProperty(response, "headers", { value, configurable: true });
    const list = ["x-a", "b", "content-type", "a/b"];
    assert.equal(takeApart(response).list, list);
    Object.defineProperty(response, "headers", { value: 5 });
    assert.throws(() => takeApart(response), TypeError);
  }
});

memos.run();

const lent = suite("headers that a response was made of");

lent("what is set in them is seen until its own are asked for", () => {
  for (const body of [new ReadableStream(), null]) {
    const headers = new WireHeaders();
    const response = new LightResponse(body, {
      headers: headers as unknown as Headers,
    }) as unknown as Response;
    headers.set("content-type", "text/css");
    assert.is(response.headers.get("content-type"), "text/css");
    headers.set("content-type", "text/html");
    assert.is(response.headers.get("content-type"), "text/css");
  }
});

lent.run();

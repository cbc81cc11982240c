import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { IncomingBody } from "../../../src/http/web/body.ts";

const bodies = suite("IncomingBody");

function made(): IncomingBody {
  const source = { onWanted() {}, pauseBody() {}, resumeBody() {} };
  return new IncomingBody(source, {
    length: 0,
    lent: false,
    join: () => {
      throw new Error("nothing is joined here");
    },
  });
}

/** How a promise has ended by now. */
async function endOf(promise: Promise<unknown>): Promise<string> {
  return await Promise.race([
    promise.then(() => "resolved", (error) => error.message),
    new Promise<string>((resolve) => setTimeout(resolve, 0, "pending")),
  ]);
}

bodies("arrived() resolves with the last byte", async () => {
  const body = made();
  const early = body.arrived();
  body.push(new Uint8Array(3));
  assert.is(await endOf(early), "pending");
  body.end();
  assert.is(await endOf(early), "resolved");
  assert.is(await endOf(body.arrived()), "resolved");
});

bodies("arrived() rejects where the last byte never comes", async () => {
  const body = made();
  const early = body.arrived();
  body.fail(new Error("cut"));
  assert.is(await endOf(early), "cut");
  assert.is(await endOf(body.arrived()), "cut");
});

bodies(
  "arrived() may be left alone, whatever becomes of the body",
  async () => {
    const body = made();
    // It has no handler: an unhandled rejection would end the process.
    void body.arrived();
    body.fail(new Error("cut"));
    assert.is(await endOf(body.arrived()), "cut");
  },
);

const KIB = 1024;
const encoder = new TextEncoder();

/** A body on a connection that notes what it is asked. */
function flowing({ lent = true, length = 0 } = {}) {
  const asked: string[] = [];
  const joins: number[] = [];
  const body = new IncomingBody({
    onWanted: () => void asked.push("wanted"),
    pauseBody: () => void asked.push("pause"),
    resumeBody: () => void asked.push("resume"),
  }, {
    length,
    lent,
    join(pieces, size) {
      joins.push(size);
      return new Uint8Array(pieces.flatMap((one) => [...one]));
    },
  });
  /** Pushes a text, whose memory is another's afterwards where it is lent. */
  const push = (text: string) => {
    const bytes = encoder.encode(`<${text}>`);
    body.push(bytes, 1, bytes.length - 1);
    if (lent) bytes.fill(0);
  };
  return { asked, joins, body, push };
}

for (const lent of [true, false]) {
  const what = lent ? "lent" : "given";
  bodies(`bytes() and text() are all that came, ${what}`, async () => {
    for (const how of ["bytes", "text"] as const) {
      for (const length of [0, 9]) {
        for (const asks of ["first", "amid", "last"]) {
          const { asked, body, push } = flowing({ lent, length });
          const read = () =>
            body[how]().then((all) =>
              typeof all === "string" ? all : new TextDecoder().decode(all)
            );
          let reading = asks === "first" ? read() : undefined;
          push("a\u00e9");
          push("bcd");
          if (asks === "amid") reading = read();
          push("efg");
          body.end();
          reading ??= read();
          assert.is(await reading, "a\u00e9bcdefg", `${how}, ${asks}`);
          assert.is(asked.includes("wanted"), asks !== "last");
          assert.is(body.used, true);
        }
      }
    }
  });

  bodies(`a stream gives what comes, ${what}`, async () => {
    const { body, push } = flowing({ lent });
    push("held");
    const reader = body.stream().getReader();
    const read = async () => {
      const { value } = await reader.read();
      return value && new TextDecoder().decode(value);
    };
    assert.is(await read(), "held");
    const next = read();
    await Promise.resolve();
    push("comes");
    push("waits");
    assert.is(await next, "comes");
    assert.is(await read(), "waits");
    const end = read();
    body.end();
    assert.is(await end, undefined);
    const whole = flowing({ lent });
    whole.push("all");
    whole.body.end();
    const all = new Response(whole.body.stream());
    assert.is(await all.text(), "all", "it has ended before it is read");
  });
}

bodies("one piece that is given is the body itself", async () => {
  const { body, joins } = flowing({ lent: false });
  const bytes = encoder.encode("hello");
  body.push(bytes);
  body.end();
  assert.is((await body.bytes()).buffer, bytes.buffer);
  const two = flowing({ lent: false });
  two.body.push(new Uint8Array(3000));
  two.body.push(new Uint8Array(4000));
  two.body.end();
  assert.is((await two.body.bytes()).length, 7000);
  assert.equal([joins, two.joins], [[], [7000]]);
});

bodies("it holds 64 KiB before the client must wait", async () => {
  const { body, asked } = flowing();
  body.push(new Uint8Array(64 * KIB - 1));
  assert.equal(asked, []);
  body.push(new Uint8Array(4 * KIB));
  assert.equal(asked, ["pause"]);
  const reader = body.stream().getReader();
  await reader.read();
  assert.equal(asked, ["pause", "wanted", "resume"]);
  body.push(new Uint8Array(64 * KIB));
  body.push(new Uint8Array(64 * KIB));
  body.push(new Uint8Array(64 * KIB));
  asked.length = 0;
  for (let count = 0; count < 4; count++) await reader.read();
  assert.equal(asked, ["resume"], "once less than that is held");
});

bodies("all of it is read without a pause", async () => {
  const { body, asked } = flowing();
  body.push(new Uint8Array(64 * KIB));
  const reading = body.bytes();
  assert.equal(asked, ["pause", "wanted", "resume"]);
  body.push(new Uint8Array(100 * KIB));
  body.end();
  assert.is((await reading).length, 164 * KIB);
  assert.is(asked.length, 3);
});

bodies("one that fails rejects who reads it, now and later", async () => {
  const failure = new Error("cut");
  for (const how of ["bytes", "text", "stream"] as const) {
    const { body, push } = flowing();
    push("held");
    const read = () =>
      how === "stream"
        ? body.stream().getReader().read()
        : body[how]() as Promise<unknown>;
    if (how === "stream") await body.stream().getReader().read();
    const reading = read().catch((error) => error);
    body.fail(failure);
    body.fail(new Error("again"));
    assert.is(await reading, failure, how);
    assert.is(await read().catch((error) => error), failure);
    assert.equal([body.ended, body.whole], [true, false]);
    body.end();
  }
  const whole = flowing();
  whole.push("all");
  whole.body.end();
  whole.body.fail(failure);
  assert.is(await whole.body.text(), "all");
});

bodies("a stream asks for nothing before it is read", async () => {
  const { body, asked, push } = flowing();
  const stream = body.stream();
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert.equal([asked, body.used], [[], false]);
  const reading = stream.getReader().read();
  push("came");
  assert.is((await reading).value?.length, 4);
  assert.equal([asked, body.used], [["wanted"], true]);
});

bodies("a reader cannot take the memory of what was given", async () => {
  for (const early of [true, false]) {
    const { body } = flowing({ lent: false });
    const bytes = encoder.encode("given");
    const reader = body.stream().getReader();
    const reading = early ? reader.read() : undefined;
    await Promise.resolve();
    body.push(bytes);
    const { value } = await (reading ?? reader.read());
    value?.fill(0);
    assert.is(new TextDecoder().decode(bytes), "given");
  }
});

bodies("what is left is thrown away", async () => {
  const { body, asked, push } = flowing();
  push("held");
  assert.is(body.unwanted, false);
  await body.stream().cancel();
  assert.is(body.unwanted, true);
  assert.ok(asked.includes("resume"));
  asked.length = 0;
  body.push(new Uint8Array(100 * KIB));
  assert.equal(asked, []);
  body.end();
  assert.is(await body.text(), "");
});

bodies("a reader may bring its own memory", async () => {
  const { body, push } = flowing();
  push("abc");
  const reader = body.stream().getReader({ mode: "byob" });
  const { value } = await reader.read(new Uint8Array(8));
  assert.is(new TextDecoder().decode(value), "abc");
  const end = reader.read(new Uint8Array(8));
  body.end();
  assert.is((await end).done, true);
});

bodies.run();

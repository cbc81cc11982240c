/** What becomes on the wire engine of an answer that is made of another's body, as each `c.res =` of Hono is. */
import process from "node:process";
import * as assert from "../support/assert.ts";
import { promises } from "../support/promise.ts";

process.env.TEST_HTTP = "wire";
const { runtime } = await import("../support/engine/engine.ts");
const { answering } = await import("../support/engine/answering.ts");

const copies = promises(`Answers made of others on ${runtime.name}`);

type Make = (request: Request) => Response | Promise<Response>;

const first = () => new Response("h\u00e9llo", { headers: { "x-a": "b" } });
const copyOf = (from: Response) => new Response(from.body, from);

/** What is answered, by status, text and, where it is known, the length. */
const cases: Readonly<
  Record<string, [make: Make, status: number, text: string, length?: number]>
> = {
  "of a copy": [() => copyOf(copyOf(first())), 200, "h\u00e9llo", 6],
  "after a look at the first": [
    () => {
      const from = first();
      const looked = [from.body?.locked, from.bodyUsed, from.headers.get("a")];
      const copy = copyOf(from);
      copy.headers.set("x-looked", String(looked));
      return copy;
    },
    200,
    "h\u00e9llo",
    6,
  ],
  "with another length in its headers": [
    () => {
      const copy = copyOf(first());
      copy.headers.set("content-length", "3");
      return copy;
    },
    200,
    "h\u00e9llo",
    6,
  ],
  "of nothing": [() => copyOf(new Response(null)), 200, "", 0],
  "of an empty text": [() => copyOf(new Response("")), 200, "", 0],
  "of bytes": [() => copyOf(new Response(new Uint8Array([65]))), 200, "A", 1],
  "of a clone": [
    () => copyOf(first().clone()),
    200,
    "h\u00e9llo",
    // Bun's own makes a stream of both.
    ...(runtime.name === "bun" ? [] : [6]) as [number?],
  ],
  "after a clone was read": [
    async () => {
      const from = first();
      const text = await from.clone().text();
      const copy = copyOf(from);
      copy.headers.set("x-length", String(text.length));
      return copy;
    },
    200,
    "h\u00e9llo",
    6,
  ],
  "of one half of it": [
    async () => {
      const [one, two] = first().body!.tee();
      assert.is(await new Response(one).text(), "h\u00e9llo");
      return new Response(two);
    },
    200,
    "h\u00e9llo",
  ],
  "of what another stream gives": [
    () => new Response(first().body!.pipeThrough(new TransformStream())),
    200,
    "h\u00e9llo",
  ],
  // Bun takes it for one that was read (1.4.5).
  ...(runtime.name !== "bun" && {
    "after a reader that read nothing": [
      () => {
        const { body } = first();
        body!.getReader().releaseLock();
        return new Response(body);
      },
      200,
      "h\u00e9llo",
    ],
  }),
};

copies("they are whole, and have their length", async () => {
  const made = Object.entries(cases);
  await using app = await answering((request) => {
    const at = Number(new URL(request.url).pathname.slice(1));
    return made[at]![1][0](request);
  });
  const client = await app.connect();
  for (const [at, [what, [, status, text, length]]] of made.entries()) {
    const answer = await client.request(`/${at}`);
    assert.is(answer.status, status, `${what}: ${app.reports}`);
    assert.is(answer.text, text, what);
    if (length === undefined) continue;
    assert.is(answer.headers.get("content-length"), String(length), what);
    if (length === 0) continue;
    const head = await client.request(`/${at}`, { method: "HEAD" });
    assert.is(head.headers.get("content-length"), String(length), what);
  }
});

copies("one without a body keeps its status and headers", async () => {
  await using app = await answering(async () => {
    const from = first();
    await from.body!.cancel();
    const made = new Response(null, { status: 304, headers: { etag: '"a"' } });
    return copyOf(made);
  });
  const client = await app.connect();
  for (let time = 0; time < 2; time++) {
    const { status, headers, text } = await client.request("/");
    assert.equal([status, headers.get("etag"), text], [304, '"a"', ""]);
  }
});

copies("none is made of a body that was used", async () => {
  const used: Record<string, (from: Response) => unknown> = {
    read: (from) => from.text(),
    locked: (from) => from.body!.getReader(),
    cancelled: (from) => from.body!.cancel(),
    "read in part": async (from) => {
      const reader = from.body!.getReader();
      await reader.read();
      reader.releaseLock();
    },
    doubled: (from) => from.body!.tee(),
  };
  const outcomes: Record<string, string> = {};
  await using app = await answering(async () => {
    for (const [name, use] of Object.entries(used)) {
      const from = first();
      const { body } = from;
      await use(from);
      try {
        void new Response(body);
        outcomes[name] = "made";
      } catch (error) {
        outcomes[name] = (error as Error).name;
      }
    }
    return new Response("seen");
  });
  assert.is((await app.ask("/")).text, "seen", String(app.reports));
  assert.equal(
    outcomes,
    Object.fromEntries(Object.keys(used).map((name) => [name, "TypeError"])),
  );
});

copies.run();

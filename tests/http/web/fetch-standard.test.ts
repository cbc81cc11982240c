/**
 * corn's Response beside the runtime's own: what the Fetch standard's text lets
 * a program do with one has the same outcome with both. The runtime's own is
 * the judge; each sequence of calls comes from a printed seed.
 */
import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import process from "node:process";
import { WireHeaders } from "../../../src/http/web/headers.ts";
import { LightResponse } from "../../../src/http/web/light-response.ts";
import { MemoResponse } from "../../../src/http/web/memo-response.ts";
import { runtimeName } from "../../support/process/command.ts";
import { anySeed, randomFrom } from "../../support/random.ts";

/** The classes that a program sees. */
interface Globals {
  readonly Response: typeof Response;
  readonly Headers: typeof Headers;
}

// Node's own Response goes on filling a body of FormData, or of a Blob, that was
// cancelled: an error that nobody can catch (24.21, 26.10), and no finding here.
process.on("uncaughtException", (error: Error & { code?: string }) => {
  if (runtimeName !== "node" || error.code !== "ERR_INVALID_STATE") throw error;
});

const own: Globals = { Response, Headers };
const corn: Globals = runtimeName !== "bun"
  ? {
    Response: LightResponse as unknown as typeof Response,
    Headers: WireHeaders as unknown as typeof Headers,
  }
  : { Response: MemoResponse as unknown as typeof Response, Headers };

/** Makes a fresh value for each side. */
type Make = (globals: Globals) => unknown;

const bytes = () => new TextEncoder().encode("ab\u00e9cd");

const bodies: Readonly<Record<string, Make>> = {
  nothing: () => undefined,
  null: () => null,
  empty: () => "",
  text: () => "hello",
  accents: () => "h\u00e9llo \u20ac \u{1f33d}",
  "a lone surrogate": () => "a\ud800b",
  "a mark": () => "\ufeffmarked",
  JSON: () => '{"a":[1,"\u00e9"]}',
  "a number": () => 5,
  "an object": () => ({ a: 1 }),
  "a String": () => new String("boxed"),
  bytes,
  "no bytes": () => new Uint8Array(),
  "a part of bytes": () => bytes().subarray(1, 4),
  "an ArrayBuffer": () => bytes().buffer,
  "a DataView": () => new DataView(bytes().buffer, 1, 2),
  "16 bits": () => new Uint16Array([1, 2, 3]),
  "a Blob": () => new Blob(["blob"], { type: "text/x-blob" }),
  "a Blob without type": () => new Blob(["blob"]),
  "a form": () => new URLSearchParams({ a: "b c", d: "\u00e9" }),
  "form data": () => {
    const form = new FormData();
    form.append("a", "b");
    return form;
  },
  "a stream": () =>
    new ReadableStream({
      start(controller) {
        controller.enqueue(bytes());
        controller.close();
      },
    }),
  "a read stream": () => {
    const stream = new ReadableStream();
    stream.getReader();
    return stream;
  },
};

const headers: Readonly<Record<string, Make>> = {
  "no field": () => ({}),
  "a field": () => ({ "X-A": "b" }),
  "a number": () => ({ "x-a": 5 }),
  "an undefined value": () => ({ "x-a": undefined }),
  "blanks around": () => ({ "x-a": " \t b c \r\n" }),
  "a type": () => ({ "Content-Type": "text/html" }),
  "two cookies": () => [["Set-Cookie", "a=1"], ["set-cookie", "b=2"]],
  "twice the same": () => [["x-b", "1"], ["X-A", "2"], ["X-B", "3"]],
  "a Headers": ({ Headers }) => new Headers([["x-a", "1"], ["x-a", "2"]]),
  "a Map": () => new Map([["x-a", "1"]]),
  "latin 1": () => ({ "x-a": "\u00e9" }),
  "no latin 1": () => ({ "x-a": "\u20ac" }),
  "a line feed": () => ({ "x-a": "a\nb" }),
  "a NUL": () => ({ "x-a": "a\0b" }),
  "a bad name": () => ({ "x a": "b" }),
  "an empty name": () => ({ "": "b" }),
  "no pair": () => [["x-a"]],
  "null": () => null,
  "a number for all": () => 5,
};

const statuses: readonly unknown[] = [
  200,
  201,
  204,
  205,
  304,
  404,
  599,
  199,
  600,
  101,
  0,
  -1,
  NaN,
  200.7,
  "404",
  "x",
  null,
  undefined,
  65_736,
  { valueOf: () => 203 },
];
const texts: readonly unknown[] = [
  "",
  "OK",
  "So \u00e9",
  "\u20ac",
  "a\nb",
  "a\0",
  5,
  null,
  undefined,
  "\t x",
];

if (runtimeName === "deno") {
  // Deno does not read a text as the standard does, in bytes and back (2.9.5).
  for (const name of ["a lone surrogate", "a mark"]) {
    Reflect.deleteProperty(bodies, name);
  }
}

type Use = (made: Response, globals: Globals) => unknown;

/** What a program got of a Response and kept. */
const kept = new WeakMap<Response, { headers: Headers; body?: unknown }>();

/** What it keeps from its first look on. */
function keep(made: Response): { headers: Headers; body?: unknown } {
  const found = kept.get(made) ?? { headers: made.headers };
  kept.set(made, found);
  return found;
}

const uses: Record<string, Use> = {
  status: (made) => [made.status, made.ok, made.statusText],
  kind: (made) => [made.type, made.url, made.redirected],
  tag: (made) => [String(made), made.constructor.name],
  used: (made) => [made.bodyUsed, made.body === null],
  fields: (made) => [...made.headers],
  cookies: (made) => made.headers.getSetCookie(),
  "get and has": (made) => [
    made.headers.get("X-A"),
    made.headers.has("content-type"),
    made.headers.get("content-type"),
  ],
  "a bad get": (made) => made.headers.get("x a"),
  "a set field": (made) => made.headers.set("X-A", " new "),
  "a bad set": (made) => made.headers.set("x-a", "a\r\nb"),
  "an appended field": (made) => made.headers.append("x-a", "more"),
  "a deleted field": (made) => made.headers.delete("Content-Type"),
  "forEach()": (made) => {
    const seen: unknown[] = [];
    made.headers.forEach((value, name) => seen.push([name, value]));
    return seen;
  },
  "keys and values": (made) => [
    [...made.headers.keys()],
    [...made.headers.values()],
  ],
  "text()": (made) => made.text(),
  "json()": (made) => made.json(),
  "arrayBuffer()": async (made) => new Uint8Array(await made.arrayBuffer()),
  "bytes()": (made) => made.bytes(),
  "blob()": async (made) => {
    const blob = await made.blob();
    return [blob.type, await blob.text()];
  },
  "formData()": async (made) => [...await made.formData()],
  "a reader": async (made) => {
    const parts: unknown[] = [];
    for await (const part of made.body ?? []) {
      // Deno's gives an empty one of an empty text (2.9.5).
      if (part.length > 0) parts.push(part);
    }
    return parts;
  },
  // Cancelling form data is an error that nobody can catch (Node 24, 26).
  "a cancelled body": (made) =>
    made.headers.get("content-type")?.startsWith("multipart/")
      ? undefined
      : made.body?.cancel(),
  "a locked body": (made) => {
    made.body?.getReader();
    return made.body?.locked;
  },
  "clone()": async (made) => {
    const copy = made.clone();
    const fields = [...copy.headers];
    // Deno's loses the type that comes of a body (2.9.5, DENO-CLONE-TYPE).
    return [copy.status, runtimeName === "deno" || fields, await copy.text()];
  },
  "a copy": async (made, { Response }) => {
    const copy = new Response(made.body, made);
    return [copy.status, [...copy.headers], await copy.text()];
  },
  "headers that are kept": (made) => {
    const { headers } = keep(made);
    return [headers === made.headers, [...headers]];
  },
  "a field set by them": (made) => keep(made).headers.set("X-Kept", "k"),
  "a field deleted by them": (made) => keep(made).headers.delete("x-a"),
  "a body that is kept": (made) => {
    const found = keep(made);
    found.body ??= made.body;
    return found.body === made.body;
  },
  "a kept body that is doubled": (made) => {
    const { body } = keep(made);
    return (body as ReadableStream | undefined)?.tee().length;
  },
  "a first part": async (made) => {
    const reader = made.body?.getReader();
    const part = await reader?.read();
    reader?.releaseLock();
    // Deno's gives an empty one of an empty text (2.9.5).
    return part?.done === true || part?.value?.length === 0;
  },
  "an init of it": (made, { Response }) => {
    const next = new Response("next", made);
    return [next.status, next.statusText, [...next.headers]];
  },
};

const statics: Readonly<Record<string, (globals: Globals) => Response>> = {
  "json()": ({ Response }) => Response.json({ a: [1, null] }),
  "json() of nothing": ({ Response }) => Response.json(undefined),
  "json() with a type": ({ Response }) =>
    Response.json("x", { status: 201, headers: { "content-type": "x/y" } }),
  "json() with 204": ({ Response }) => Response.json("x", { status: 204 }),
  // The headers of the light one can be changed, as those of @hono/node-server's.
  "redirect()": ({ Response }) =>
    runtimeName !== "bun"
      ? new Response(null, Response.redirect("http://a/b c"))
      : Response.redirect("http://a/b c"),
  "redirect() with 200": ({ Response }) => Response.redirect("http://a", 200),
  "redirect() to nowhere": ({ Response }) => Response.redirect("http://"),
  "error()": ({ Response }) => Response.error(),
};

/** An outcome that can be compared: what came out, or what kind of error. */
async function outcome(run: () => unknown): Promise<string> {
  try {
    return plain(await run());
  } catch (error) {
    return `threw ${(error as Error)?.name}`;
  }
}

/** As text, without what is made by chance. */
function plain(value: unknown): string {
  const text = JSON.stringify(
    value,
    (_, one) =>
      one instanceof Uint8Array
        ? `bytes ${new TextDecoder("latin1").decode(one)}`
        : one === undefined
        ? "undefined"
        : one,
  );
  return String(text).replaceAll(
    /-+(formdata-undici-|WebKitFormBoundary)?[0-9a-zA-Z]{10,}/g,
    "boundary",
  );
}

const { pick, chance } = (() => {
  const seed = anySeed();
  const next = randomFrom(seed);
  console.log(`# seed ${seed}`);
  return {
    pick: <T>(list: readonly T[]): T =>
      list[Math.floor(next() * list.length)] as T,
    chance: (part: number) => next() < part,
  };
})();

/** What is done, in words and for either side. */
interface Plan {
  readonly text: string;
  make(globals: Globals): Response;
  readonly uses: readonly string[];
}

function initPlan(): { text: string; make: (globals: Globals) => unknown } {
  const field = chance(0.6) ? pick(Object.keys(headers)) : undefined;
  const status = chance(0.5) ? [pick(statuses)] : [];
  const statusText = chance(0.3) ? [pick(texts)] : [];
  if (chance(0.1)) return { text: "null", make: () => null };
  return {
    text: `${field}, status ${status}, text ${JSON.stringify(statusText)}`,
    make: (globals) => ({
      ...(field !== undefined && { headers: headers[field]!(globals) }),
      ...(status.length > 0 && { status: status[0] }),
      ...(statusText.length > 0 && { statusText: statusText[0] }),
    }),
  };
}

function plan(): Plan {
  const used = Array.from(
    { length: 1 + Math.floor(Number(chance(0.7))) * 3 },
    () => pick(Object.keys(uses)),
  );
  // Deno's does not know that its body was read by a copy (2.9.5,
  // DENO-COPY-READ), and takes one that was doubled for read (DENO-TEE-USED).
  const last = used.findIndex((use) =>
    use === "a copy" || use === "a kept body that is doubled"
  );
  if (runtimeName === "deno" && last >= 0) used.splice(last + 1);
  if (chance(0.1)) {
    const name = pick(Object.keys(statics));
    return { text: `Response.${name}`, make: statics[name]!, uses: used };
  }
  const body = pick(Object.keys(bodies));
  const init = chance(0.7) ? initPlan() : undefined;
  return {
    text: `new Response(${body}, ${init?.text})`,
    make: (globals) =>
      init === undefined
        ? new globals.Response(bodies[body]!(globals) as BodyInit)
        : new globals.Response(
          bodies[body]!(globals) as BodyInit,
          init.make(globals) as ResponseInit,
        ),
    uses: used,
  };
}

async function outcomes(
  { make, uses: used }: Plan,
  globals: Globals,
): Promise<string[]> {
  let made: Response | undefined;
  const all = [
    await outcome(() => {
      made = make(globals);
      // Bun's own has the type of a Blob or a form only once its headers were read (1.4.5).
      if (runtimeName === "bun") void made.headers;
    }),
  ];
  for (const use of used) {
    if (made !== undefined) {
      const response = made;
      all.push(await outcome(() => uses[use]!(response, globals)));
    }
  }
  return all;
}

const standard = suite("The Fetch standard's Response");

standard("corn's has the same outcomes as the runtime's own", async () => {
  const until = performance.now() + Number(process.env.FUZZ_MS ?? 3000);
  const wrong = new Map<string, string>();
  let count = 0;
  while (performance.now() < until) {
    count++;
    const one = plan();
    const [mine, theirs] = [
      await outcomes(one, corn),
      await outcomes(one, own),
    ];
    const at = mine.findIndex((outcome, index) => outcome !== theirs[index]);
    if (at < 0) continue;
    const what = at === 0 ? "made" : one.uses[at - 1];
    wrong.set(
      `${what}: ${mine[at]} for ${theirs[at]}`,
      `${one.text} then ${one.uses.slice(0, at).join(", ")}`,
    );
    if (wrong.size > 20) break;
  }
  assert.ok(count > 500, `${count} sequences`);
  assert.equal([...wrong].map((one) => one.join(" in ")), []);
});

standard.run();

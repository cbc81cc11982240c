/** What follows the body of an answer. */
import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { WireRequest } from "../../../src/http/web/request.ts";
import type { TrailersSource } from "../../../src/runtime/exchange.ts";
import { gated, open, settle } from "../connection/line.ts";
import type { Line, LineOptions } from "../connection/line.ts";
import { get } from "../h1/read.ts";

const trailers = suite("response trailers");

const TE = "TE: trailers";

/** Serves what `respond` gives, after these fields were handed in. */
function serve(
  fields: TrailersSource,
  respond: () => Response = () => new Response(gone("body")),
  options: LineOptions = {},
): Line & { readonly taken: boolean[] } {
  const taken: boolean[] = [];
  const line = open((request) => {
    taken.push(WireRequest.exchangeOf(request)!.sendTrailers(fields));
    return respond();
  }, options);
  return { ...line, taken };
}

/** A stream that is all there. */
function gone(text: string): ReadableStream<Uint8Array> {
  const { stream, give, end } = gated();
  if (text !== "") give(text);
  end();
  return stream;
}

/** What comes after the head. */
const after = (line: Line) =>
  line.output().slice(line.output().indexOf("\r\n\r\n") + 4);

trailers(
  "RFC 9110 §6.5.1: they follow a body in chunks where the client takes them",
  async () => {
    const line = serve({ "Server-Timing": "app;dur=5", "X-Sum": () => "42" });
    line.send(get(TE));
    await settle();
    assert.match(
      line.output(),
      "\r\ntrailer: server-timing, x-sum\r\ntransfer-encoding: chunked\r\n",
    );
    assert.is(
      after(line),
      "4\r\nbody\r\n0\r\nserver-timing: app;dur=5\r\nx-sum: 42\r\n\r\n",
    );
    assert.equal(line.taken, [true]);
    assert.is(line.ending(), undefined, "the connection goes on");
  },
);

trailers("RFC 9110 §10.1.4: nobody else is sent them", async () => {
  for (const head of [get(), get("TE: gzip, trailers;q=1"), get("TE:")]) {
    const line = serve({ "x-sum": "42" });
    line.send(head);
    await settle();
    assert.equal(line.taken, [false]);
    assert.not.match(line.output(), "trailer");
    assert.is(after(line), "4\r\nbody\r\n0\r\n\r\n");
  }
  const listed = serve({ "x-sum": "42" });
  listed.send(get("TE: deflate;q=0.5", "te: Trailers"));
  await settle();
  assert.equal(listed.taken, [true]);
});

trailers("not to HTTP/1.0, not to HEAD, not with 304", async () => {
  for (const start of ["GET / HTTP/1.0", "HEAD / HTTP/1.1"]) {
    const line = serve({ "x-sum": "42" });
    line.send(`${start}\r\nHost: a\r\n${TE}\r\n\r\n`);
    await settle();
    assert.equal(line.taken, [false], start);
    assert.not.match(line.output(), "x-sum", start);
  }
  const line = serve({ "x-sum": "42" }, () => {
    return new Response(null, { status: 304 });
  });
  line.send(get(TE));
  assert.not.match(line.output(), "x-sum");
  assert.is(after(line), "");
});

trailers("a function is called once the body has ended", async () => {
  const { stream, give, end } = gated();
  let sum = 0;
  const line = serve(
    [
      ["x-sum", async () => {
        await settle();
        return String(sum);
      }],
      ["x-none", () => undefined],
      ["x-twice", "1"],
      ["x-twice", "2"],
    ],
    () => new Response(stream),
  );
  line.send(get(TE));
  give("one");
  await settle();
  sum = 3;
  end();
  await settle();
  await settle();
  assert.match(line.output(), "\r\ntrailer: x-sum, x-none, x-twice\r\n");
  assert.is(
    after(line),
    "3\r\none\r\n0\r\nx-sum: 3\r\nx-twice: 1\r\nx-twice: 2\r\n\r\n",
  );
});

trailers("a body of any kind is sent in chunks for them", async () => {
  const bytes = new TextEncoder().encode("bytes");
  const bodies: [() => Response, string][] = [
    [() => new Response("text ü"), "7\r\ntext \xc3\xbc\r\n"],
    [() => new Response(bytes), "5\r\nbytes\r\n"],
    [() => new Response(null), ""],
    [() => new Response(""), ""],
    [() => Response.json([1]), "3\r\n[1]\r\n"],
    [() => new Response(new Blob(["blob"])), "4\r\nblob\r\n"],
    [
      () => new Response("abc", { headers: { "content-length": "3" } }),
      "3\r\nabc\r\n",
    ],
  ];
  for (const [respond, body] of bodies) {
    const line = serve({ "x-sum": "42" }, respond);
    line.send(get(TE));
    for (let turn = 0; turn < 5 && !after(line).endsWith("\r\n\r\n"); turn++) {
      await settle();
    }
    assert.is(after(line), `${body}0\r\nx-sum: 42\r\n\r\n`);
    assert.not.match(line.output(), "content-length");
  }
});

trailers("RFC 9110 §6.5.1: what must stand before the body is refused", () => {
  const names = [
    "Transfer-Encoding",
    "Content-Length",
    "Host",
    "Cache-Control",
    "TE",
    "Set-Cookie",
    "WWW-Authenticate",
    "Date",
    "Location",
    "Vary",
    "Content-Type",
    "Content-Encoding",
    "Content-Range",
    "Trailer",
    "Connection",
  ];
  for (const name of names) {
    assert.throws(
      () => serve({ [name]: "x" }).send(get(TE)),
      (error: Error) =>
        error instanceof TypeError &&
        error.message.includes(name.toLowerCase()),
      name,
    );
  }
  assert.throws(() => serve({ "a b": "x" }).send(get(TE)), TypeError);
  assert.throws(() => serve({ "x-a": "1\r\nb: c" }).send(get()), TypeError);
});

trailers("a trailer that fails is no clean end", async () => {
  const values = [() => "a\r\nb: c", () => {
    throw new Error("no sum");
  }];
  for (const value of values) {
    const line = serve({ "x-sum": value });
    line.send(get(TE));
    await settle();
    assert.is(line.ending(), "reset");
    assert.not.match(line.output(), "0\r\n");
    assert.match(line.reports[0]!, /^Response to GET \/ failed: /);
  }
});

trailers("they are too late once the answer has begun", async () => {
  const { stream, give, end } = gated();
  let late: (() => boolean) | undefined;
  const line = open((request) => {
    const exchange = WireRequest.exchangeOf(request)!;
    late = () => exchange.sendTrailers({ "x-sum": "42" });
    return new Response(stream);
  });
  line.send(get(TE));
  give("one");
  await settle();
  assert.is(late!(), false);
  end();
  await settle();
  assert.is(late!(), false);
  assert.is(after(line), "3\r\none\r\n0\r\n\r\n");
});

trailers("an answer that cannot be sent takes none with it", async () => {
  const line = serve({ "x-sum": "42" }, () => {
    const response = new Response(gone("read"));
    void response.text();
    return response;
  });
  line.send(get(TE));
  await settle();
  assert.match(line.output(), "HTTP/1.1 500 ");
  assert.not.match(line.output(), "x-sum");
});

trailers.run();

import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { Output } from "../../../src/http/output/output.ts";
import { sendResponse } from "../../../src/http/output/send-response.ts";
import type { SendOptions } from "../../../src/http/output/send-response.ts";
import { Turns } from "../../../src/http/output/turns.ts";
import { MemoResponse } from "../../../src/http/web/memo-response.ts";
import type { Channel } from "../../../src/runtime/transport.ts";

const sending = suite("sendResponse()");

const KIB = 1024;
const encoder = new TextEncoder();

interface Given extends Partial<SendOptions> {
  method?: string;
  minor?: 0 | 1;
}

/** Sends a response to a client that takes all; the date is left out. */
function send(
  response: Response,
  { method = "GET", minor = 1, ...more }: Given = {},
) {
  const writes: string[] = [];
  const latin1 = new TextDecoder("latin1");
  const channel: Partial<Channel> = {
    write: (text, bytes, after = "") =>
      writes.push(text + latin1.decode(bytes) + after) > 0,
    pending: () => 0,
  };
  const later: (() => void)[] = [];
  const soon = (run: () => void) => void later.push(run);
  const output = new Output(channel as Channel, {
    ...{ now: () => 0, clock: () => 0 },
    ...{ soon, turns: new Turns(soon) },
  });
  const observed = { bytes: 0 };
  const sent = () => {
    const [head = "", ...parts] = writes.join("").split("\r\n\r\n");
    const [line, ...fields] = head.split("\r\n");
    return { line, fields, body: parts.join("\r\n\r\n") };
  };
  const run = () =>
    sendResponse(response, {
      ...{ head: { method, minor }, output, observed },
      ...{
        closes: false,
        date: "",
        byteLength: (text) => encoder.encode(text).length,
      },
      ...more,
    });
  return {
    run,
    sent,
    writes,
    observed,
    output,
    turn: () => later.splice(0).forEach((run) => run()),
  };
}

const made = (body?: BodyInit | null, init?: ResponseInit) =>
  new MemoResponse(body, { headers: { "x-a": "b" }, ...init });

sending("writes a whole body at once, with its length", async () => {
  const bodies: [BodyInit | null, string, number][] = [
    ["text", "text", 4],
    ["", "", 0],
    ["h\u00e9", "h\xc3\xa9", 3],
    [null, "", 0],
    [encoder.encode("by"), "by", 2],
    [encoder.encode("b"), "b", 1],
    [new Uint8Array(), "", 0],
    ["x".repeat(64 * KIB), "x".repeat(64 * KIB), 64 * KIB],
  ];
  for (const [body, text, length] of bodies) {
    for (const closes of [false, true]) {
      const { run, sent, observed, writes } = send(made(body), { closes });
      const { done, closes: ends, status } = run();
      await done;
      const { line, fields, body: written } = sent();
      assert.is(line, "HTTP/1.1 200 OK");
      assert.ok(written === text, `a body of ${length}`);
      assert.ok(fields.includes(`content-length: ${length}`));
      assert.is(fields.includes("connection: close"), closes);
      assert.equal([ends, status], [closes, undefined]);
      assert.is(observed.bytes, length);
      assert.is(writes.length, 1);
    }
  }
});

sending("writes a large body in pieces behind its head", async () => {
  for (const body of [new Uint8Array(600 * KIB), "x".repeat(600 * KIB)]) {
    const { run, sent, observed, writes } = send(made(body));
    const { done } = run();
    await done;
    assert.is(sent().line, "HTTP/1.1 200 OK");
    assert.is(sent().body.length, 600 * KIB);
    assert.is(observed.bytes, 600 * KIB);
    assert.is(writes.length, 3);
  }
});

sending("a body that is awaited can be taken back until then", async () => {
  const { run, sent } = send(made(encoder.encode("bytes")));
  const { done, retract } = run();
  if (done === undefined) throw new Error("it was written at once");
  assert.is(sent().line, "");
  assert.is(retract?.(), true);
  await done;
  assert.is(sent().body, "bytes");
  assert.is(retract?.(), false);
});

sending("a stream can be taken back until its head is out", async () => {
  const { run, turn, sent } = send(made(new ReadableStream()));
  const { retract, streams, cancel } = run();
  assert.is(streams, true);
  assert.is(retract?.(), true);
  assert.is(retract?.(), false);
  turn();
  assert.is(sent().line, "");
  cancel(new Error("left"));
  const late = send(made(new ReadableStream()));
  const on = late.run();
  late.turn();
  assert.is(late.sent().line, "HTTP/1.1 200 OK");
  assert.is(on.retract?.(), false);
  on.cancel(new Error("left"));
  await Promise.resolve();
});

sending("RFC 9110 §8.6: a length is told where there is no body", () => {
  const given = { headers: { "content-length": "9" } };
  for (
    const [body, init, method, length] of [
      ["text", {}, "HEAD", "4"],
      [null, {}, "HEAD", undefined],
      [null, given, "HEAD", "9"],
      [null, { status: 204 }, "GET", undefined],
      [null, { status: 204, ...given }, "GET", undefined],
      [null, { status: 304 }, "GET", undefined],
      [null, { status: 304, ...given }, "GET", "9"],
    ] as const
  ) {
    const { run, sent, observed } = send(made(body, init), { method });
    assert.is(run().done, undefined);
    const { fields, body: written } = sent();
    const line = fields.find((one) => one.startsWith("content-length"));
    assert.is(line, length && `content-length: ${length}`);
    assert.equal([written, observed.bytes], ["", 0]);
  }
  // A text that a 304 would have is not one that it is about.
  const text = made("text");
  Object.defineProperty(text, "status", { value: 304 });
  const { run, sent } = send(text);
  run();
  assert.not.match(sent().fields.join(), "content-length");
});

sending("RFC 9112 §9.3: HTTP/1.0 stays where both say so", () => {
  const keeps = send(made("text"), { minor: 0 });
  assert.is(keeps.run().closes, false);
  assert.ok(keeps.sent().fields.includes("connection: keep-alive"));
  const stream = send(made(new ReadableStream()), { minor: 0 });
  const { closes, cancel } = stream.run();
  stream.turn();
  assert.is(closes, true);
  assert.ok(stream.sent().fields.includes("connection: close"));
  cancel(new Error("left"));
});

sending("a connection that ends after all but streams ends so", () => {
  const ends = (body: BodyInit, headers: HeadersInit = {}) => {
    const { run, turn } = send(made(body, { headers }), { closesWhole: true });
    const { closes, cancel, done } = run();
    turn();
    // It ends before the length that was told.
    done?.catch(() => {});
    cancel(new Error("left"));
    return closes;
  };
  assert.is(ends("text"), true);
  assert.is(ends(new ReadableStream()), false);
  assert.is(ends(new ReadableStream(), { "content-length": "3" }), true);
});

sending("a status that none has is refused, and nothing is written", () => {
  for (const status of [101, 0, 100, 199, 600, 1000, 200.5, "200", NaN]) {
    const response = made("text");
    Object.defineProperty(response, "status", { value: status });
    const { run, writes } = send(response);
    assert.throws(run, RangeError, `${status}`);
    assert.equal(writes, []);
  }
  for (const status of [200, 299, 599]) {
    const { run, sent } = send(made("text", { status }));
    run();
    assert.match(sent().line ?? "", `HTTP/1.1 ${status} `);
  }
});

sending("a part of a file has a status of its own", async () => {
  const file = new Blob(["0123456789"]);
  const field = (name: string) => name === "range" ? "bytes=2-4" : undefined;
  const { run, sent } = send(made(file), {
    head: { method: "GET", minor: 1, field },
    fileSize: () => 10,
  });
  const { done, status } = run();
  await done;
  const { line, fields, body } = sent();
  assert.equal([status, line, body], [
    206,
    "HTTP/1.1 206 Partial Content",
    "234",
  ]);
  assert.ok(fields.includes("content-length: 3"));
});

sending.run();

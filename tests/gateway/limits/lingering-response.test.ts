import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { UNREAD_QUIET_MS } from "../../../src/base/http/linger.ts";
import { lingeringResponse } from "../../../src/gateway/limits/lingering-response.ts";
import { FakeClock, settle } from "../../support/fake/runtime.ts";

const lingering = suite("lingeringResponse()");

/** The answer to a client whose body comes when the test says so. */
function answer() {
  const clock = new FakeClock();
  let source: ReadableStreamDefaultController<Uint8Array> | undefined;
  let cancelled = false;
  const request = new ReadableStream<Uint8Array>({
    start(controller) {
      source = controller;
    },
    cancel() {
      cancelled = true;
    },
  });
  const response = lingeringResponse({
    status: 413,
    text: "Content Too Large",
    headers: { connection: "close" },
  }, { reader: request.getReader(), clock });
  let text: string | undefined;
  response.text().then((all) => text = all);
  return {
    clock,
    response,
    source: source as ReadableStreamDefaultController<Uint8Array>,
    text: () => text,
    cancelled: () => cancelled,
  };
}

lingering("says what it is, with its length", () => {
  const { response } = answer();
  assert.is(response.status, 413);
  assert.is(response.headers.get("content-length"), "18");
  assert.is(response.headers.get("connection"), "close");
});

lingering("ends when the client has sent all", async () => {
  const { source, text, cancelled } = answer();
  source.enqueue(new Uint8Array(1000));
  await settle();
  assert.is(text(), undefined);
  source.close();
  await settle();
  assert.is(text(), "Content Too Large\n");
  assert.not.ok(cancelled());
});

lingering("is cut where the client is silent for five seconds", async () => {
  const { clock, source, text, cancelled } = answer();
  await settle();
  clock.pass(4000);
  source.enqueue(new Uint8Array(1000));
  await settle();
  clock.pass(UNREAD_QUIET_MS);
  await settle();
  assert.equal([text(), cancelled()], [undefined, false]);
  clock.pass(250);
  await settle();
  assert.equal([text(), cancelled()], ["Content Too Large\n", true]);
});

lingering("ends when the client leaves", async () => {
  const { source, text } = answer();
  source.error(new Error("reset"));
  await settle();
  assert.is(text(), "Content Too Large\n");
});

lingering.run();

import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { ask, listen, Unanswered } from "../../../src/control/client/ask.ts";
import type { FakeOutlet } from "../../support/fake/outlet.ts";
import { FakeRuntime } from "../../support/fake/runtime.ts";

const asking = suite("asking");

const encoder = new TextEncoder();

function answer(outlet: FakeOutlet, status: string, text: string): void {
  outlet.events.onData?.(encoder.encode(
    `HTTP/1.1 ${status}\r\ncontent-length: ${text.length}\r\n\r\n${text}`,
  ));
}

function dialled(runtime: FakeRuntime): FakeOutlet {
  const outlet = runtime.outlets.at(-1) as FakeOutlet;
  outlet.events.onOpen?.();
  return outlet;
}

asking("ask() says of a body alone that it is JSON", async () => {
  const runtime = new FakeRuntime();
  const status = ask(runtime, "/run/corn", { target: "/status" });
  const first = dialled(runtime);
  assert.equal(first.texts(), [
    "GET /status HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n\r\n",
  ]);
  answer(first, "200 OK", '{"pid":1}');
  assert.equal(await status, { status: 200, value: { pid: 1 } });
  assert.ok(first.closed);
  const scale = ask(runtime, "/run/corn", {
    method: "POST",
    target: "/scale",
    body: { to: 3 },
  });
  const second = dialled(runtime);
  assert.equal(second.texts(), [
    "POST /scale HTTP/1.1\r\nhost: localhost\r\n" +
    'content-type: application/json\r\ncontent-length: 8\r\n\r\n{"to":3}',
  ]);
  answer(second, "202 Accepted", "{}");
  assert.is((await scale).status, 202);
});

asking("ask() takes no other server for a corn", async () => {
  for (
    const [status, text, reason] of [
      // Docker's, at a path of its own socket.
      ["404 Not Found", '{"message":"page not found"}', "no corn"],
      ["200 OK", "null", "no corn"],
      ["200 OK", "[]", "no corn"],
      ["400 Bad Request", '{"error":{"code":7}}', "no corn"],
      ["200 OK", "<html>", "not JSON"],
    ] as const
  ) {
    const runtime = new FakeRuntime();
    const asked = ask(runtime, "/run/docker.sock", { target: "/v1/status" });
    answer(dialled(runtime), status, text);
    await asked.then(
      () => assert.unreachable("it resolved"),
      (error) => {
        assert.instance(error, Unanswered);
        assert.match(error.message, reason);
      },
    );
  }
});

asking("listen() ends at an answer that is no events", async () => {
  const runtime = new FakeRuntime();
  const ended = listen(runtime, "/run/corn", {
    target: "/events",
    onEvent() {},
  });
  const outlet = dialled(runtime);
  answer(outlet, "404 Not Found", "no events");
  await ended.then(
    () => assert.unreachable("it resolved"),
    (error) => {
      assert.instance(error, Unanswered);
      assert.is(error.message, "no events");
    },
  );
  assert.ok(outlet.closed);
});

asking("listen() closes when it is to end", async () => {
  const runtime = new FakeRuntime();
  const end = new AbortController();
  const ended = listen(runtime, "/run/corn", {
    target: "/events",
    signal: end.signal,
    onEvent() {},
  });
  const outlet = dialled(runtime);
  end.abort();
  await ended;
  assert.ok(outlet.closed);
});

asking.run();

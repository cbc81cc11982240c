import * as assert from "../../support/assert.ts";
import { suite } from "../../support/suite.ts";
import { OpenSockets } from "../../../src/gateway/sockets/open-sockets.ts";
import { withSocketLimit } from "../../../src/gateway/sockets/socket-limit.ts";
import { takeRefused } from "../../../src/exchange/refused.ts";
import { FakeOutgoing } from "../call/outgoing.ts";
import { FakeClock } from "../../support/fake/runtime.ts";

const limit = suite("withSocketLimit()");

const HEADERS = { headers: { upgrade: "websocket" } };

/** An app that answers when it is told, limited to so many. */
function limited(most: number) {
  const sockets = new OpenSockets({ clock: new FakeClock(), random: () => 0 });
  const answers: PromiseWithResolvers<Response>[] = [];
  const app = withSocketLimit({
    style: "fetch",
    call() {
      const answer = Promise.withResolvers<Response>();
      answers.push(answer);
      return answer.promise;
    },
  }, { most, sockets });
  const ask = (init?: RequestInit) =>
    app.call(new Request("http://localhost/ws", init), {}, {} as never);
  return { ask, answers, sockets };
}

function isRefused(answer: unknown): boolean {
  return answer instanceof Response && answer.status === 503;
}

limit("handshakes under way count until they are answered", async () => {
  const { ask, answers, sockets } = limited(2);
  const under = [ask(HEADERS), ask(HEADERS)];
  assert.not.ok(under.some(isRefused));
  assert.is(sockets.expected, 2);
  assert.ok(isRefused(ask(HEADERS)));
  assert.is(ask(), answers[2]?.promise, "other requests are none");
  answers[0]?.resolve(new Response());
  answers[1]?.reject(new Error("the app failed"));
  await Promise.allSettled(under);
  assert.is(sockets.expected, 0);
  assert.not.ok(isRefused(ask(HEADERS)));
});

limit("a handshake that is open counts once", async () => {
  const { ask, answers, sockets } = limited(1);
  const under = ask(HEADERS);
  const ended = sockets.keep({ close() {}, cut() {} }, {});
  answers[0]?.resolve(new Response());
  await under;
  assert.ok(isRefused(ask(HEADERS)));
  ended({});
  assert.not.ok(isRefused(ask(HEADERS)));
});

limit("an app that throws has no handshake under way", () => {
  const sockets = new OpenSockets({ clock: new FakeClock(), random: () => 0 });
  const app = withSocketLimit({
    style: "fetch",
    call() {
      throw new Error("the app failed");
    },
  }, { most: 1, sockets });
  const request = new Request("http://localhost/ws", HEADERS);
  for (let count = 0; count < 2; count++) {
    assert.throws(() => app.call(request, {}, {} as never), /the app failed/);
  }
  assert.is(sockets.expected, 0);
});

limit("a synchronous answer ends its handshake at once", () => {
  const sockets = new OpenSockets({ clock: new FakeClock(), random: () => 0 });
  const app = withSocketLimit({ style: "fetch", call: () => "answer" }, {
    most: 1,
    sockets,
  });
  const request = new Request("http://localhost/ws", HEADERS);
  assert.is(app.call(request, {}, {} as never), "answer");
  assert.is(sockets.expected, 0);
});

limit("a listener is not asked either, and each refusal is counted", () => {
  takeRefused();
  const sockets = new OpenSockets({ clock: new FakeClock(), random: () => 0 });
  let called = 0;
  const app = withSocketLimit({
    style: "node",
    call: () => (called++, "answer"),
  }, { most: 1, sockets });
  const ask = (upgrade?: string) => {
    const outgoing = new FakeOutgoing();
    const answer = app.call(
      { headers: { upgrade } } as never,
      outgoing,
      {} as never,
    );
    return { outgoing, answer };
  };
  assert.is(ask("websocket").answer, "answer");
  sockets.expect();
  assert.is(ask().answer, "answer");
  const { outgoing } = ask("websocket");
  assert.equal([outgoing.statusCode, called], [503, 2]);
  assert.is(outgoing.headers.get("retry-after"), "1");
  assert.equal(takeRefused(), [["sockets", 503, 1]]);
});

limit.run();

import * as assert from "../../support/assert.ts";
import { suite } from "../../support/suite.ts";
import { OpenSockets } from "../../../src/gateway/sockets/open-sockets.ts";
import { withSocketLimit } from "../../../src/gateway/sockets/socket-limit.ts";
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
  assert.not.ok(isRefused(ask()), "other requests are none");
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

limit.run();

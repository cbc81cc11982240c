import { EventEmitter } from "node:events";
import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import type { App, AppContext, NodeApp } from "../../../src/gateway/app/app.ts";
import { withRequestHooks } from "../../../src/gateway/call/request-hooks.ts";
import type {
  HookWorker,
  RequestOutcome,
  WorkerHooks,
} from "../../../src/hooks/types.ts";
import { FakeClock, settle } from "../../support/fake/runtime.ts";

const hooks = suite("hooks");

const context = {} as AppContext;
const worker = { slot: 1 } as HookWorker;

function build(app: App, given: WorkerHooks) {
  const clock = new FakeClock();
  // A worker has run for a while when a request comes.
  clock.pass(5000);
  const lines: string[] = [];
  const held: Promise<unknown>[] = [];
  const hooked = withRequestHooks(app, {
    clock,
    hooks: given,
    worker,
    limitMs: 2000,
    log: {
      warning: (text) => void lines.push(text),
      error: (text) => void lines.push(text),
    },
    hold: (promise) => void held.push(promise),
  });
  return { hooked, clock, lines, held };
}

const request = new Request("http://localhost/");

function serve(call: (request: Request) => unknown, given: WorkerHooks) {
  const site = build({ style: "fetch", call }, given);
  return {
    ...site,
    ask: () =>
      (site.hooked.call as (...all: unknown[]) => unknown)(
        request,
        undefined,
        context,
      ),
  };
}

hooks("withRequestHooks() leaves the app as it is without hooks", () => {
  const app: App = { style: "fetch", call: () => new Response() };
  assert.is(build(app, { postFork() {} }).hooked, app);
});

hooks("preRequest and postRequest stand around the app", () => {
  const order: string[] = [];
  const { ask } = serve(() => {
    order.push("app");
    return new Response("x", { status: 201 });
  }, {
    preRequest(one, given) {
      assert.is(one, worker);
      assert.is(given, request);
      order.push("pre");
    },
    postRequest(_worker, given, { status, response, ms, error }) {
      assert.is(given, request);
      assert.is(response?.status, 201);
      order.push(`post ${status} ${ms} ${error}`);
    },
  });
  assert.is((ask() as Response).status, 201, "no promise is made");
  assert.equal(order, ["pre", "app", "post 201 0 undefined"]);
});

hooks("what is no Response counts as an error", () => {
  const outcomes: RequestOutcome[] = [];
  const { ask } = serve(() => "text", {
    postRequest: (_worker, _request, outcome) => void outcomes.push(outcome),
  });
  assert.is(ask(), "text", "the gateway refuses it");
  assert.equal(outcomes, [{ status: 500, response: undefined, ms: 0 }]);
});

hooks("the app waits for preRequest, not for ever", async () => {
  let called = 0;
  const { ask, clock, lines } = serve(() => {
    called++;
    return new Response();
  }, { preRequest: () => new Promise(() => {}) });
  const answer = ask();
  await settle();
  assert.is(called, 0);
  clock.pass(2000);
  assert.is((await answer as Response).status, 200);
  assert.is(called, 1);
  assert.match(lines.join(), "Hook preRequest is not done");
});

hooks("postRequest gets the time, and the drain waits for it", async () => {
  const gate = Promise.withResolvers<Response>();
  const outcomes: RequestOutcome[] = [];
  const { ask, clock, held } = serve(() => gate.promise, {
    postRequest: (_worker, _request, outcome) => {
      outcomes.push(outcome);
      return new Promise(() => {});
    },
  });
  const answer = ask() as Promise<Response>;
  clock.pass(250);
  gate.resolve(new Response());
  assert.is((await answer).status, 200);
  assert.is(outcomes[0]?.ms, 250);
  assert.is(held.length, 1);
});

for (const later of [false, true]) {
  const when = later ? "later" : "at once";
  hooks(`postRequest gets what the app throws ${when}`, async () => {
    const error = new Error("app");
    const outcomes: RequestOutcome[] = [];
    const { ask } = serve(() => {
      if (later) return Promise.reject(error);
      throw error;
    }, {
      postRequest: (_worker, _request, outcome) => outcomes.push(outcome),
    });
    let thrown: unknown;
    try {
      await ask();
    } catch (one) {
      thrown = one;
    }
    assert.is(thrown, error);
    assert.equal(outcomes, [
      { status: 500, response: undefined, error, ms: 0 },
    ]);
  });
}

hooks("what preRequest throws keeps the app from being called", async () => {
  let called = 0;
  for (
    const preRequest of [
      () => Promise.reject(new Error("no")),
      () => {
        throw new Error("no");
      },
    ]
  ) {
    const { ask, lines } = serve(() => called++, { preRequest });
    let message = "";
    try {
      await ask();
    } catch (error) {
      message = (error as Error).message;
    }
    assert.is(message, "Hook preRequest failed");
    assert.match(lines.join(), /Hook preRequest failed\nError: no/);
  }
  assert.is(called, 0);
});

hooks("what postRequest throws changes no answer", () => {
  const { ask, lines } = serve(() => new Response("x"), {
    postRequest() {
      throw new Error("no");
    },
  });
  assert.is((ask() as Response).status, 200);
  assert.match(lines.join(), "Hook postRequest failed");
});

hooks("a listener's postRequest comes when its response has closed", () => {
  const outcomes: RequestOutcome[] = [];
  const { hooked, clock } = build({
    style: "node",
    call: (_incoming, outgoing) => {
      (outgoing as { statusCode: number }).statusCode = 404;
    },
  }, {
    postRequest: (_worker, _request, outcome) => outcomes.push(outcome),
  });
  const outgoing = Object.assign(new EventEmitter(), { statusCode: 200 });
  (hooked.call as (...all: unknown[]) => unknown)({}, outgoing);
  assert.equal(outcomes, []);
  clock.pass(40);
  outgoing.emit("close");
  assert.is(outcomes[0]?.status, 404);
  assert.is(outcomes[0]?.ms, 40);
  assert.is(outcomes[0]?.response, outgoing as unknown as Response);
});

/** A listener with a hook that notes outcomes, called once. */
async function listen(call: NodeApp, given: WorkerHooks = {}) {
  const outcomes: RequestOutcome[] = [];
  const { hooked } = build({ style: "node", call }, {
    postRequest: (_worker, _request, outcome) => outcomes.push(outcome),
    ...given,
  });
  const outgoing = Object.assign(new EventEmitter(), { statusCode: 500 });
  let thrown: unknown;
  try {
    await (hooked.call as (...all: unknown[]) => unknown)({}, outgoing);
  } catch (error) {
    thrown = error;
  }
  outgoing.emit("close");
  return { outcomes, thrown };
}

hooks(
  "a listener's postRequest gets what it throws, now or later",
  async () => {
    const error = new Error("app");
    for (
      const call of [
        () => Promise.reject(error),
        () => {
          throw error;
        },
      ]
    ) {
      const { outcomes, thrown } = await listen(call);
      assert.is(thrown, error, "the gateway answers it");
      assert.equal(outcomes, [
        { status: 500, response: undefined, error, ms: 0 },
      ]);
    }
  },
);

hooks("what preRequest throws keeps a listener from being called", async () => {
  let called = 0;
  const { outcomes, thrown } = await listen(() => called++, {
    preRequest: () => Promise.reject(new Error("no")),
  });
  assert.is((thrown as Error).message, "Hook preRequest failed");
  assert.is(outcomes[0]?.error, thrown);
  assert.is(called, 0);
});

hooks.run();

import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { createContexts } from "../../../src/gateway/call/context.ts";
import {
  contextOf,
  installMembers,
  noteContext,
} from "../../../src/gateway/call/request-members.ts";

const members = suite("installMembers()");

const env = {};
const Context = createContexts(() => {});

/** A request with the members, and its context. */
function given(runtime = "node") {
  class Asked {
    declare ip?: string;
    declare runtime?: unknown;
    declare waitUntil?: unknown;
  }
  installMembers(Asked.prototype, {
    runtime,
    addressOf: (one, by) => one === asked && by === env ? "192.0.2.7" : "?",
  });
  const asked = new Asked();
  return { asked, context: new Context(asked, env) };
}

members("a noted request has the client, the runtime and waitUntil", () => {
  for (
    const [runtime, more] of [
      ["node", {}],
      ["bun", { bun: { server: env } }],
      ["deno", { deno: { info: env } }],
    ] as const
  ) {
    const { asked, context } = given(runtime);
    noteContext(asked, context);
    assert.is(contextOf(asked), context);
    assert.is(asked.ip, "192.0.2.7");
    assert.equal(asked.runtime, { name: runtime, ...more });
    assert.is(asked.waitUntil, context.waitUntil);
  }
});

members("any other request has none of them", () => {
  const { asked } = given();
  assert.is(contextOf(asked), undefined);
  assert.is(contextOf(undefined), undefined);
  assert.equal(
    [asked.ip, asked.runtime, asked.waitUntil],
    [undefined, undefined, undefined],
  );
});

members("what is written to a request is a member like any other", () => {
  const { asked, context } = given();
  noteContext(asked, context);
  asked.ip = "own";
  asked.ip = "later";
  assert.is(asked.ip, "later");
  assert.ok(Object.keys(asked).includes("ip"));
  delete asked.ip;
  assert.is(asked.ip, "192.0.2.7");
});

members("they can be put in place again", () => {
  const { asked, context } = given();
  installMembers(Object.getPrototypeOf(asked), {
    runtime: "node",
    addressOf: () => "other",
  });
  noteContext(asked, context);
  assert.is(asked.ip, "other");
});

members.run();

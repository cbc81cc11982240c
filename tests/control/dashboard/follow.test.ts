import { Feed } from "../../../src/control/dashboard/feed.ts";
import { Follower } from "../../../src/control/dashboard/follow.ts";
import * as assert from "../../support/assert.ts";
import type { FakeOutlet } from "../../support/fake/outlet.ts";
import { FakeRuntime, settle } from "../../support/fake/runtime.ts";
import { suite } from "../../support/suite.ts";

const follower = suite("Follower");

/** A feed that draws nothing. */
class PlainFeed extends Feed {
  override look(): void {}
}

/** Answers what was asked last with a status. */
function answerStatus({ outlets }: FakeRuntime, pid: number): void {
  const outlet = outlets.at(-1) as FakeOutlet;
  outlet.events.onOpen?.();
  const text = JSON.stringify({ pid });
  outlet.events.onData?.(
    new TextEncoder().encode(
      `HTTP/1.1 200 OK\r\ncontent-length: ${text.length}\r\n\r\n${text}`,
    ),
  );
}

follower("hears one stream of events, until it is closed", async () => {
  const runtime = new FakeRuntime();
  const one = new Follower(runtime, new PlainFeed(), "/run/corn.sock");
  const begun = one.begin();
  answerStatus(runtime, 7);
  await begun;
  const [, events] = runtime.outlets as [FakeOutlet, FakeOutlet];
  events.events.onOpen?.();
  await settle();
  assert.match(events.texts().join(""), "GET /v1/events?after=0 ");
  runtime.clock.pass(1000);
  answerStatus(runtime, 7);
  await settle();
  assert.is(runtime.outlets.length, 3, "the stream goes on");
  assert.is(events.closed, false);
  runtime.clock.pass(1000);
  answerStatus(runtime, 8);
  await settle();
  assert.is(events.closed, true, "another arbiter's events are heard now");
  const next = runtime.outlets.at(-1) as FakeOutlet;
  assert.is(next.closed, false);
  one.close();
  assert.is(next.closed, true);
});

follower.run();

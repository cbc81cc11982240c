import { Feed } from "../../../src/control/dashboard/feed.ts";
import { Follower } from "../../../src/control/dashboard/follow.ts";
import { Unanswered } from "../../../src/control/client/ask.ts";
import type { EventStream } from "../../../src/control/door/route.ts";
import { load } from "../../config/support.ts";
import * as assert from "../../support/assert.ts";
import { ControlledRuntime, SOCKET } from "../../support/fake/controlled.ts";
import { servingWorker } from "../../support/fake/subject.ts";
import type { FakeOutlet } from "../../support/fake/outlet.ts";
import { FakeRuntime, settle } from "../../support/fake/runtime.ts";
import { suite } from "../../support/suite.ts";

const follower = suite("Follower");
const config = await load();

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

/** A page that listens. */
const PAGE: EventStream = { unread: 0, send() {}, close() {} };

async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await settle();
}

/** Follows a corn, for a second with each call of `pass()`. */
async function follow(corn: ControlledRuntime) {
  const feed = new Feed();
  const one = new Follower(corn, feed, SOCKET);
  void one.begin();
  await settled();
  const pass = async () => {
    corn.clock.pass(1000);
    await settled();
  };
  return { feed, one, pass };
}

follower("shows a corn each second, and what happens to it", async () => {
  const corn = new ControlledRuntime(config);
  const feed = new Feed();
  const one = new Follower(corn, feed, SOCKET);
  const begun = one.begin();
  await settled();
  assert.is((await begun).pid, 99);
  assert.is(feed.start().look?.status.pid, 99);
  corn.clock.pass(999);
  await settled();
  assert.is(feed.start().points.length, 1);
  corn.clock.pass(1);
  await settled();
  assert.is(feed.start().points.length, 2);
  corn.chronicle.note({ about: "ready", text: "It is" });
  await settled();
  const [told, ...others] = feed.start().lines;
  assert.equal([told?.event, told?.data, others], [
    "note",
    { about: "ready", text: "It is" },
    [],
  ]);
  one.close();
  assert.equal(corn.clock.due(), [], "nothing keeps the process");
});

follower("shows the requests that are open, and not too many", async () => {
  const corn = new ControlledRuntime(config);
  corn.subject.set({ workers: [servingWorker(1, { open: 250 })] });
  corn.subject.open = Array.from({ length: 250 }, (_, ms) => ({
    ...{ method: "GET", path: "/", ms, client: null, state: "waiting" },
    worker: { slot: 1, pid: 101, age: 1, generation: 1 },
  }));
  const { feed, one, pass } = await follow(corn);
  const next = async () => {
    await pass();
    const { requests = [], more } = feed.start().look?.open ?? {};
    return [requests.length, more, requests[0]?.ms];
  };
  assert.equal(await next(), [0, 0, undefined], "nobody looks");
  const listening = feed.stream(PAGE, 0);
  assert.equal(await next(), [200, 50, 0]);
  listening.close();
  one.close();
});

follower("goes on with the arbiter that takes over, elsewhere", async () => {
  const corn = new ControlledRuntime(config);
  const { feed, one, pass } = await follow(corn);
  const next = async () => {
    await pass();
    const { link, look } = feed.start();
    return [link, look?.status.pid];
  };
  assert.equal(await next(), ["up", 99]);
  corn.end();
  assert.equal(await next(), ["down", 99]);
  const other = "/tmp/corn-0/100.sock";
  corn.subject.pid = 100;
  corn.pids.add(100);
  corn.files.texts.set(other, "");
  corn.answering.add(other);
  assert.equal(await next(), ["down", 99], "it is found first");
  assert.equal(await next(), ["up", 100]);
  corn.answering.delete(other);
  corn.clock.pass(1000);
  one.close();
  await settled();
  const { length } = feed.start().points;
  assert.equal(await next(), ["up", 100], "it looks no more");
  assert.is(feed.start().points.length, length);
});

follower("fails where nothing answers at first", async () => {
  const corn = new ControlledRuntime(config);
  corn.end();
  const failure = await new Follower(corn, new Feed(), SOCKET).begin()
    .then(() => undefined, (error) => error);
  assert.instance(failure, Unanswered);
  assert.equal(corn.clock.due(), []);
});

follower.run();

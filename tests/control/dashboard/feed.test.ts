import { Feed } from "../../../src/control/dashboard/feed.ts";
import type { Told } from "../../../src/control/dashboard/feed.ts";
import type { SentEvent } from "../../../src/control/door/route.ts";
import * as assert from "../../support/assert.ts";
import { suite } from "../../support/suite.ts";

const feed = suite("Feed");

function line(text: string): Told {
  const time = "2026-11-29T00:00:00.000Z";
  return { time, event: "log", data: { level: "info", pid: 1, text } };
}

/** Listens from a number on. */
function listen(feed: Feed, after: number) {
  const sent: SentEvent[] = [];
  const stream = {
    unread: 0,
    send: (event: SentEvent) => void sent.push(event),
    close() {},
  };
  return { sent, listening: feed.stream(stream, after) };
}

feed("a page gets each event once, from its start on", () => {
  const one = new Feed();
  one.tell(line("first"));
  one.tell(line("second"));
  const { last, lines } = one.start();
  assert.is(lines.length, 2);
  one.tell(line("third"));
  const { sent, listening } = listen(one, last);
  assert.ok(one.watched);
  one.link("down");
  one.link("down");
  assert.equal(sent.map(({ id, event }) => [id, event]), [
    [3, "told"],
    [4, "link"],
  ]);
  listening.close();
  one.tell(line("fourth"));
  assert.is(sent.length, 2);
  assert.not(one.watched);
});

feed("a page that missed too much begins again", () => {
  const one = new Feed();
  for (let n = 0; n < 200; n++) one.tell(line(`line ${n}`));
  assert.equal(listen(one, 3).sent.map(({ event }) => event), ["again"]);
  // So does one that knows another process at this address.
  assert.equal(listen(one, 999).sent.map(({ event }) => event), ["again"]);
});

feed("what is kept has its bounds", () => {
  const one = new Feed();
  for (let n = 0; n < 2000; n++) one.tell(line(`line ${n}`));
  const { lines, last } = one.start();
  assert.is(lines.length, 500);
  assert.is(last, 2000);
});

feed.run();

import { Feed } from "../../../src/control/dashboard/feed.ts";
import type { Told } from "../../../src/control/dashboard/feed.ts";
import type { Look } from "../../../src/control/dashboard/points.ts";
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

feed("a page that missed all that is kept, and no more, gets that", () => {
  const one = new Feed();
  for (let n = 1; n <= 150; n++) one.tell(line(`line ${n}`));
  const { sent } = listen(one, 50);
  assert.equal([sent.length, sent[0]?.id, sent.at(-1)?.id], [100, 51, 150]);
  assert.equal(listen(one, 49).sent.map(({ event }) => event), ["again"]);
  assert.equal(listen(one, 150).sent, []);
});

feed("a look is shown to pages, and kept for those that come", () => {
  const one = new Feed();
  assert.not("look" in one.start());
  const { sent } = listen(one, 0);
  const lookAt = (at: number) => ({
    ...{ at, open: { requests: [], more: 0 } },
    status: {
      ...{ listeners: [], waiting: 0, workers: [] },
      totals: { requests: 0, open: 3, live: null },
    },
  } as unknown as Look);
  for (let at = 1; at <= 400; at++) one.look(lookAt(at));
  const { look, points, last } = one.start();
  assert.equal([look, last], [lookAt(400), 400]);
  assert.equal([points.length, points[0]?.at, points[0]?.open], [300, 101, 3]);
  assert.equal(sent[0], {
    ...{ id: 1, event: "look" },
    data: { look: lookAt(1), point: { ...points[0], at: 1 } },
  });
});

feed("what is kept has its bounds", () => {
  const one = new Feed();
  for (let n = 0; n < 2000; n++) one.tell(line(`line ${n}`));
  const { lines, last } = one.start();
  assert.is(lines.length, 500);
  assert.is(last, 2000);
});

feed.run();

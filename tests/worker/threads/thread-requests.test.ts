import type { RequestsMessage } from "../../../src/protocol/messages.ts";
import { createHost } from "../../../src/worker/observe/worker-host.ts";
import { ThreadRequests } from "../../../src/worker/threads/thread-requests.ts";
import type { SilentThread } from "../../../src/worker/threads/thread-requests.ts";
import * as assert from "../../support/assert.ts";
import { FakeLink, FakeRuntime } from "../../support/fake/runtime.ts";
import { suite } from "../../support/suite.ts";

const requests = suite("ThreadRequests");

const seen = new Map<number, SilentThread>();

function started() {
  const runtime = new FakeRuntime();
  const link = new FakeLink();
  const all = new ThreadRequests(
    createHost(runtime, link),
    (thread) => seen.get(thread) ?? { requests: [] },
  );
  const one = (path: string, ms: number) => ({ method: "GET", path, ms });
  return {
    ...{ all, clock: runtime.clock, one },
    take: (thread: number, id: number, path: string, ms: number) =>
      all.take(thread, { type: "requests", id, requests: [one(path, ms)] }),
    told: () => link.of<RequestsMessage>("requests"),
  };
}

requests("those of all threads are told at once, the oldest first", () => {
  const { all, clock, take, told } = started();
  all.expect(7, [1, 2]);
  take(1, 7, "/new", 5);
  assert.equal(told(), []);
  take(2, 7, "/old", 50);
  assert.equal(clock.due(), []);
  assert.equal(told(), [{
    ...{ type: "requests", id: 7 },
    requests: [
      { method: "GET", path: "/old", ms: 50, thread: 2 },
      { method: "GET", path: "/new", ms: 5, thread: 1 },
    ],
  }]);
});

requests("silent threads are seen from outside, and answer too late", () => {
  const { all, clock, one, take, told } = started();
  const silent = (thread: number, ms: number): SilentThread => ({
    requests: [{ ...one("/slow", ms), thread }],
    blocked: { thread, ms },
  });
  for (const [short, long] of [[1, 2], [2, 1]] as const) {
    seen.set(short, silent(short, 600));
    seen.set(long, silent(long, 6000));
    all.expect(short, [1, 2, 3]);
    take(3, short, "/quick", 1);
    clock.pass(199);
    const before = told().length;
    clock.pass(1);
    const { requests, blocked } = told()[before] ?? {};
    assert.equal(requests?.map(({ ms, thread }) => [ms, thread]), [
      ...[[6000, long], [600, short], [1, 3]],
    ]);
    assert.equal(blocked?.map(({ thread }) => thread), [long, short]);
    take(1, short, "/late", 7000);
    take(2, short, "/late", 7000);
    assert.is(told().length, before + 1);
  }
});

requests("where no thread is left there are none", () => {
  const { all, clock, told } = started();
  all.expect(7, []);
  assert.equal(told(), [{ type: "requests", id: 7, requests: [] }]);
  assert.equal(clock.due(), []);
});

requests.run();

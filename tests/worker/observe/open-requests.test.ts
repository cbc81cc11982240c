import { Inflight } from "../../../src/gateway/call/inflight.ts";
import { MOST_PATH } from "../../../src/protocol/messages.ts";
import type { RequestsMessage } from "../../../src/protocol/messages.ts";
import { tellRequests } from "../../../src/worker/observe/open-requests.ts";
import { createHost } from "../../../src/worker/observe/worker-host.ts";
import * as assert from "../../support/assert.ts";
import { FakeLink, FakeRuntime } from "../../support/fake/runtime.ts";
import { suite } from "../../support/suite.ts";

const listing = suite("tellRequests()");

/** What is told of requests that are open for 5 ms. */
function told(requests: readonly Request[], query = false, peer?: object) {
  const runtime = new FakeRuntime();
  runtime.peerOf = () => {
    if (peer instanceof Error) throw peer;
    return peer as undefined;
  };
  const link = new FakeLink();
  const inflight = new Inflight(() => runtime.clock.now());
  for (const request of requests) {
    inflight.open++;
    const seat = inflight.begin(request);
    inflight.leave();
    inflight.defer(seat, request);
  }
  runtime.clock.pass(5);
  tellRequests({ id: 7, query }, inflight, createHost(runtime, link));
  const [message] = link.of<RequestsMessage>("requests");
  assert.is(message?.id, 7);
  return message?.requests;
}

const of = (path: string) => new Request(`http://localhost${path}`);

listing("tells what is open, without the query unless it is wanted", () => {
  const requests = [of("/a?secret=1")];
  const one = { method: "GET", ms: 5 };
  assert.equal(told(requests), [{ ...one, path: "/a" }]);
  assert.equal(told(requests, true), [{ ...one, path: "/a?secret=1" }]);
  assert.equal(told([]), []);
});

listing("tells a long path as far as it may", () => {
  const path = `/${"a".repeat(2 * MOST_PATH)}`;
  const [one] = told([of(path)]) ?? [];
  assert.is(one?.path, path.slice(0, MOST_PATH));
});

listing("tells the client's address, where there is one", () => {
  const peer = { kind: "tcp", address: "192.0.2.1", port: 5 };
  assert.is(told([of("/")], false, peer)?.[0]?.client, "192.0.2.1");
  for (const other of [{ kind: "unix" }, new Error("it is over"), undefined]) {
    const [one = {}] = told([of("/")], false, other) ?? [];
    assert.not(Object.hasOwn(one, "client"));
  }
});

listing.run();

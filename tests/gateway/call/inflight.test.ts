import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { Inflight } from "../../../src/gateway/call/inflight.ts";
import { readFlightRecord } from "../../../src/exchange/flight-record.ts";
import { WireRequest } from "../../../src/http/web/request.ts";
import type { RequestExchange } from "../../../src/http/web/request.ts";
import { settle } from "../../support/fake/runtime.ts";

const inflight = suite("inflight");

function track() {
  return { tracked: new Inflight(() => 0) };
}

async function isIdle(tracked: Inflight): Promise<boolean> {
  let idle = false;
  void tracked.idle().then(() => idle = true);
  await settle();
  return idle;
}

inflight("idle() resolves at once where nothing is open", async () => {
  assert.ok(await isIdle(track().tracked));
});

inflight("idle() waits for open requests", async () => {
  const { tracked } = track();
  const one = tracked.begin({ method: "GET", url: "/" });
  tracked.open = 2;
  let idle = 0;
  void tracked.idle().then(() => idle++);
  void tracked.idle().then(() => idle++);
  tracked.end(one);
  await settle();
  assert.is(idle, 0);
  tracked.end(one);
  await settle();
  assert.is(idle, 2);
});

inflight("idle() waits for what is held, however it ends", async () => {
  const { tracked } = track();
  const first = Promise.withResolvers<void>();
  const second = Promise.withResolvers<void>();
  tracked.hold(first.promise);
  tracked.hold(second.promise);
  assert.not(await isIdle(tracked));
  first.resolve();
  assert.not(await isIdle(tracked));
  second.reject(new Error("no"));
  assert.ok(await isIdle(tracked));
});

inflight("hold() takes what is no promise as settled", async () => {
  const { tracked } = track();
  tracked.hold(undefined);
  tracked.hold({ then: (run: () => void) => run() });
  assert.ok(await isIdle(tracked));
});

inflight("begin() makes no URL of a request of the wire engine", () => {
  const { tracked } = track();
  const head = {
    method: "GET",
    target: { origin: "http://a.example", path: "/orders?secret=1" },
    get url(): string {
      throw new Error("The URL was made");
    },
  } as unknown as RequestExchange["head"];
  const exchange = { head } as RequestExchange;
  tracked.begin(new WireRequest(head, undefined, exchange));
  const { atWork } = readFlightRecord(tracked.recorder.copy()) ?? {};
  assert.equal([atWork?.method, atWork?.path], ["GET", "/orders"]);
});

inflight.run();

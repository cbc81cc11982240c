import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { Inflight } from "../../../src/gateway/call/inflight.ts";
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

inflight.run();

import { reportReady } from "../../src/cli/daemon.ts";
import * as assert from "../support/assert.ts";
import { settle } from "../support/fake/clock.ts";
import { suite } from "../support/suite.ts";

const daemon = suite("reportReady");

/** An arbiter that is awaited, and what is done to it and told of it. */
function awaited(linked = true) {
  const seen: unknown[] = [];
  const whole = Promise.withResolvers<void>();
  const ready = Promise.resolve();
  const milestones = { ready, whole: whole.promise };
  let close = () => {};
  const link = {
    send: (message: unknown) => void seen.push(message),
    onMessage() {},
    onClose: (run: () => void) => void (close = run),
    close() {},
    unref() {},
  };
  reportReady(
    {
      milestones,
      stop: (mode: unknown) => (seen.push(`stop ${mode}`), Promise.resolve()),
    } as unknown as Parameters<typeof reportReady>[0],
    { parent: () => linked ? link : undefined } as unknown as Parameters<
      typeof reportReady
    >[1],
  );
  return { seen, whole, close: () => close() };
}

daemon("tells the command that waits, which may go then", async () => {
  const { seen, whole, close } = awaited();
  await settle();
  assert.equal(seen, []);
  whole.resolve();
  await settle();
  close();
  assert.equal(seen, [{ type: "serving" }]);
});

daemon("stops where nobody waits any more before that", () => {
  const { seen, close } = awaited();
  close();
  assert.equal(seen, ["stop quick"]);
  assert.equal(awaited(false).seen, ["stop quick"]);
});

daemon("tells nothing of an arbiter that fails", async () => {
  const { seen, whole } = awaited();
  whole.reject(new Error("no"));
  await settle();
  assert.equal(seen, []);
});

daemon.run();

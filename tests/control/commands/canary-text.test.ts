import { canaryText } from "../../../src/control/commands/give-order.ts";
import * as assert from "../../support/assert.ts";
import { suite } from "../../support/suite.ts";

const canary = suite("canaryText()");

canary("it tells both sides, and how long it is judged yet", () => {
  assert.is(
    canaryText({
      worker: 1,
      leftMs: 25_000,
      fresh: { requests: 340, failures: 12 },
      old: { requests: 900, failures: 0 },
    }),
    "Canary: 12 of 340 (3.5 %) of its answers failed, of the others' 0 of 900 (0 %); judged for 25.0 s more",
  );
  assert.match(
    canaryText({
      worker: 1,
      leftMs: 0,
      fresh: { requests: 0, failures: 0 },
      old: { requests: 3, failures: 3 },
    }),
    /^Canary: 0 of 0 \(0 %\) .* 3 of 3 \(100 %\); judged now$/,
  );
});

canary("a share has two digits where it has no more", () => {
  const shares = [[1, 1000], [99, 1000], [100, 1000], [999, 1000]].map((
    [failures = 0, requests = 0],
  ) => {
    const fresh = { requests, failures };
    const text = canaryText({ worker: 1, leftMs: 0, fresh, old: fresh });
    return /\((\S+) %\)/.exec(text)?.[1];
  });
  assert.equal(shares, ["0.10", "9.9", "10", "100"]);
});

canary.run();

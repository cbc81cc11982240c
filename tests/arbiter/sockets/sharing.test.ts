import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import {
  decideSharing,
  describeSharing,
} from "../../../src/arbiter/sockets/sharing.ts";
import type { SharingQuery } from "../../../src/arbiter/sockets/sharing.ts";
import { BindError } from "../../../src/base/errors.ts";
import type { RuntimeName } from "../../../src/runtime/runtime.ts";

const sharing = suite("sharing");

const TCP = { kind: "tcp", host: "127.0.0.1", port: 8000 } as const;
const UNIX = { kind: "unix", path: "/run/corn.sock" } as const;

function decide(given: Partial<SharingQuery> = {}) {
  return decideSharing({
    address: TCP,
    arbiterHolds: true,
    workerRuntime: "node",
    workers: 4,
    reusePort: undefined,
    queues: "auto",
    preferOne: false,
    ...given,
  });
}

sharing("decideSharing() opens a queue a worker", () => {
  assert.equal(decide(), { held: true, queues: 4, reusePort: true });
  assert.equal(decide({ reusePort: true }), decide());
});

sharing(
  "decideSharing() opens one queue where workers prefer it, to add to",
  () => {
    const one = { held: true, queues: 1, reusePort: true };
    assert.equal(decide({ preferOne: true }), one);
    // Where the arbiter cannot hold it each worker has its own.
    const own = decide({ preferOne: true, arbiterHolds: false });
    assert.equal(own, { held: false, queues: 0, reusePort: true });
  },
);

sharing("decideSharing() opens one queue for one worker, to add to", () => {
  assert.equal(decide({ workers: 1 }), {
    held: true,
    queues: 1,
    reusePort: true,
  });
});

sharing("decideSharing() opens as many queues as are asked for", () => {
  assert.is(decide({ queues: 2 }).queues, 2);
  assert.is(decide({ queues: 7, reusePort: true }).queues, 7);
  assert.is(decide({ queues: 7, address: UNIX }).queues, 1);
  assert.is(decide({ queues: 7, arbiterHolds: false }).queues, 0);
});

for (
  const [how, given] of [
    ["a unix socket", { address: UNIX }],
    ["--no-reuse-port", { reusePort: false }],
    ["--queues 1", { queues: 1 }],
  ] as const
) {
  sharing(`decideSharing() opens one queue for ${how}`, () => {
    assert.equal(decide(given), { held: true, queues: 1, reusePort: false });
  });
}

for (const workerRuntime of ["bun", "deno"] as RuntimeName[]) {
  sharing(
    `decideSharing() lets a worker on ${workerRuntime} bind beside its queue`,
    () => {
      assert.equal(decide({ workerRuntime, queues: 1 }), {
        held: true,
        queues: 1,
        reusePort: true,
      });
    },
  );
}

sharing("decideSharing() lets workers bind where the arbiter cannot", () => {
  assert.equal(decide({ arbiterHolds: false }), {
    held: false,
    queues: 0,
    reusePort: true,
  });
});

for (
  const [what, given] of [
    ["a unix socket", { address: UNIX }],
    ["an address without SO_REUSEPORT", { reusePort: false }],
  ] as const
) {
  sharing(
    `decideSharing() refuses several workers that each bind ${what}`,
    () => {
      const own = { arbiterHolds: false, ...given };
      assert.throws(
        () => decide(own),
        (error: unknown) =>
          error instanceof BindError && error.message.includes(what) &&
          error.message.includes("between 4 workers") &&
          error.message.includes("use --workers 1"),
      );
      assert.not(decide({ ...own, workers: 1 }).held);
    },
  );
}

sharing("describeSharing() says who holds what", () => {
  const words = (given: Partial<SharingQuery>) =>
    describeSharing(decide(given));
  assert.is(words({}), "4 accept queues, held by the arbiter");
  assert.is(words({ workers: 1 }), "one accept queue, held by the arbiter");
  assert.match(words({ arbiterHolds: false }), "each worker binds it");
});

sharing.run();

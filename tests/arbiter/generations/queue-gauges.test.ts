import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import type { Generation } from "../../../src/arbiter/generations/generation.ts";
import { QueueGauges } from "../../../src/arbiter/generations/queue-gauges.ts";
import type { QueueGauge } from "../../../src/runtime/runtime.ts";

const gauges = suite("QueueGauges");

/** A system in which as many connections wait in a queue as its descriptor says. */
function start() {
  const open = new Set<readonly number[]>();
  let known = true;
  let closed = 0;
  return {
    closed: () => closed,
    /** The descriptors of all open gauges. */
    open: () => [...open],
    /** The system tells no more. */
    forget: () => void (known = false),
    gauges: new QueueGauges({
      gauge(descriptors): QueueGauge {
        open.add(descriptors);
        return {
          read: () => known ? descriptors : undefined,
          close: () => {
            closed++;
            open.delete(descriptors);
          },
        };
      },
    }),
  };
}

/** A generation on the sockets of this id, with the queues of each address. */
function served(id: number, ...addresses: readonly number[][]) {
  return {
    sockets: { id, queues: addresses[0]?.length ?? 0, fresh: true },
    listeners: addresses.map((queues, index) => ({
      listener: {
        address: { kind: "tcp", host: "127.0.0.1", port: 80 + index },
        queues,
      },
    })),
  } as unknown as Pick<Generation, "sockets" | "listeners">;
}

gauges("count() sums a queue over all addresses", () => {
  const { gauges } = start();
  assert.equal(gauges.count([served(1, [1, 2], [10, 20])]), { 1: [11, 22] });
});

gauges("count() tells the queues that the last generation has", () => {
  const { gauges } = start();
  const all = [served(1, [1, 2]), served(1, [1, 2, 3]), served(2, [7, 8])];
  assert.equal(gauges.count(all), { 1: [1, 2, 3], 2: [7, 8] });
});

gauges("count() has nothing of a single queue, which all share", () => {
  const { gauges } = start();
  assert.equal(gauges.count([served(1, [5])]), {});
});

gauges("count() tells nothing where the system does not", () => {
  const { gauges, forget } = start();
  forget();
  assert.is(gauges.count([served(1, [1, 2])]), undefined);
  assert.is(gauges.backlog(served(1, [1, 2]).listeners as never), undefined);
  assert.equal(gauges.list(served(1, [1, 2]).listeners as never), []);
});

gauges("a gauge is kept for as long as its queues are served", () => {
  const { gauges, open, closed } = start();
  gauges.keep(served(1, [1, 2]));
  gauges.keep(served(1, [1, 2]));
  assert.equal(open(), [[1, 2]]);
  gauges.keep(served(1, [1, 2, 3]));
  gauges.keep(served(2, [7, 8]));
  assert.equal(open(), [[1, 2, 3], [7, 8]]);
  gauges.closeOthers([2]);
  assert.equal(open(), [[7, 8]]);
  gauges.closeOthers([2]);
  assert.is(closed(), 2, "each once");
  // A reload may add to one queue, and takes no descriptor more then.
  gauges.keep(served(3, [5]));
  assert.equal(open(), [[7, 8], [5]]);
  // Workers that bind for themselves have none here.
  gauges.keep(served(4, []));
  assert.equal(open(), [[7, 8], [5]]);
});

gauges(
  "connections that were dropped are told of where the system does",
  () => {
    const { listeners } = served(1, [1, 2]) as Pick<Generation, "listeners">;
    for (
      const [drops, told] of [
        [[0, 9], [{ overflows: 0 }, { overflows: 9 }]],
        [undefined, [{}, {}]],
        [[4], [{ overflows: 4 }, {}]],
      ] as const
    ) {
      const gauges = new QueueGauges({
        gauge: (queues) => ({
          read: () => queues,
          ...drops && { drops: () => drops },
          close() {},
        }),
      });
      assert.equal(
        gauges.list(listeners),
        [1, 2].map((queue, index) => ({
          ...{ address: "127.0.0.1:80", queue, waiting: queue },
          ...told[index],
        })),
      );
    }
  },
);

gauges("a unix socket's queue is not told of", () => {
  const { gauges } = start();
  const listeners = [{
    listener: { address: { kind: "unix", path: "/a" }, queues: [4] },
  }] as never;
  assert.is(gauges.backlog(listeners), undefined);
  assert.equal(gauges.list(listeners), []);
  const { listeners: one } = served(1, [5]);
  assert.equal(gauges.list(one as never).map(({ waiting }) => waiting), [5]);
});

gauges("what waits is told by address and queue, and in all", () => {
  const { gauges, open } = start();
  const { listeners } = served(1, [1, 2], [10]) as Pick<
    Generation,
    "listeners"
  >;
  assert.is(gauges.backlog(listeners), 13);
  assert.equal(gauges.list(listeners), [
    { address: "127.0.0.1:80", queue: 1, waiting: 1 },
    { address: "127.0.0.1:80", queue: 2, waiting: 2 },
    { address: "127.0.0.1:81", queue: 1, waiting: 10 },
  ]);
  assert.equal(open(), [], "they are closed again");
  assert.is(gauges.backlog([]), undefined);
});

gauges.run();

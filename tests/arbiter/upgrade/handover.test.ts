import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import {
  handoverEnv,
  successorEnvironment,
  takeHandover,
} from "../../../src/arbiter/upgrade/handover.ts";
import type { HandedAddress } from "../../../src/arbiter/sockets/handed-address.ts";
import { BindError } from "../../../src/base/errors.ts";
import { FakeRuntime } from "../../support/fake/runtime.ts";

const handover = suite("handover");

const addresses: readonly HandedAddress[] = [
  {
    asked: "127.0.0.1:0",
    address: { kind: "tcp", host: "127.0.0.1", port: 41_000 },
    descriptors: [20, 21],
    passed: false,
  },
  {
    asked: "fd://3",
    address: { kind: "unix", path: "/run/a b;=,.sock" },
    descriptors: [3],
    passed: true,
  },
];

function heir(env: Record<string, string>, ppid = 77) {
  const runtime = new FakeRuntime();
  Object.assign(runtime.env, env);
  runtime.ppid = ppid;
  const warnings: string[] = [];
  const log = { warning: (text: string) => void warnings.push(text) };
  return { runtime, warnings, take: () => takeHandover(runtime, log) };
}

handover("handoverEnv() numbers the sockets as the successor sees them", () => {
  const env = handoverEnv({ predecessor: 77, addresses }, [4, 5, 6]);
  const { take, warnings } = heir(env);
  assert.equal(take(), {
    predecessor: 77,
    addresses: [
      { ...addresses[0], descriptors: [4, 5] },
      { ...addresses[1], descriptors: [6] },
    ],
  });
  assert.equal(warnings, []);
});

handover("takeHandover() takes the variables away", () => {
  const { runtime, take } = heir(
    handoverEnv({ predecessor: 77, addresses: [], size: 3 }, []),
  );
  assert.is(take()?.size, 3);
  const one = handoverEnv({ predecessor: 77, addresses: [], size: 1 }, []);
  assert.is(heir(one).take()?.size, 1);
  assert.is(runtime.env.CORN_SIZE, undefined);
  assert.is(runtime.env.CORN_FD, undefined);
  assert.is(runtime.env.CORN_PID, undefined);
  assert.is(take(), undefined);
});

handover("takeHandover() takes no other text for a size", () => {
  for (const size of ["0", "-1", "1.5", "many", ""]) {
    const env = handoverEnv({ predecessor: 77, addresses: [] }, []);
    const { take } = heir({ ...env, CORN_SIZE: size });
    assert.equal(take(), { predecessor: 77, addresses: [] });
  }
});

handover("takeHandover() leaves alone what is for another process", () => {
  const env = handoverEnv({ predecessor: 77, addresses }, [4, 5, 6]);
  const { take, warnings } = heir(env, 78);
  assert.is(take(), undefined);
  assert.equal(warnings, [
    "CORN_FD ignored: it is for a child of pid 77, and the parent is 78",
  ]);
});

handover("takeHandover() takes what a predecessor left that is gone", () => {
  const env = handoverEnv({ predecessor: 77, addresses }, [4, 5, 6]);
  const site = (sockets: readonly number[]) => {
    const one = heir(env, 1);
    for (const descriptor of sockets) {
      const { links } = one.runtime.files;
      links.set(`/proc/self/fd/${descriptor}`, `socket:[${descriptor}00]`);
    }
    return one;
  };
  assert.is(site([4, 5, 6]).take()?.predecessor, 77);
  const ignored = [
    "CORN_FD ignored: it is for a child of pid 77, and the parent is 1",
  ];
  // Of another process that was started with the same variables.
  const alive = site([4, 5, 6]);
  alive.runtime.pids.add(77);
  assert.is(alive.take(), undefined);
  assert.equal(alive.warnings, ignored);
  const nobody = heir({ ...env, CORN_PID: "0" }, 1);
  for (const one of [4, 5, 6]) {
    nobody.runtime.files.links.set(`/proc/self/fd/${one}`, "socket:[1]");
  }
  assert.is(nobody.take(), undefined);
  const none = heir(handoverEnv({ predecessor: 77, addresses: [] }, []), 1);
  assert.is(none.take(), undefined, "there is nothing to keep");
  const single = heir(
    handoverEnv({ predecessor: 77, addresses: addresses.slice(1) }, [6]),
    1,
  );
  single.runtime.files.links.set("/proc/self/fd/6", "socket:[1]");
  assert.is(single.take()?.addresses.length, 1);
  const closed = site([4, 5]);
  closed.runtime.files.links.set("/proc/self/fd/6", "/dev/null");
  assert.is(closed.take(), undefined);
  assert.equal(closed.warnings, ignored);
});

const handed = (given: object) =>
  JSON.stringify([{ ...addresses[0], ...given }]);

for (
  const text of [
    ...["", "{", "3,4", "{}", '[{"asked":1}]', "null"],
    handed({ asked: 1 }),
    handed({ address: "127.0.0.1:80" }),
    handed({ descriptors: 4 }),
    handed({ descriptors: [4, "5"] }),
  ]
) {
  handover(`takeHandover() refuses CORN_FD "${text}"`, () => {
    const { take } = heir({ CORN_PID: "77", CORN_FD: text });
    assert.throws(take, (error: unknown) => error instanceof BindError);
  });
}

handover("successorEnvironment() keeps all but what is about one pid", () => {
  assert.equal(
    successorEnvironment({
      A: "1",
      LISTEN_PID: "7",
      LISTEN_FDS: "1",
      LISTEN_FDNAMES: "web",
      WATCHDOG_PID: "7",
      WATCHDOG_USEC: "5",
    }),
    { A: "1", WATCHDOG_USEC: "5" },
  );
});

handover.run();

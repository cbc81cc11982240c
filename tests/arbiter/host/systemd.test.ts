import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import {
  createNotifier,
  passedSockets,
} from "../../../src/arbiter/host/systemd.ts";
import type { Neighbours } from "../../../src/arbiter/host/systemd.ts";
import { ALONE, FakeRuntime } from "../../support/fake/runtime.ts";

const systemd = suite("systemd");

function passed(env: Record<string, string>) {
  const warnings: string[] = [];
  const log = { warning: (text: string) => void warnings.push(text) };
  return { sockets: passedSockets(env, { pid: 7, log }), warnings };
}

systemd("passedSockets() gives descriptors from 3 on", () => {
  assert.equal(passed({ LISTEN_PID: "7", LISTEN_FDS: "2" }).sockets, [3, 4]);
  assert.equal(passed({}), { sockets: [], warnings: [] });
});

systemd("passedSockets() leaves those of another process alone", () => {
  const { sockets, warnings } = passed({ LISTEN_PID: "8", LISTEN_FDS: "2" });
  assert.equal(sockets, []);
  assert.match(warnings[0]!, "LISTEN_PID is 8, and this is process 7");
});

systemd("passedSockets() refuses a count that is none", () => {
  const { sockets, warnings } = passed({ LISTEN_PID: "7", LISTEN_FDS: "x" });
  assert.equal(sockets, []);
  assert.match(warnings[0]!, '"x" is not a number');
});

function notifier(
  env: Record<string, string>,
  neighbours: Partial<Neighbours> = {},
) {
  const runtime = new FakeRuntime();
  Object.assign(runtime.env, env);
  const both = { ...ALONE, ...neighbours };
  return { runtime, notifier: createNotifier(runtime, both) };
}

systemd("createNotifier() is silent without NOTIFY_SOCKET", () => {
  const { runtime, notifier: silent } = notifier({ WATCHDOG_USEC: "1000000" });
  silent.ready();
  silent.stopping();
  runtime.clock.pass(60_000);
  assert.equal(runtime.notices, []);
});

systemd(
  "createNotifier() says READY once, RELOADING with the time, STOPPING",
  () => {
    const { runtime, notifier: told } = notifier({ NOTIFY_SOCKET: "/run/n" });
    runtime.clock.pass(1500);
    told.ready();
    told.ready();
    told.reloading();
    told.settled("Serving generation 2");
    told.stopping();
    assert.equal(runtime.notices, [
      "READY=1\nMAINPID=100\nSTATUS=Serving\n",
      "RELOADING=1\nMONOTONIC_USEC=3601500000\nSTATUS=Reloading\n",
      "READY=1\nSTATUS=Serving generation 2\n",
      "STOPPING=1\nSTATUS=Stopping\n",
    ]);
  },
);

systemd(
  "createNotifier() feeds the watchdog twice in its time, once ready",
  () => {
    const { runtime, notifier: told } = notifier({
      NOTIFY_SOCKET: "/run/n",
      WATCHDOG_USEC: "2000000",
      WATCHDOG_PID: "100",
    });
    runtime.clock.pass(10_000);
    assert.equal(runtime.notices, []);
    told.ready();
    runtime.clock.pass(3500);
    assert.is(
      runtime.notices.filter((one) => one === "WATCHDOG=1\n").length,
      4,
    );
    told.close();
    runtime.clock.pass(10_000);
    assert.is(runtime.notices.length, 5);
  },
);

systemd("createNotifier() feeds no watchdog whose time is none", () => {
  for (const WATCHDOG_USEC of ["0", "-1", "soon"]) {
    const { runtime, notifier: told } = notifier({
      NOTIFY_SOCKET: "/run/n",
      WATCHDOG_USEC,
    });
    told.ready();
    runtime.clock.pass(10);
    assert.is(runtime.notices.length, 1, WATCHDOG_USEC);
  }
});

systemd("createNotifier() leaves another process's watchdog alone", () => {
  const { runtime, notifier: told } = notifier({
    NOTIFY_SOCKET: "/run/n",
    WATCHDOG_USEC: "2000000",
    WATCHDOG_PID: "99",
  });
  told.ready();
  runtime.clock.pass(10_000);
  assert.is(runtime.notices.length, 1);
});

systemd("createNotifier() names the successor at the end", () => {
  const { runtime, notifier: told } = notifier({ NOTIFY_SOCKET: "/run/n" }, {
    successorPid: () => 200,
  });
  told.stopping();
  assert.equal(runtime.notices, ["MAINPID=200\n"]);
});

systemd("createNotifier() leaves the main process to a predecessor", () => {
  let predecessor: number | undefined = 50;
  const { runtime, notifier: told } = notifier({ NOTIFY_SOCKET: "/run/n" }, {
    predecessor: () => predecessor,
  });
  told.ready();
  assert.equal(runtime.notices, []);
  predecessor = undefined;
  told.promoted();
  assert.equal(runtime.notices, [
    "READY=1\nMAINPID=100\nSTATUS=Serving\n",
  ]);
});

systemd("createNotifier() tells of no end while a predecessor lives", () => {
  const { runtime, notifier: told } = notifier({ NOTIFY_SOCKET: "/run/n" }, {
    predecessor: () => 50,
  });
  told.ready();
  told.reloading();
  told.settled("Serving");
  told.stopping();
  assert.equal(runtime.notices, []);
});

systemd.run();

import { openControlRoom } from "../../src/launch/control.ts";
import type { ControlRoom } from "../../src/launch/control.ts";
import { Watching } from "../../src/launch/watching.ts";
import type { CornConfig } from "../../src/config/table/types.ts";
import type { Upgrade } from "../../src/arbiter/upgrade/upgrade.ts";
import { openErrorLog } from "../../src/log/error/error-log.ts";
import { build, configOf } from "../arbiter/site.ts";
import * as assert from "../support/assert.ts";
import { settle, systemError } from "../support/fake/runtime.ts";
import { FakeStream } from "../support/fake/stream.ts";
import { suite } from "../support/suite.ts";
import { until } from "../support/wait.ts";

const control = suite("control room");

const PATH = "/run/shop.sock";

interface Given extends CornConfig {
  /** corn was started by a program. */
  readonly byProgram?: boolean;
}

/** The control room of a corn, and the other arbiters that have its socket's name. */
async function make({ byProgram = false, ...options }: Given = {}) {
  const site = await build({}, {
    onNote: (note, told) => room?.note(note, told),
  });
  const { arbiter, runtime } = site;
  const others: { predecessor?: number; successor?: number } = {};
  const names = () => [...runtime.accepting.keys()];
  let times = 0;
  const acceptStreams = runtime.acceptStreams.bind(runtime);
  runtime.acceptStreams = (...given) => {
    times++;
    return acceptStreams(...given);
  };
  const room: ControlRoom | undefined = openControlRoom(runtime, {
    config: await configOf({ control: PATH, ...options }),
    log: openErrorLog(runtime, {
      errorLogfile: "-",
      logFormat: "text",
      logLevel: "info",
    }),
    watching: new Watching({ runtime, arbiter: () => arbiter }),
    admin: {
      metrics: () => Promise.resolve(undefined),
      health: () => ({ pool: undefined, readyWorkers: 1 }),
    },
    byProgram,
    arbiter: () => arbiter,
    upgrade: () => ({ successorPid: others.successor }) as Upgrade,
    predecessor: () => others.predecessor,
  });
  return {
    ...{ room, arbiter, runtime, others },
    log: site.log,
    /** The sockets' paths that clients can connect to. */
    paths: () =>
      names().filter((one) => !runtime.unnamed.has(one)).map((one) =>
        one.kind === "unix" && one.path
      ),
    /** Cleaners take the name away. */
    unname: () => names().forEach((one) => runtime.unnamed.add(one)),
    /** How often a socket was opened. */
    times: () => times,
    /** What a client is answered. */
    async get(path: string): Promise<string> {
      const [accept] = [...runtime.accepting.values()];
      const stream = new FakeStream();
      accept?.accept(stream).onData(
        new TextEncoder().encode(
          `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
        ),
      );
      await until("an answer", () => stream.text.includes("\r\n\r\n{"));
      return stream.text.replace(/^[^]*?\r\n\r\n/, "");
    },
  };
}

control(
  "it is there where a person may ask, and opens its socket",
  async () => {
    const { room, paths } = await make();
    await room?.openAsked();
    assert.equal(paths(), [PATH]);
    room?.openDefault();
    await settle();
    assert.equal(paths(), [PATH], "once");
    await room?.close();
    room?.reopen();
    await settle();
    assert.equal(paths(), [], "none is opened after the end");
  },
);

control("without a wish there is none, but for --admin-status", async () => {
  assert.is((await make({ control: "off" })).room, undefined);
  const { room, paths } = await make({ control: "off", adminStatus: true });
  await room?.openAsked();
  room?.openDefault();
  room?.restore();
  await settle();
  assert.equal(paths(), []);
  assert.is((await room?.statusRoute())?.path, "/v1/status");
});

control("a program has one where it asks for one", async () => {
  const asked = await make({ byProgram: true });
  assert.ok(asked.room);
  const without = await make({ byProgram: true, control: undefined });
  assert.is(without.room, undefined);
});

control("a name that was removed is made again, and only then", async () => {
  const { room, paths, unname, log } = await make();
  await room?.openAsked();
  room?.restore();
  await settle();
  assert.equal(log(), []);
  unname();
  assert.equal(paths(), []);
  room?.restore();
  await settle();
  assert.equal(paths(), [PATH]);
  assert.equal(log(), [
    `[WARNING] Control socket "${PATH}" was removed: made again`,
  ]);
});

control("where a name cannot be made again, that is said", async () => {
  const { room, runtime, paths, unname, log } = await make({
    control: undefined,
  });
  runtime.files.texts.set("/tmp/corn-0/1.json", "");
  runtime.files.modes.set("/tmp/corn-0", 0o700);
  room?.openDefault();
  await settle();
  assert.equal(paths(), ["/tmp/corn-0/100.sock"]);
  unname();
  runtime.acceptStreams = () => Promise.reject(systemError("EACCES"));
  room?.restore();
  await settle();
  assert.match(
    log()[1] ?? "",
    /^\[ERROR\] Cannot open the control socket: EACC/,
  );
});

control("a name is left to the arbiter that has it", async () => {
  for (
    const other of [{ predecessor: 50 }, { successor: 150 }]
  ) {
    const { room, paths, others, unname, log } = await make();
    await room?.openAsked();
    unname();
    Object.assign(others, other);
    room?.restore();
    await settle();
    assert.equal([paths(), log()], [[], []], JSON.stringify(other));
  }
});

control("a socket that is being opened is not opened again", async () => {
  const { room, paths, times } = await make();
  const opening = room?.openAsked();
  room?.restore();
  await opening;
  await settle();
  assert.equal([paths(), times()], [[PATH], 1]);
});

control(
  "who opens it anew closes what was there, however many do",
  async () => {
    const { room, paths } = await make();
    await room?.openAsked();
    for (let time = 0; time < 3; time++) room?.reopen();
    await settle();
    assert.equal(paths(), [PATH]);
    await room?.close();
    assert.equal(paths(), []);
  },
);

control("it tells of a worker how its process ended", async () => {
  const { room, arbiter, runtime, get } = await make();
  await room?.openAsked();
  await arbiter.prepare();
  arbiter.start();
  const [one, other] = [...runtime.children];
  one?.boot();
  other?.boot();
  one?.exit({ signal: "SIGKILL" });
  other?.exit({ code: 7 });
  const { events } = JSON.parse(await get("/v1/history?event=note"));
  const ends = events.map(({ data }: { data: Record<string, unknown> }) => data)
    .filter(({ about }: { about: string }) => about === "crash");
  assert.equal(
    ends.map(({ worker, exit }: { worker: { slot: number }; exit: object }) => [
      worker.slot,
      exit,
    ]),
    [[1, { signal: "SIGKILL" }], [2, { code: 7 }]],
  );
});

control.run();

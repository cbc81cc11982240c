import { openControlRoom } from "../../src/launch/control.ts";
import type { ControlRoom } from "../../src/launch/control.ts";
import { Watching } from "../../src/launch/watching.ts";
import type { CornConfig } from "../../src/config/table/types.ts";
import type { Upgrade } from "../../src/arbiter/upgrade/upgrade.ts";
import { openErrorLog } from "../../src/log/error/error-log.ts";
import { build, configOf } from "../arbiter/site.ts";
import * as assert from "../support/assert.ts";
import type { FakeChild } from "../support/fake/runtime.ts";
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
  const watching = new Watching({ runtime, arbiter: () => arbiter });
  const room: ControlRoom | undefined = openControlRoom(runtime, {
    config: await configOf({ control: PATH, ...options }),
    log: openErrorLog(runtime, {
      errorLogfile: "-",
      logFormat: "text",
      logLevel: "info",
    }),
    watching,
    admin: {
      metrics: () => Promise.resolve(undefined),
      health: () => ({ pool: undefined, readyWorkers: 1 }),
    },
    byProgram,
    arbiter: () => arbiter,
    upgrade: () => ({
      successorPid: others.successor,
      whenSettled: (run) => run(),
    } as Upgrade),
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
    watching,
    /** What a client is answered; an order is given with its body. */
    async get(path: string, order?: object): Promise<string> {
      const [accept] = [...runtime.accepting.values()];
      const stream = new FakeStream();
      const body = JSON.stringify(order ?? {});
      accept?.accept(stream).onData(
        new TextEncoder().encode(
          order === undefined
            ? `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`
            : `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
        ),
      );
      await until("an answer", () => stream.text.includes("\r\n\r\n{"));
      return stream.text.replace(/^[^]*?\r\n\r\n/, "");
    },
    /** Starts the pool, and gives its workers. */
    async serve(): Promise<FakeChild[]> {
      await arbiter.prepare();
      arbiter.start();
      for (const child of [...runtime.children]) child.boot();
      await settle();
      return runtime.children;
    },
  };
}

/** What the history has of one kind. */
async function notesOf(
  { get }: Awaited<ReturnType<typeof make>>,
  about: string,
): Promise<Record<string, unknown>[]> {
  const { events } = JSON.parse(await get("/v1/history?event=note"));
  return events.map(({ data }: { data: Record<string, unknown> }) => data)
    .filter((data: Record<string, unknown>) => data.about === about);
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

control("a path is opened once the predecessor has left its name", async () => {
  const { room, paths, others, serve } = await make();
  others.predecessor = 50;
  await room?.openAsked();
  room?.openDefault();
  await settle();
  assert.equal(paths(), [], "the other one serves it");
  await serve();
  assert.equal(paths(), [PATH]);
  const alone = await make();
  alone.room?.openDefault();
  await settle();
  assert.equal(alone.paths(), [PATH]);
});

control(
  "a default path is each arbiter's own, and opened at once",
  async () => {
    const { room, runtime, paths, others } = await make({ control: undefined });
    runtime.files.texts.set("/tmp/corn-0/1.json", "");
    runtime.files.modes.set("/tmp/corn-0", 0o700);
    others.predecessor = 50;
    room?.openDefault();
    await settle();
    assert.equal(paths(), ["/tmp/corn-0/100.sock"]);
  },
);

control(
  "a name of the predecessor's is taken over, and no other's",
  async () => {
    const { room, runtime, paths, others } = await make();
    runtime.files.sockets.add(PATH);
    runtime.answers = () => Promise.resolve(true);
    assert.match(
      await (room?.openAsked() ?? Promise.resolve()).then(
        () => "",
        ({ message }) => message,
      ),
      "another process listens there",
    );
    others.predecessor = 50;
    room?.reopen();
    await settle();
    assert.equal(paths(), [PATH]);
  },
);

control("what could not be opened anew is opened at a reload", async () => {
  const { room, runtime, paths, log } = await make();
  await room?.openAsked();
  const accept = runtime.acceptStreams;
  runtime.acceptStreams = () => Promise.reject(systemError("EACCES"));
  room?.reopen();
  await settle();
  assert.equal(paths(), []);
  runtime.acceptStreams = accept;
  room?.restore();
  await settle();
  assert.equal(paths(), [PATH]);
  assert.equal(log().map((line) => line.slice(0, 38)), [
    "[ERROR] Cannot open the control socket",
  ]);
});

control("what answers is loaded once corn serves", async () => {
  const { room, watching, serve } = await make();
  await room?.openAsked();
  await settle();
  assert.is(watching.loaded, undefined);
  await serve();
  await until("it is loaded", () => watching.loaded);
});

control("the end waits for what is being opened, and closes it", async () => {
  const { room, runtime, paths } = await make();
  const accept = runtime.acceptStreams;
  const { promise, resolve } = Promise.withResolvers<void>();
  runtime.acceptStreams = async (...given) => {
    await promise;
    return accept(...given);
  };
  void room?.openAsked();
  await settle();
  const closing = room?.close();
  resolve();
  await closing;
  assert.equal(paths(), []);
});

control("figures are measured for nobody after the end", async () => {
  const { room, serve, watching } = await make();
  await room?.openAsked();
  const [one] = await serve();
  await watching.load();
  void watching.onlookers.look();
  const rates = () =>
    one?.messages.filter(({ type }) => type === "figure").map((message) =>
      (message as { everyMs?: number }).everyMs
    ) ?? [];
  assert.ok((rates().at(-1) ?? 0) > 0);
  await room?.close();
  assert.is(rates().at(-1), 0);
});

control("what is asked at the socket reaches the arbiter", async () => {
  const { room, arbiter, runtime, serve, get } = await make();
  await room?.openAsked();
  const [one] = await serve();
  runtime.clock.pass(500);
  const { uptimeMs } = JSON.parse(await get("/v1/status"));
  assert.is(uptimeMs, 500);
  assert.match(await get("/v1/config"), '"app"');
  await get("/v1/workers/1/restart", {});
  assert.not(one?.told().includes("drain"), "another is ready before");
  await get("/v1/workers/1/drain", {});
  assert.ok(one?.told().includes("drain"));
  await get("/v1/scale", { to: 5 });
  assert.is(arbiter.view.size, 5);
});

control("a stop at the socket is as graceful as it is asked for", async () => {
  for (const [mode, told] of [["graceful", "drain"], ["quick", "quit"]]) {
    const { room, arbiter, runtime, serve, get } = await make();
    await room?.openAsked();
    const [one] = await serve();
    const { operation } = JSON.parse(await get("/v1/stop", { mode }));
    assert.ok(arbiter.stopping);
    assert.is(one?.told().at(-1), told);
    const state = async () =>
      JSON.parse(await get(`/v1/operations/${operation}`)).state;
    assert.is(await state(), "running");
    for (const child of [...runtime.children]) child.exit();
    await settle();
    assert.is(await state(), "done");
  }
});

control("a line of the log is told with its worker's slot", async () => {
  const site = await make();
  await site.room?.openAsked();
  const [, other] = await site.serve();
  const time = new Date(0);
  for (const pid of [other?.pid ?? 0, site.runtime.self.pid]) {
    site.room?.log({ time, level: "info", pid, text: `of ${pid}` });
  }
  const { events } = JSON.parse(await site.get("/v1/history?event=log"));
  assert.equal(events.map(({ data }: { data: object }) => data), [
    { level: "info", pid: 1002, text: "of 1002", slot: 2 },
    { level: "info", pid: 100, text: "of 100" },
  ]);
});

control("it tells of what happens in the pool, and why", async () => {
  const site = await make({ workers: "1..4" });
  const { room, arbiter, runtime } = site;
  const first = async (about: string) => (await notesOf(site, about))[0] ?? {};
  await room?.openAsked();
  await arbiter.prepare();
  arbiter.start();
  runtime.clock.pass(40);
  for (const child of [...runtime.children]) child.boot();
  assert.is((await first("ready")).tookMs, 40);
  arbiter.scale(3);
  assert.is((await first("resized")).wanted, 3);
  arbiter.replace(1, false);
  assert.is((await first("recycle")).reason, "an order");
});

control(
  "it tells of whose pool something is, and why it was done",
  async () => {
    const site = await make();
    await site.room?.openAsked();
    site.room?.note(
      { about: "resized", wanted: 3, why: "2 wait" },
      { text: "Pool size is now 3", pool: "images", facts: undefined },
    );
    const [resized] = await notesOf(site, "resized");
    assert.equal(resized, {
      ...{ about: "resized", text: "Pool size is now 3", pool: "images" },
      ...{ wanted: 3, why: "2 wait" },
    });
  },
);

control("it tells of a reload, and of whose end made it fail", async () => {
  const site = await make();
  const { room, arbiter, runtime, serve } = site;
  await room?.openAsked();
  await serve();
  arbiter.reload().catch(() => {});
  await settle();
  runtime.children.at(-1)?.exit({ code: 7 });
  await settle();
  const [rollout] = await notesOf(site, "rollout");
  assert.equal([rollout?.generation, rollout?.wanted], [2, 2]);
  const [failed] = await notesOf(site, "rollout-failed");
  const { worker, exit } = failed as { worker: { pid: number }; exit: object };
  assert.equal([worker.pid, exit], [1003, { code: 7 }]);
});

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

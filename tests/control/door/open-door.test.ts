import { openDoor } from "../../../src/control/door/open-door.ts";
import type { DoorOptions } from "../../../src/control/door/open-door.ts";
import type { EventStream, Route } from "../../../src/control/door/route.ts";
import type { StreamEvents } from "../../../src/runtime/runtime.ts";
import * as assert from "../../support/assert.ts";
import { FakeRuntime, settle } from "../../support/fake/runtime.ts";
import { FakeStream } from "../../support/fake/stream.ts";
import { suite } from "../../support/suite.ts";
import { until } from "../../support/wait.ts";

const door = suite("openDoor()");

const ADDRESS = { kind: "unix", path: "/run/corn.sock" } as const;
const ASK = new TextEncoder().encode(
  "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
);
const WAIT = new TextEncoder().encode(
  "GET /wait HTTP/1.1\r\nHost: localhost\r\n\r\n",
);

class Client extends FakeStream {
  events: StreamEvents | undefined;

  /** The status that it was answered last; empty where it was not. */
  get status(): string {
    return /HTTP\/1\.1 (\d+) [^\r]*\r\n(?![^]*HTTP\/1\.1)/.exec(this.text)
      ?.[1] ?? "";
  }
}

/** A door whose routes are there once the test says so. */
async function start(given: Partial<DoorOptions> = {}) {
  const runtime = new FakeRuntime();
  const reports: string[] = [];
  const held = Promise.withResolvers<readonly Route[]>();
  const waits = Promise.withResolvers<{ json: number }>();
  const events: { listener?: EventStream; left: number } = { left: 0 };
  const route = (path: string, answer: Route["answer"]): Route => ({
    ...{ method: "GET", path, summary: "", answer },
  });
  let asked = 0;
  const opened = await openDoor(runtime, ADDRESS, {
    readOnly: true,
    unixMode: 0o600,
    routes() {
      asked++;
      return held.promise;
    },
    report: (text) => void reports.push(text),
    ...given,
  });
  return {
    ...{ runtime, reports, door: opened, waits, events },
    options: () => runtime.accepting.get(ADDRESS),
    asked: () => asked,
    /** The routes are there. */
    async load(): Promise<void> {
      held.resolve([
        route("/", () => ({ json: 1 })),
        route("/wait", () => waits.promise),
        route("/events", () => ({
          events(listener) {
            events.listener = listener;
            return () => void events.left++;
          },
        })),
      ]);
      await opened.prepare();
    },
    connect(bytes: Uint8Array = ASK): Client {
      const client = new Client();
      client.events = runtime.accepting.get(ADDRESS)?.accept(client);
      client.events?.onData(bytes);
      return client;
    },
  };
}

door("is opened for its user alone unless told", async () => {
  const { accept: _, ...plain } = (await start()).options()!;
  assert.equal(plain, {
    ...{ unixMode: 0o600, unixOwner: undefined },
    ...{ reusePort: false, exclusive: false },
  });
  const shared = (await start({ reusePort: true, exclusive: true })).options();
  assert.equal([shared?.reusePort, shared?.exclusive], [true, true]);
});

door("who comes before the server is there is answered by it", async () => {
  const { connect, load, asked } = await start();
  const clients = [connect(), connect()];
  const gone = connect();
  gone.events?.onClose();
  const ended = connect();
  ended.events?.onEnd();
  await settle();
  assert.is(asked(), 1);
  await load();
  await until("answers", () => clients.every(({ status }) => status === "200"));
  assert.ok(ended.ended, "its answer is the last");
  const late = connect();
  assert.is(late.status, "200");
  assert.is(asked(), 1);
});

door("prepare() loads what answers before a client comes", async () => {
  const { asked, load, connect } = await start();
  assert.is(asked(), 0);
  await load();
  assert.is(asked(), 1);
  assert.is(connect().status, "200");
});

door("what cannot be loaded is told, and tried again", async () => {
  let times = 0;
  const { connect, reports, door, runtime } = await start({
    routes() {
      times++;
      return times < 3 ? Promise.reject(new Error("no such file")) : [{
        method: "GET",
        path: "/",
        summary: "",
        answer: () => ({ json: 1 }),
      }];
    },
  });
  await door.prepare();
  assert.equal(reports, [], "nobody has asked");
  const client = connect();
  await until("an answer", () => client.status);
  assert.is(client.status, "503");
  assert.match(client.text, "corn cannot load what answers here");
  assert.match(
    reports[0] ?? "",
    /^Cannot answer at the control socket or --admin: no such file; .*USR2/,
  );
  assert.not(client.isCut);
  runtime.clock.pass(1999);
  assert.not(client.isCut, "it may read that");
  runtime.clock.pass(1);
  assert.ok(client.isCut);
  const other = connect();
  await until("an answer", () => other.status);
  assert.is(other.status, "200");
});

door("more than may wait are refused, and of those so many", async () => {
  const { connect, load, runtime } = await start();
  const waiting = Array.from({ length: 128 }, () => connect());
  const refused = Array.from({ length: 64 }, () => connect());
  assert.ok(refused.every(({ status, ended }) => status === "503" && ended));
  assert.ok(waiting.every(({ text }) => text === ""));
  const beyond = connect();
  assert.equal([beyond.text, beyond.isCut], ["", true]);
  refused[0]?.events?.onEnd();
  assert.ok(refused[0]?.isCut, "it has read that");
  refused[0]?.events?.onClose();
  assert.is(connect().status, "503");
  assert.ok(connect().isCut);
  const { length } = runtime.clock.due();
  refused[1]?.events?.onClose();
  assert.is(runtime.clock.due().length, length - 1, "no timer is left");
  await load();
  await until("answers", () => waiting.every(({ status }) => status === "200"));
  assert.is(connect().status, "200", "nobody waits any more");
});

door("who came early is served on as others are", async () => {
  const { connect, load, events } = await start();
  const twice = new TextDecoder().decode(ASK).repeat(2);
  const slow = connect(new TextEncoder().encode(twice));
  slow.pending = 100_000;
  const listener = connect(
    new TextEncoder().encode(
      "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ),
  );
  await load();
  await until("the listener", () => events.listener !== undefined);
  const answers = () => slow.text.split("HTTP/1.1 200").length - 1;
  assert.is(answers(), 1, "it has not taken that");
  slow.pending = 0;
  slow.events?.onTaken?.();
  assert.is(answers(), 2);
  listener.events?.onClose();
  assert.is(events.left, 1);
});

door("close() waits for answers, for half a second", async () => {
  const { connect, load, door, runtime, waits } = await start();
  await load();
  const client = connect(WAIT);
  const idle = connect();
  let closed = false;
  void door.close().then(() => closed = true);
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 10) {
      runtime.clock.pass(10);
      await settle();
    }
  };
  await settle();
  assert.equal([runtime.accepting.size, idle.ended], [0, true]);
  await pass(490);
  assert.equal([closed, client.isCut], [false, false]);
  await pass(10);
  assert.equal([closed, client.isCut], [true, true]);
  const other = await start();
  await other.load();
  const served = other.connect(WAIT);
  let over = false;
  void other.door.close().then(() => over = true);
  await settle();
  other.waits.resolve({ json: 2 });
  await settle();
  assert.is(served.status, "200");
  other.runtime.clock.pass(10);
  await settle();
  assert.ok(over);
  waits.resolve({ json: 2 });
});

door("close() before a client came has nothing to wait for", async () => {
  const { door, runtime } = await start();
  await door.close();
  assert.is(runtime.accepting.size, 0);
});

door("a listener is told of when it leaves, or the door closes", async () => {
  const { connect, load, door, events } = await start();
  await load();
  const listen = () =>
    connect(
      new TextEncoder().encode(
        "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n",
      ),
    );
  const first = listen();
  assert.is(events.listener?.unread, 0);
  first.pending = 30;
  assert.is(events.listener?.unread, 30);
  first.events?.onClose();
  assert.is(events.left, 1);
  listen();
  await door.close();
  assert.is(events.left, 2);
});

door.run();

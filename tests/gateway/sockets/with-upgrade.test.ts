import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { MOST_WAITING } from "../../../src/base/http/connection-limits.ts";
import { switchedOf } from "../../../src/exchange/switched.ts";
import type {
  App,
  AppContext,
  FetchApp,
  NodeApp,
} from "../../../src/gateway/app/app.ts";
import { wireHandshake } from "../../../src/gateway/sockets/handshake.ts";
import { OpenSockets } from "../../../src/gateway/sockets/open-sockets.ts";
import { withUpgrade } from "../../../src/gateway/sockets/with-upgrade.ts";
import type { Heir } from "../../../src/http/web/heir.ts";
import { WireRequest } from "../../../src/http/web/request.ts";
import type { RequestExchange } from "../../../src/http/web/request.ts";
import type { GivenSocket, RawSocket } from "../../../src/runtime/runtime.ts";
import { FakeClock, settle } from "../../support/fake/runtime.ts";

const upgrades = suite("withUpgrade()");

const SWITCH = "HTTP/1.1 101 Switching Protocols\r\n\r\n";

/** A connection that notes what is done with it. */
function connection() {
  const said: string[] = [];
  let close = () => {};
  const socket = {
    ...{ bytesWritten: 0, writableLength: 0, destroyed: false, writable: true },
    write: (chunk: string) => void said.push(`write ${chunk.slice(9, 12)}`),
    end: (chunk = "") => void said.push(`end ${chunk.slice(9, 12)}`),
    destroy: () => void said.push("destroy"),
    once: (_: string, run: () => void) => void (close = run),
  };
  const head = new Uint8Array([7]);
  return {
    said,
    socket,
    given: { socket: socket as unknown as RawSocket, head },
    close: () => close(),
  };
}

interface Given {
  upgrade?: (...all: unknown[]) => unknown;
  takes?: () => boolean;
  /** What the engine gives of the connection. */
  take?: (outgoing: unknown) => GivenSocket | undefined;
}

/** A listener behind what takes its requests to upgrade. */
function listen({ upgrade = () => {}, takes, take }: Given = {}) {
  const line = connection();
  const clock = new FakeClock();
  const failures: string[] = [];
  const keeper = new OpenSockets({ clock, random: () => 0 });
  const app = withUpgrade(
    { style: "node", call: () => "app" } as App,
    { style: "node", upgrade, ...(takes && { takes }) },
    {
      clock,
      keeper,
      nativeRequests: { takeSocket: take ?? (() => line.given) },
      basePath: "",
      onFailure: (text) => void failures.push(text),
    },
  );
  const outgoing = { statusCode: 200 };
  const ask = (incoming: object = { upgrade: true, url: "/chat?a=b" }) =>
    (app.call as NodeApp)(incoming, outgoing);
  return { ...line, ask, outgoing, clock, failures, keeper };
}

upgrades("a listener has the message, the socket and what came after", () => {
  const calls: unknown[][] = [];
  const { ask, given, outgoing, failures } = listen({
    upgrade: (...all) => void calls.push(all),
  });
  const incoming = { upgrade: true, url: "/chat" };
  assert.is(ask(incoming), undefined);
  assert.equal(calls.length, 1);
  const [first, socket, head] = calls[0]!;
  assert.ok(first === incoming && socket === given.socket);
  assert.is(head, given.head);
  assert.is(outgoing.statusCode, 101);
  assert.equal(failures, []);
});

upgrades("a connection that is open is kept until it ends", () => {
  const ends: unknown[] = [];
  const { ask, socket, outgoing, keeper, close } = listen({
    upgrade: (_, raw) => (raw as RawSocket).write(SWITCH),
  });
  ask();
  switchedOf(outgoing)?.onEnd((end) => void ends.push(end));
  assert.is(keeper.size, 1);
  socket.bytesWritten = 42;
  close();
  assert.is(keeper.size, 0);
  assert.equal(ends, [{ status: 101, bytes: 42 }]);
});

upgrades("all else is the app's", () => {
  assert.is(listen().ask({ upgrade: false, url: "/" }), "app");
  assert.is(listen({ takes: () => false }).ask(), "app");
  assert.is(listen({ takes: () => true }).ask(), undefined);
  assert.is(listen({ take: () => undefined }).ask(), "app", "it is too late");
});

upgrades("a listener that fails before it answers gives a 500", async () => {
  for (
    const upgrade of [
      () => Promise.reject(new Error("no")),
      () => {
        throw new Error("no");
      },
    ]
  ) {
    const { ask, said, failures } = listen({ upgrade });
    ask();
    await settle();
    assert.equal(said, ["end 500"]);
    assert.match(
      failures.join(),
      /^GET \/chat failed as a WebSocket\nError: no/,
    );
  }
});

upgrades("one that fails later, or whose client is gone, is cut", async () => {
  const later = listen({
    upgrade(_, raw) {
      (raw as RawSocket).write(SWITCH);
      throw new Error("no");
    },
  });
  later.ask();
  assert.equal(later.said, ["write 101", "destroy"]);
  const gone = listen({ upgrade: () => Promise.reject(new Error("no")) });
  gone.socket.writable = false;
  gone.ask();
  await settle();
  assert.equal(gone.said, ["destroy"]);
});

upgrades("one that is not answered is cut, and named", () => {
  const { ask, clock, said, failures } = listen();
  ask();
  clock.pass(30_000);
  assert.equal(said, ["destroy"]);
  assert.equal(failures, [
    "GET /chat asks for a WebSocket and got no answer: cut",
  ]);
});

/** A request of the wire engine, and the connection that it hands over. */
function wire(
  {
    fields = { upgrade: "websocket" },
    method = "GET",
    minor = 1,
    upgrades = true,
    hands = true,
    late = false,
  }: {
    fields?: Record<string, string>;
    method?: string;
    minor?: number;
    upgrades?: boolean;
    hands?: boolean;
    late?: boolean;
  } = {},
) {
  const line = connection();
  const ends: unknown[] = [];
  let heir: Heir | undefined;
  const head = {
    method,
    minor,
    upgrades,
    url: "http://localhost/",
    field: (name: string) => fields[name],
    fields: () => [],
  } as unknown as RequestExchange["head"];
  const exchange = {
    head,
    channel: hands
      ? { handOver: (ahead: Uint8Array) => ({ ...line.given, head: ahead }) }
      : {},
    leaveTo(given: Heir) {
      heir = given;
      if (late) return undefined;
      return {
        head: new Uint8Array([1, 2]),
        end: (one: unknown) => ends.push(one),
      };
    },
  } as unknown as RequestExchange;
  const request = new WireRequest(head, undefined, exchange);
  return { ...line, request, ends, heir: () => heir! };
}

upgrades("wireHandshake() knows a request for a WebSocket", () => {
  const incoming = { url: "/", upgrade: false };
  const { request, ends, heir, said, socket } = wire();
  const handshake = wireHandshake(request, { incoming });
  assert.is(handshake?.incoming, incoming);
  assert.is(incoming.upgrade, true);
  const taken = handshake?.take();
  assert.equal([...taken?.head ?? []], [1, 2]);
  taken?.end({ status: 101, bytes: 3 });
  assert.equal(ends, [{ status: 101, bytes: 3 }]);
  socket.writableLength = MOST_WAITING;
  heir().check(0);
  assert.equal(said, []);
  socket.writableLength++;
  heir().check(0);
  assert.equal(said, ["destroy"], "its client takes nothing");
  heir().onEnd();
  heir().cut();
  assert.is(said.length, 3);
  const late = wireHandshake(wire({ late: true }).request, { incoming });
  assert.is(late?.take(), undefined);
});

upgrades("wireHandshake() knows no other request", () => {
  const env = { incoming: { url: "/" } };
  for (
    const one of [
      { fields: { upgrade: "h2c" } },
      { method: "POST" },
      { minor: 0 },
      { upgrades: false },
      { hands: false },
    ]
  ) {
    assert.is(wireHandshake(wire(one).request, env), undefined);
  }
  assert.is(wireHandshake(wire().request, {}), undefined);
  assert.is(wireHandshake(new Request("http://localhost/"), env), undefined);
});

upgrades("a fetch app's message has its path without the base", () => {
  for (const engine of ["wire", "native"]) {
    const { request, given } = wire();
    const urls: string[] = [];
    const incoming = { url: "/base/chat", upgrade: true };
    const clock = new FakeClock();
    const app = withUpgrade(
      { style: "fetch", call: () => "app" } as App,
      {
        style: "node",
        upgrade: (one) => void urls.push((one as { url: string }).url),
      },
      {
        clock,
        keeper: new OpenSockets({ clock, random: () => 0 }),
        nativeRequests: engine === "wire" ? {} : {
          messages: () => [incoming, {}],
          takeSocket: () => given,
        },
        basePath: "/base",
        onFailure() {},
      },
    );
    const ask = (asked: unknown) =>
      (app.call as FetchApp)(
        asked as Request,
        { incoming },
        {} as AppContext,
      );
    const answer = ask(
      engine === "wire" ? request : new Request("http://localhost/"),
    ) as Response;
    assert.is(answer.status, 101);
    assert.is(answer.headers.get("x-hono-already-sent"), "true");
    assert.equal(urls, ["/chat"]);
    incoming.upgrade = false;
    assert.is(ask(new Request("http://localhost/")), "app");
  }
});

upgrades("a fetch app is asked where it is too late, or not taken", () => {
  for (const takes of [true, false]) {
    const clock = new FakeClock();
    const app = withUpgrade(
      { style: "fetch", call: () => "app" } as App,
      { style: "node", upgrade() {}, takes: () => takes },
      {
        clock,
        keeper: new OpenSockets({ clock, random: () => 0 }),
        nativeRequests: {},
        basePath: "",
        onFailure() {},
      },
    );
    const { request } = wire({ late: takes });
    const env = { incoming: { url: "/" } };
    const answer = (app.call as FetchApp)(
      request as unknown as Request,
      env,
      {} as AppContext,
    );
    assert.is(answer, "app");
  }
});

upgrades.run();

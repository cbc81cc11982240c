/**
 * What a server owes the client of Socket.IO, by each of its transports: acks,
 * bytes, namespaces, rooms, middleware, heartbeats, recovery, and what its
 * engine answers to what no client sends.
 */
import { randomUUID } from "node:crypto";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { RuntimeName } from "../../src/runtime/runtime.ts";
import * as assert from "../support/assert.ts";
import { RawClient } from "../support/client/client.ts";
import { killMarked } from "../support/process/audit.ts";
import { startServer } from "../support/process/server.ts";
import type { Server } from "../support/process/server.ts";
import { until, within } from "../support/wait.ts";

const LONG_MS = 90_000;

/** A server of it, in one of its forms. */
export interface SocketIoCase {
  readonly name: string;
  readonly package: string;
  readonly how: string;
  readonly start: Readonly<Partial<Record<RuntimeName, string>>>;
  readonly args?: readonly string[];
  /** True for the server of `http.Server`: the engine of Bun answers some of this in its own way. */
  readonly full: boolean;
}

export const socketIoCases: readonly SocketIoCase[] = [
  {
    name: "Socket.IO, all its clients do",
    package: "socket.io",
    how: "`new Server(server)`, `server.listen(3000)`",
    start: {
      node: "socket-io-all.mjs",
      bun: "socket-io-all.mjs",
      deno: "socket-io-all.mjs",
    },
    full: true,
  },
  ...[[], ["--http", "wire"]].map((args) => ({
    name: ["Socket.IO, bun-engine", ...args].join(" "),
    package: "@socket.io/bun-engine",
    how: "`export default { port, ...engine.handler() }`",
    start: { bun: "socket-io-bun.mjs" },
    args,
    full: false,
  })),
];

/** The part of its client that is used. */
interface Client {
  readonly connected: boolean;
  readonly recovered: boolean;
  readonly io: {
    readonly engine: {
      readonly transport: { readonly name: string };
      close(): void;
      on(event: string, run: (...args: never[]) => void): void;
    };
  };
  on(event: string, run: (...args: never[]) => void): Client;
  once(event: string, run: (...args: never[]) => void): Client;
  emit(event: string, ...args: unknown[]): void;
  emitWithAck(event: string, ...args: unknown[]): Promise<unknown>;
  timeout(ms: number): Client;
  disconnect(): void;
  close(): void;
}

type Connect = (url: string, options?: object) => Client;

function next<T>(client: Client, event: string): Promise<T> {
  return within(
    `"${event}" of Socket.IO`,
    new Promise<T>((resolve) => client.once(event, resolve)),
    LONG_MS,
  );
}

interface Greeting {
  readonly address: string;
  readonly auth: unknown;
  readonly query: Readonly<Record<string, string>>;
  readonly recovered: boolean;
  readonly agent: string | undefined;
  readonly pid: number;
}

interface Scene {
  readonly url: string;
  readonly server: Server;
  readonly transports: readonly string[];
  readonly full: boolean;
  /** Connects, and waits for the greeting. */
  meet(options?: object): Promise<{ client: Client; greeting: Greeting }>;
  /** Connects to a namespace. */
  connect(path?: string, options?: object): Client;
}

type Play = (scene: Scene) => Promise<void>;

/** For each set of transports. */
const plays: Readonly<Record<string, Play>> = {
  async "what it says of itself"({ meet, transports, full }) {
    const { client, greeting } = await meet({
      ...{ auth: { user: "one" }, query: { colour: "green" } },
      extraHeaders: { "x-agent": "client" },
    });
    // The engine of Bun knows none.
    if (full) assert.match(greeting.address, "127.0.0.1");
    assert.equal(greeting.auth, { user: "one" });
    assert.is(greeting.query.colour, "green");
    assert.is(greeting.agent, "client");
    const last = transports.at(-1) as string;
    await until(
      "its transport",
      () => client.io.engine.transport.name === last,
    );
    client.close();
  },

  async "acks, several arguments, bytes and much text"({ meet }) {
    const { client } = await meet();
    const patient = client.timeout(LONG_MS);
    assert.is(await patient.emitWithAck("echo", "κόσμε"), "κόσμε");
    const bytes = new Uint8Array(5000).map((_, at) => at);
    const back = await patient.emitWithAck("echo", { bytes, more: [1, null] });
    const { bytes: same, more } = back as {
      readonly bytes: Uint8Array;
      readonly more: unknown;
    };
    assert.ok(
      same.length === 5000 && same.every((one, at) => one === bytes[at]),
    );
    assert.equal(more, [1, null]);
    const long = "x".repeat(200_000);
    assert.ok(await patient.emitWithAck("echo", long) === long);
    const echo = new Promise((resolve) =>
      client.once("echo", (...args: unknown[]) => resolve(args))
    );
    client.emit("echo", 1, "two", { three: 3 });
    // An offset follows, by which it recovers after a break.
    const [one, two, three] = await within("an echo", echo) as unknown[];
    assert.equal([one, two, three], [1, "two", { three: 3 }]);
    client.on(
      "question",
      (_: string, answer: (text: string) => void) => answer("me"),
    );
    assert.is(await patient.emitWithAck("ask me"), "me");
    client.close();
  },

  async "a thousand events come in their order"({ meet }) {
    const { client } = await meet();
    const heard: number[] = [];
    client.on("drop", (at: number) => heard.push(at));
    client.emit("flood", 1000);
    await until("all of them", () => heard.length === 1000, LONG_MS);
    assert.ok(heard.every((one, at) => one === at));
    client.close();
  },

  async "rooms, and who is not in one"({ meet }) {
    const clients = [await meet(), await meet(), await meet()] as const;
    const [one, two, three] = clients.map(({ client }) => client) as [
      Client,
      Client,
      Client,
    ];
    const heard: string[] = [];
    for (const [at, client] of [one, two, three].entries()) {
      client.on("said", (text: string) => heard.push(`${at} ${text}`));
    }
    assert.is(await one.emitWithAck("join", "room"), true);
    assert.is(await two.emitWithAck("join", "room"), true);
    one.emit("say", "room", "hello");
    await until("the word", () => heard.length > 0, LONG_MS);
    // What each is asked after it comes after what it was told before.
    for (const client of [one, two, three]) {
      await client.emitWithAck("echo", 1);
    }
    assert.equal(heard, ["1 hello"]);
    two.close();
    await until(
      "its place to be empty",
      async () => await one.emitWithAck("count", "room") === 1,
      LONG_MS,
    );
    one.close();
    three.close();
  },

  async "namespaces, also by a pattern, and a middleware that refuses"({
    connect,
  }) {
    const stranger = connect("/admin", { auth: { token: "none" } });
    const refusal = await next<Error & { data: unknown }>(
      stranger,
      "connect_error",
    );
    assert.is(refusal.message, "not authorized");
    assert.equal(refusal.data, { why: "token" });
    const admin = connect("/admin", { auth: { token: "secret" } });
    await next(admin, "welcome");
    const room = connect("/room-42");
    assert.is(await next(room, "name"), "/room-42");
    const nowhere = connect("/nowhere");
    const none = await next<Error>(nowhere, "connect_error");
    assert.is(none.message, "Invalid namespace");
    for (const client of [stranger, admin, room, nowhere]) client.close();
  },

  async "either side ends it, and the other is told"({ meet }) {
    const one = await meet();
    const left = next(one.client, "disconnect");
    one.client.emit("leave me");
    assert.is(await left, "io server disconnect");
    const two = await meet();
    const gone = next(two.client, "disconnect");
    two.client.disconnect();
    assert.is(await gone, "io client disconnect");
  },

  async "heartbeats keep it, and a message that is too big ends it"({ meet }) {
    const { client } = await meet();
    let pings = 0;
    client.io.engine.on("ping", () => pings++);
    await until("three heartbeats", () => pings >= 3, LONG_MS);
    assert.ok(client.connected);
    const ended = next<string>(client, "disconnect");
    client.emit("echo", "x".repeat(400_000));
    assert.match(await ended, /^transport/);
    client.close();
  },

  async "after a break it is what it was, and hears what it missed"({ meet }) {
    const { client } = await meet({
      ...{ reconnection: true, reconnectionDelay: 600 },
      ...{ reconnectionDelayMax: 600, randomizationFactor: 0 },
    });
    const heard: string[] = [];
    client.on("said", (text: string) => heard.push(text));
    // It knows how far it is by the last event.
    client.emit("say soon", "before");
    await until("an event", () => heard.length === 1, LONG_MS);
    const gone = next(client, "disconnect");
    client.emit("say soon", "meanwhile");
    await client.emitWithAck("echo", 1);
    client.io.engine.close();
    await gone;
    await next(client, "connect");
    await until("what it missed", () => heard.length === 2, LONG_MS);
    assert.equal(heard, ["before", "meanwhile"]);
    assert.is(client.recovered, true);
    client.close();
  },

  async "a reload sends it to the new worker, where it goes on"({
    meet,
    server,
  }) {
    const { client, greeting } = await meet({
      ...{ reconnection: true, reconnectionDelay: 100 },
      reconnectionDelayMax: 500,
    });
    const from = server.log().length;
    const again = next<Greeting>(client, "greeting");
    const gone = next<string>(client, "disconnect");
    server.signal("SIGHUP");
    assert.match(await gone, /^transport/);
    // What is said meanwhile waits for the connection.
    const answer = client.timeout(LONG_MS).emitWithAck("echo", "meanwhile");
    const { pid } = await again;
    assert.is.not(pid, greeting.pid);
    assert.is(await answer, "meanwhile");
    client.close();
    await server.waitForLog(/Reload done/, { from, ms: LONG_MS });
  },
};

interface Refusal {
  readonly method?: string;
  readonly query: string;
  readonly status: number;
  readonly code: number;
}

const refusals: readonly Refusal[] = [
  { query: "EIO=4&transport=pigeon", status: 400, code: 0 },
  { query: "EIO=4&transport=polling&sid=unknown", status: 400, code: 1 },
  { query: "EIO=4&transport=websocket&sid=unknown", status: 400, code: 1 },
  { query: "EIO=4&transport=polling", method: "PUT", status: 400, code: 2 },
  { query: "EIO=4&transport=polling&stranger", status: 403, code: 4 },
  { query: "EIO=3&transport=polling", status: 400, code: 5 },
];

/** Requests as no client of its own sends them. */
async function playRaw({ url }: Scene): Promise<void> {
  const at = (query: string) => `${url}/socket.io/?${query}`;
  for (const { method = "GET", query, status, code } of refusals) {
    const answer = await fetch(at(query), { method });
    assert.is(answer.status, status, query);
    assert.is((await answer.json()).code, code, query);
  }
  const origin = { origin: "http://elsewhere.example" };
  const asked = await fetch(at("EIO=4&transport=polling"), {
    method: "OPTIONS",
    headers: origin,
  });
  assert.is(asked.status, 204);
  assert.is(asked.headers.get("access-control-allow-credentials"), "true");
  const script = await fetch(`${url}/socket.io/socket.io.js`);
  assert.match(await script.text(), "Socket.IO v4");
  const etag = script.headers.get("etag") as string;
  const same = await fetch(`${url}/socket.io/socket.io.js`, {
    headers: { "if-none-match": etag },
  });
  assert.is(same.status, 304);
  const open = await fetch(at("EIO=4&transport=polling"), { headers: origin });
  assert.is(open.headers.get("access-control-allow-origin"), origin.origin);
  const { sid, upgrades } = JSON.parse((await open.text()).slice(1));
  assert.equal(upgrades, ["websocket"]);
  const session = at(`EIO=4&transport=polling&sid=${sid}`);
  const push = async (body: string) => {
    const answer = await fetch(session, { method: "POST", body });
    assert.is(await answer.text(), "ok");
  };
  await push("40");
  let heard = "";
  const poll = (what: string, seen: () => boolean) =>
    until(what, async () => {
      if (seen()) return true;
      heard += await (await fetch(session)).text();
      return seen();
    }, LONG_MS);
  await push('42["echo","one"]\x1e42["echo","two"]');
  await poll("both echoes", () => heard.includes('["echo","two"'));
  assert.match(heard, '["echo","one"');
  // A session that connects once more is ended.
  await push("40");
  await poll("the end of the session", () => heard.endsWith("\x1e1"));
  await playCut(at);
}

/** A poll whose client is gone ends its session. */
async function playCut(at: (query: string) => string): Promise<void> {
  const open = await fetch(at("EIO=4&transport=polling"));
  const { sid } = JSON.parse((await open.text()).slice(1));
  const session = new URL(at(`EIO=4&transport=polling&sid=${sid}`));
  const client = await RawClient.connect(session.origin);
  client.send(session.pathname + session.search);
  await new Promise((resolve) => setTimeout(resolve, 100));
  client.close();
  await until("its session's end", async () => {
    const answer = await fetch(session);
    const known = answer.status === 200;
    await answer.body?.cancel();
    return !known;
  }, LONG_MS);
}

const TRANSPORTS = [["websocket"], ["polling"], ["polling", "websocket"]];

/** Plays all of it to one worker. @throws where something is not as it should be */
export async function trySocketIo(
  one: SocketIoCase,
  { runtime, folder }: {
    readonly runtime: RuntimeName;
    readonly folder: string;
  },
): Promise<void> {
  const require = createRequire(join(folder, "package.json"));
  const { io } = require("socket.io-client") as { readonly io: Connect };
  const mark = randomUUID();
  const clients: Client[] = [];
  try {
    const server = await startServer(
      {
        app: one.start[runtime] as string,
        args: [
          ...["-w", "1", "--websocket-drain", "0.3", "--slow-loop", "0"],
          ...one.args ?? [],
        ],
        ...{ cwd: folder, runtime, deadlineMs: LONG_MS },
      },
      mark,
      [],
    );
    const { url } = server;
    for (const transports of TRANSPORTS) {
      const connect: Scene["connect"] = (path = "", options) => {
        const client = io(url + path, {
          ...{ transports, reconnection: false, forceNew: true },
          ...options,
        });
        clients.push(client);
        return client;
      };
      const scene: Scene = {
        ...{ url, server, transports, connect, full: one.full },
        async meet(options) {
          const client = connect("", options);
          return { client, greeting: await next(client, "greeting") };
        },
      };
      for (const [name, play] of Object.entries(plays)) {
        await play(scene).catch((cause: Error & { details?: string }) => {
          const by = transports.join(", then ");
          const { message, details = "" } = cause;
          throw new Error(
            `${name}, by ${by}: ${message}${details}\n${server.log()}`,
            { cause },
          );
        });
      }
      if (one.full && transports.length === 1) await playRaw(scene);
    }
  } finally {
    for (const client of clients) client.close();
    killMarked(mark);
  }
}

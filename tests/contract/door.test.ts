import { linkSync, readdirSync, renameSync, statSync } from "node:fs";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { join } from "node:path";
import { LINGER_MS, UNREAD_BYTES } from "../../src/control/door/limits.ts";
import { openDoor } from "../../src/control/door/open-door.ts";
import type { Door, DoorOptions } from "../../src/control/door/open-door.ts";
import { Refused } from "../../src/control/door/route.ts";
import type { EventStream, Route } from "../../src/control/door/route.ts";
import * as assert from "../support/assert.ts";
import type { Target } from "../support/client/client.ts";
import { runtime } from "../support/engine/engine.ts";
import { type Lab, promises } from "../support/promise.ts";
import { until, within } from "../support/wait.ts";

const door = promises(`a door on ${runtime.name}`);

const JSON_TYPE = { "content-type": "application/json" };

/** What listens to events, and how many are gone. */
const streams: EventStream[] = [];
let gone = 0;

const routes: readonly Route[] = [
  {
    method: "GET",
    path: "/v1/things/:name",
    summary: "Tells of a thing",
    answer: ({ params, query, field }) => ({
      json: {
        name: params.name,
        wait: query.get("wait"),
        agent: field("user-agent"),
      },
    }),
  },
  {
    method: "POST",
    path: "/v1/things",
    summary: "Says what it got",
    answer: async ({ body }) => {
      await Promise.resolve();
      return { status: 202, json: { body: body ?? null } };
    },
  },
  {
    method: "GET",
    path: "/refused",
    summary: "Refuses",
    answer() {
      throw new Refused(409, "not-now", "Not now");
    },
  },
  {
    method: "GET",
    path: "/failed",
    summary: "Fails",
    answer: () => Promise.reject(new Error("a secret")),
  },
  {
    method: "GET",
    path: "/text",
    summary: "Is a text",
    answer: () => ({ type: "text/plain; version=0.0.4", text: "é\n" }),
  },
  {
    method: "GET",
    path: "/events",
    summary: "Sends events",
    answer: () => ({
      events(stream) {
        streams.push(stream);
        stream.send({ id: 7, event: "note", data: { text: "é" } });
        return () => void gone++;
      },
    }),
  },
];

interface Opened {
  readonly door: Door;
  readonly target: Target;
  readonly reports: string[];
}

async function open(
  { folder }: Pick<Lab, "folder">,
  options: Partial<DoorOptions> & { tcp?: boolean } = {},
): Promise<Opened> {
  const reports: string[] = [];
  const path = join(folder, "corn.sock");
  const opened = await openDoor(
    runtime,
    options.tcp
      ? { kind: "tcp", host: "127.0.0.1", port: 0 }
      : { kind: "unix", path },
    {
      routes: () => routes,
      readOnly: false,
      unixMode: 0o600,
      report: (text) => void reports.push(text),
      ...options,
    },
  );
  const { address } = opened;
  return {
    door: opened,
    target: address.kind === "tcp"
      ? { host: address.host, port: address.port }
      : { path },
    reports,
  };
}

function descriptors(): number {
  return readdirSync("/proc/self/fd").length;
}

/** Sends bytes and gives all that comes back until the door ends the connection. */
async function exchange(target: Target, text: string): Promise<string> {
  const socket = connect(target as { path: string });
  try {
    socket.write(text);
    return await within("the end of the answer", textOf(socket));
  } finally {
    socket.destroy();
  }
}

function textOf(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    socket.setEncoding("utf8");
    socket.on("data", (piece) => text += piece);
    socket.on("end", () => resolve(text));
    socket.on("error", reject);
  });
}

door("requests are answered one after the other", async (lab) => {
  const { door, target } = await open(lab);
  const client = await lab.connect(target);
  const first = await client.request("/v1/things/a?wait=3", {
    headers: { "user-agent": "test" },
  });
  assert.is(first.status, 200);
  assert.is(first.headers.get("content-type"), "application/json");
  assert.is(first.headers.get("cache-control"), "no-store");
  assert.equal(JSON.parse(first.text), { name: "a", wait: "3", agent: "test" });
  const body = JSON.stringify({ a: "é" });
  const second = await client.request("/v1/things", {
    method: "POST",
    headers: JSON_TYPE,
    body,
  });
  assert.is(second.status, 202);
  assert.equal(JSON.parse(second.text), { body: { a: "é" } });
  const { text, headers } = await client.request("/text");
  assert.is(text, "é\n");
  assert.is(headers.get("content-type"), "text/plain; version=0.0.4");
  client.close();
  await door.close();
});

door("pipelined requests and bodies in chunks are read too", async (lab) => {
  const { door, target } = await open(lab);
  const text = await exchange(
    target,
    "POST /v1/things HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n" +
      "2\r\n[1\r\n1\r\n]\r\n0\r\n\r\n" +
      "HEAD /text HTTP/1.1\r\nhost: x\r\n\r\n" +
      "GET /v1/things/last HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
  );
  assert.match(
    text,
    /^HTTP\/1\.1 202 [^]*\{"body":\[1\]\}\nHTTP\/1\.1 200 [^]*content-length: 3\r\n[^{]*HTTP\/1\.1 200 [^]*connection: close[^]*"last"[^]*\}\n$/,
  );
  await door.close();
});

door("what may not be asked is refused in JSON", async (lab) => {
  const { door, target, reports } = await open(lab);
  const client = await lab.connect(target);
  const ask = async (
    path: string,
    options: Parameters<typeof client.request>[1] = {},
  ) => {
    const { status, text } = await client.request(path, options);
    return [status, JSON.parse(text).error.code];
  };
  assert.equal(await ask("/nowhere"), [404, "not-found"]);
  assert.equal(await ask("/v1/things"), [405, "method"]);
  assert.equal(await ask("/text", { method: "POST" }), [405, "method"]);
  assert.equal(
    await ask("/v1/things", { method: "POST", body: "{}" }),
    [415, "content-type"],
  );
  assert.equal(
    await ask("/v1/things", { method: "POST", headers: JSON_TYPE, body: "{" }),
    [400, "json"],
  );
  assert.equal(await ask("/refused"), [409, "not-now"]);
  assert.equal(await ask("/failed"), [500, "failed"]);
  assert.equal(reports, ["Cannot answer: a secret"]);
  client.close();
  await door.close();
});

door("what is too large or no HTTP ends the connection", async (lab) => {
  const { door, target } = await open(lab);
  const answers = await Promise.all([
    exchange(target, "GET /text\r\n\r\n"),
    exchange(
      target,
      `GET /text HTTP/1.1\r\nhost: x\r\na: ${"a".repeat(4000)}\r\nb: ${
        "b".repeat(4000)
      }\r\nc: ${"c".repeat(400)}\r\n\r\n`,
    ),
    exchange(
      target,
      "POST /v1/things HTTP/1.1\r\nhost: x\r\ncontent-length: 65537\r\n\r\n",
    ),
    exchange(
      target,
      "POST /v1/things HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n10001\r\n",
    ),
  ]);
  assert.equal(
    answers.map((text) => text.slice(0, 12)),
    ["HTTP/1.1 400", "HTTP/1.1 431", "HTTP/1.1 413", "HTTP/1.1 413"],
  );
  await door.close();
});

door(
  "over TCP a foreign Host is refused, and writes at a reading door",
  async (lab) => {
    const { door, target } = await open(lab, {
      tcp: true,
      readOnly: true,
      hosts: ["metrics.test"],
    });
    const ask = async (host: string, method = "GET", path = "/text") => {
      const text = await exchange(
        target,
        `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`,
      );
      return Number(text.slice(9, 12));
    };
    assert.equal(
      [
        await ask("evil.test"),
        await ask("127.0.0.1.evil.test"),
        await ask("localhost:1"),
        await ask("[::1]:1"),
        await ask("10.0.0.1"),
        await ask("metrics.test"),
        await ask("localhost", "POST", "/v1/things"),
        await ask("evil.test", "POST", "/v1/things"),
      ],
      [403, 403, 200, 200, 200, 200, 405, 403],
    );
    await door.close();
  },
);

door("a client listens to events until it leaves", async (lab) => {
  const { door, target } = await open(lab);
  streams.length = 0;
  gone = 0;
  const socket = connect(target as { path: string });
  let text = "";
  socket.setEncoding("utf8");
  socket.on("data", (piece) => text += piece);
  socket.write("GET /events HTTP/1.1\r\nhost: x\r\n\r\n");
  await until("the first event", () => text.includes("\n\n"));
  assert.match(text, /content-type: text\/event-stream/);
  assert.match(text, /\r\n\r\nid: 7\nevent: note\ndata: \{"text":"é"\}\n\n$/);
  streams[0]?.send({ event: "more", data: 1 });
  await until(
    "the next event",
    () => text.endsWith("event: more\ndata: 1\n\n"),
  );
  socket.destroy();
  await until("that it is noticed", () => gone === 1);
  streams[0]?.send({ event: "more", data: 2 });
  await door.close();
});

door(
  "clients that read no events are told and cut, and keep nobody from asking",
  async (lab) => {
    const { door, target } = await open(lab);
    streams.length = 0;
    gone = 0;
    const sockets = Array.from({ length: 16 }, () => {
      const socket = connect(target as { path: string });
      socket.pause();
      socket.write("GET /events HTTP/1.1\r\nhost: x\r\n\r\n");
      return socket;
    });
    await until("the listeners", () => streams.length === 16);
    const text = await exchange(
      target,
      "GET /events HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
    );
    assert.match(text, /^HTTP\/1\.1 503 /);
    const data = "x".repeat(1024);
    const from = performance.now();
    await until("the end of those that are stuck", () => {
      for (const stream of streams) {
        for (let at = 0; at < 64; at++) stream.send({ event: "log", data });
      }
      return gone === 16;
    });
    const client = await lab.connect(target);
    assert.is((await client.request("/text")).status, 200);
    client.close();
    const [socket] = sockets as [Socket];
    let left = "";
    socket.setEncoding("utf8");
    socket.on("data", (piece) => left += piece);
    socket.on("error", () => {}); // It may be cut by now.
    const closed = new Promise((resolve) => socket.once("close", resolve));
    const inTime = performance.now() - from < LINGER_MS / 2;
    socket.resume();
    await within("what was left", closed);
    // What is not taken then is not sent any more.
    if (inTime) assert.match(left, /event: lost\ndata: \{\}\n\n$/);
    assert.ok(left.length < UNREAD_BYTES + 512 * 1024, "and in the kernel");
    for (const socket of sockets) socket.destroy();
    await door.close();
  },
);

door("a 17th client that waits for an answer is told so", async (lab) => {
  const answered = Promise.withResolvers<void>();
  let asked = 0;
  const slow = {
    ...routes[0] as Route,
    path: "/slow",
    answer: async () => {
      asked++;
      await answered.promise;
      return { json: 1 };
    },
  };
  const { door, target } = await open(lab, {
    routes: () => [slow, { ...routes[4] as Route, atOnce: true }],
  });
  const close = "host: x\r\nconnection: close\r\n\r\n";
  const all = Array.from(
    { length: 16 },
    () => exchange(target, `GET /slow HTTP/1.1\r\n${close}`),
  );
  await until("the others", () => asked === 16);
  const more = await exchange(target, `GET /slow HTTP/1.1\r\n${close}`);
  const probe = await exchange(target, `GET /text HTTP/1.1\r\n${close}`);
  answered.resolve();
  assert.match(more, /^HTTP\/1\.1 503 [^]*"busy"/);
  assert.match(probe, /^HTTP\/1\.1 200 /, "what is answered at once");
  for (const one of all) assert.match(await one, /^HTTP\/1\.1 200 /);
  assert.is(asked, 16);
  await door.close();
});

/** What a client may do that is of no use to anybody. */
const IDLERS: readonly ((socket: Socket) => void)[] = [
  () => {},
  (socket) => socket.write("GET /text HTTP/1.1\r\nhos"),
  (socket) => socket.write("GET /text HTTP/1.1\r\nhost: x\r\n\r\n"),
  (socket) => {
    socket.pause();
    socket.write("GET /text HTTP/1.1\r\nhost: x\r\n\r\n".repeat(3000));
  },
];

for (const tcp of [true, false]) {
  door(
    `a flood of clients on ${
      tcp ? "TCP" : "a unix socket"
    } keeps nobody from asking`,
    async (lab) => {
      const { door, target } = await open(lab, { tcp });
      await door.prepare();
      const before = descriptors();
      const sockets = new Set<Socket>();
      const flood = (count: number) => {
        for (let at = 0; at < count; at++) {
          const socket = connect(
            { ...target as { path: string }, allowHalfOpen: true },
            () => IDLERS[sockets.size % IDLERS.length]!(socket),
          );
          sockets.add(socket.on("error", () => {}).resume());
        }
      };
      const statuses = [];
      for (let turn = 0; turn < 40; turn++) {
        flood(10);
        await new Promise((resolve) => setTimeout(resolve, 20));
        const text = await exchange(
          target,
          "GET /text HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n",
        ).catch(String);
        statuses.push(text.slice(0, 12));
      }
      // Both sides are of this process.
      const theirs = [...sockets].filter((one) => !one.closed).length;
      const had = descriptors() - before - theirs;
      for (const socket of sockets) socket.destroy();
      await door.close();
      assert.equal(statuses, statuses.map(() => "HTTP/1.1 200"));
      assert.ok(had <= 256, `what the door had: ${had}`);
    },
  );
}

door("clients that are too many are let go, whatever they do", async (lab) => {
  const { door, target } = await open(lab);
  const before = descriptors();
  const sockets: Socket[] = [];
  for (let at = 0; at < 400; at++) {
    const { promise, resolve } = Promise.withResolvers<void>();
    const socket = connect(
      { ...target as { path: string }, allowHalfOpen: true },
      resolve,
    );
    sockets.push(socket.on("error", () => resolve()).resume());
    await promise;
  }
  // These clients do not end their side. Both sides are of this process.
  await until(
    "the door's descriptors",
    () => descriptors() - before <= sockets.length + 128 + 8,
    10_000,
  );
  for (const socket of sockets) socket.destroy();
  await door.close();
});

door("a client that takes no answers is not read on", async (lab) => {
  let answers = 0;
  const { door, target } = await open(lab, {
    routes: () => [{
      ...routes[4] as Route,
      answer: () => ({ json: ++answers }),
    }],
  });
  const socket = connect(target as { path: string });
  socket.pause();
  const many = 20_000;
  socket.write("GET /text HTTP/1.1\r\nhost: x\r\n\r\n".repeat(many));
  await until("the first answers", () => answers > 100);
  let last = -1;
  await until("that no more are made", async () => {
    const quiet = answers === last;
    last = answers;
    await new Promise((resolve) => setTimeout(resolve, 100));
    return quiet;
  });
  assert.ok(answers < many / 2, String(answers));
  let lines = 0;
  socket.setEncoding("latin1");
  socket.on("data", (text: string) => lines += text.split("\n").length - 1);
  socket.resume();
  await until("all answers", () => answers === many);
  await until("their lines", () => lines === many * 7);
  socket.destroy();
  await door.close();
});

door(
  "a socket has its mode, and goes with its door unless it is another's",
  async (lab) => {
    const { door: first, target } = await open(lab);
    const { path } = target as { path: string };
    assert.is(statSync(path).mode & 0o777, 0o600);
    const { door: second } = await open(lab);
    await first.close();
    const client = await lab.connect(target);
    assert.is((await client.request("/text")).status, 200, "the second one's");
    client.close();
    await second.close();
    assert.is(statSync(path, { throwIfNoEntry: false }), undefined);
  },
);

door("its end lets an answer go out that is awaited", async (lab) => {
  const answered = Promise.withResolvers<void>();
  const { door, target } = await open(lab, {
    routes: () => [{
      method: "GET",
      path: "/slow",
      summary: "Waits",
      answer: async () => {
        await answered.promise;
        return { json: 1 };
      },
    }],
  });
  const text = exchange(target, "GET /slow HTTP/1.1\r\nhost: x\r\n\r\n");
  const probe = await lab.connect(target);
  assert.is((await probe.request("/nowhere")).status, 404);
  const closed = door.close();
  answered.resolve();
  await closed;
  assert.match(await text, /^HTTP\/1\.1 200 [^]*\r\n\r\n1\n$/);
});

door("what answers can be loaded before a client comes", async (lab) => {
  let loads = 0;
  const { door, target } = await open(lab, {
    routes() {
      loads++;
      return routes;
    },
  });
  assert.is(loads, 0);
  await door.prepare();
  assert.is(loads, 1);
  const client = await lab.connect(target);
  assert.is((await client.request("/text")).status, 200);
  assert.is(loads, 1);
  client.close();
  await door.close();
});

door("what cannot be loaded is answered and reported", async (lab) => {
  const { door, target, reports } = await open(lab, {
    routes: () => Promise.reject(new Error("replaced")),
  });
  const text = await exchange(target, "GET /text HTTP/1.1\r\nhost: x\r\n\r\n");
  assert.match(text, /^HTTP\/1\.1 503 [^]*"failed"/);
  assert.match(reports[0] ?? "", /Cannot answer .*: replaced; /);
  await door.close();
});

door("what could not be loaded is loaded for a later client", async (lab) => {
  let there = false;
  const { door, target } = await open(lab, {
    routes: () =>
      there ? routes : Promise.reject(new Error("its files are replaced")),
  });
  await door.prepare();
  there = true;
  const client = await lab.connect(target);
  assert.is((await client.request("/text")).status, 200);
  client.close();
  await door.close();
});

door(
  "of several that ask for a name at once one alone gets it",
  async (lab) => {
    const path = join(lab.folder, "one.sock");
    const open = () =>
      openDoor(runtime, { kind: "unix", path }, {
        ...{ routes: () => routes, readOnly: true, unixMode: 0o600 },
        ...{ exclusive: true, report() {} },
      });
    for (const left of ["nothing", "a dead socket", "a file"]) {
      if (left === "a dead socket") {
        const before = await open();
        linkSync(path, `${path}.left`);
        await before.close();
        renameSync(`${path}.left`, path);
      }
      if (left === "a file") lab.write("one.sock", "another's");
      const all = await Promise.allSettled([open(), open(), open()]);
      const codes = all.map((one) =>
        one.status === "rejected" ? one.reason.code : "open"
      ).sort();
      const taken = "EADDRINUSE";
      assert.equal(
        codes,
        left === "a file" ? [taken, taken, taken] : [taken, taken, "open"],
        left,
      );
      if (left === "a file") {
        assert.ok(statSync(path).isFile());
        continue;
      }
      const client = await lab.connect({ path });
      client.send("/v1/things/one");
      assert.is((await client.answer()).status, 200);
      client.close();
      for (const one of all) {
        if (one.status === "fulfilled") await one.value.close();
      }
      assert.equal(readdirSync(lab.folder), []);
    }
  },
);

door.run();

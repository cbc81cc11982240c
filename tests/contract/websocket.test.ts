// runtimes: bun, deno
/** What apps of Bun and Deno find of WebSockets, on both engines. */
import { refusalOf } from "../../src/base/http/client-failure.ts";
import * as assert from "../support/assert.ts";
import { HANDSHAKE, masked } from "../support/client/frames.ts";
import { SocketClient } from "../support/client/web-socket.ts";
import {
  http,
  runtime,
  serveEngine,
  sourcesOf,
} from "../support/engine/engine.ts";
import type { EngineQuery } from "../support/engine/engine.ts";
import { promises } from "../support/promise.ts";
import { until } from "../support/wait.ts";

const websocket = promises(
  `WebSockets of the ${http} engine on ${runtime.name}`,
);

type Message = string | ArrayBuffer;

/** A socket of an app's, in words that both runtimes have. */
interface Peer {
  readonly readyState: number;
  send(data: string | Uint8Array<ArrayBuffer>): unknown;
  close(code?: number, reason?: string): void;
}

interface BunPeer extends Peer {
  binaryType: string;
  readonly data: unknown;
  readonly remoteAddress: string;
  readonly subscriptions: readonly string[];
  terminate(): void;
  subscribe(topic: string): boolean;
  unsubscribe(topic: string): boolean;
  isSubscribed(topic: string): boolean;
  publish(topic: string, data: string): number;
  cork<T>(run: (peer: BunPeer) => T): T;
}

interface BunServer {
  readonly pendingWebSockets: number;
  upgrade(request: Request, options?: object): boolean;
  publish(topic: string, data: string): number;
  requestIP(request: Request): { readonly address: string } | null;
  subscriberCount(topic: string): number;
}

const Deno = (globalThis as unknown as {
  Deno?: {
    upgradeWebSocket(
      request: Request,
      options?: object,
    ): { readonly socket: WebSocket; readonly response: Response };
  };
}).Deno;

/** What an app does. */
interface App {
  onOpen?(peer: Peer): void;
  onMessage(peer: Peer, message: Message): void;
  onClose?(code: number, reason: string): void;
}

/** The app on this runtime. */
function appOf(
  { onOpen, onMessage, onClose }: App,
): Pick<EngineQuery, "fetch" | "websocket"> {
  if (Deno === undefined) {
    return {
      fetch: (request, env) =>
        (env as BunServer).upgrade(request)
          ? undefined as never
          : new Response("no upgrade", { status: 400 }),
      websocket: {
        open(peer: BunPeer) {
          peer.binaryType = "arraybuffer";
          onOpen?.(peer);
        },
        message: onMessage,
        close: (_: unknown, code: number, reason: string) =>
          onClose?.(code, reason),
      },
    };
  }
  return {
    fetch(request) {
      const { socket, response } = Deno.upgradeWebSocket(request);
      socket.binaryType = "arraybuffer";
      socket.onopen = () => onOpen?.(socket as Peer);
      socket.onmessage = ({ data }) => onMessage(socket as Peer, data);
      socket.addEventListener(
        "close",
        ({ code, reason }) => onClose?.(code, reason),
      );
      return response;
    },
  };
}

const [source = "address"] = sourcesOf("fetch");

function urlOf(served: { readonly target: object }): string {
  const { port } = served.target as { readonly port: number };
  return `http://127.0.0.1:${port}/ws`;
}

websocket("texts and bytes are echoed, and both ends close", async () => {
  const ends: unknown[] = [];
  const app = appOf({
    onOpen: (peer) => peer.send(`ready ${peer.readyState}`),
    onMessage: (peer, message) =>
      peer.send(
        typeof message === "string" ? message : new Uint8Array(message),
      ),
    onClose: (...end) => ends.push(end),
  });
  await using served = await serveEngine({ ...app, source });
  const client = await SocketClient.open(urlOf(served));
  assert.is(await client.next(), "ready 1");
  for (const text of ["", "hello", "κόσμε ".repeat(50), "x".repeat(70_000)]) {
    assert.ok(await client.ask(text) === text, `${text.length} letters`);
  }
  for (const length of [0, 5, 200, 70_000]) {
    const bytes = new Uint8Array(length).map((_, at) => at);
    const echo = new Uint8Array(await client.ask(bytes) as ArrayBuffer);
    assert.is(echo.length, length);
    assert.ok(echo.every((byte, at) => byte === bytes[at]));
  }
  assert.is(served.sockets.size, 1);
  client.socket.close(4001, "enough");
  assert.equal(await client.ending(), { code: 4001, reason: "enough" });
  await until("the end", () => ends.length > 0);
  assert.equal(ends, [[4001, "enough"]]);
  await until("none to be open", () => served.sockets.size === 0);
});

websocket("handlers may be methods of a class", async ({ skip }) => {
  if (runtime.name !== "bun") return skip("they are Bun's");
  class Handlers {
    #count = 0;
    message(peer: Peer, message: Message): void {
      this.#count++;
      peer.send(`${this.#count} ${message}`);
    }
  }
  const { fetch } = appOf({ onMessage: () => {} });
  await using served = await serveEngine({
    ...{ fetch, source },
    websocket: new Handlers() as unknown as Record<string, unknown>,
  });
  const client = await SocketClient.open(urlOf(served));
  assert.is(await client.ask("a"), "1 a");
  assert.is(await client.ask("b"), "2 b");
});

websocket("the app closes with a code of its own", async () => {
  const app = appOf({
    onMessage: (peer) => peer.close(3999, "by the app"),
  });
  await using served = await serveEngine({ ...app, source });
  const client = await SocketClient.open(urlOf(served));
  client.socket.send("end");
  assert.equal(await client.ending(), { code: 3999, reason: "by the app" });
});

websocket("no frame has a code that none may have", async ({ skip }) => {
  if (http === "native") return skip("the runtime's own server sends it");
  const app = appOf({
    onMessage(peer) {
      let said = "";
      try {
        if (Deno !== undefined) peer.close(1000, "r".repeat(124));
      } catch (error) {
        said = (error as Error).name;
      }
      peer.send(said);
      peer.close(1006, "said");
    },
  });
  await using served = await serveEngine({ ...app, source });
  const client = await SocketClient.open(urlOf(served));
  assert.is(
    await client.ask("end"),
    Deno === undefined ? "" : "SyntaxError",
  );
  assert.equal(await client.ending(), { code: 1005, reason: "" });
});

websocket("a drain ends it with 1012, and waits for that", async () => {
  const app = appOf({ onMessage: (peer) => peer.send("on") });
  await using served = await serveEngine({ ...app, source });
  const client = await SocketClient.open(urlOf(served));
  let drained = false;
  const drain = served.engine.drain().then(() => drained = true);
  assert.is(await client.ask("on?"), "on");
  assert.is(drained, false);
  served.sockets.drain(50);
  assert.equal(await client.ending(), {
    code: 1012,
    reason: "Service restart",
  });
  await drain;
});

websocket("a broken frame ends it, and nothing else", async ({ connect }) => {
  const codes: number[] = [];
  const app = appOf({
    onMessage: (peer) => peer.send("on"),
    onClose: (code) => codes.push(code),
  });
  await using served = await serveEngine({ ...app, source });
  const client = await connect(served.target);
  client.send("/ws", { headers: HANDSHAKE });
  assert.is((await client.answer({ upgraded: true })).status, 101);
  client.write(masked(3, "no such opcode"));
  await client.closed(15_000);
  await until("its end", () => codes.length > 0);
  const other = await SocketClient.open(urlOf(served));
  assert.is(await other.ask("on?"), "on");
  other.socket.close();
  await other.ending();
});

if (http === "wire") {
  websocket("a message beyond the limit ends it with 1009", async () => {
    const app = appOf({ onMessage: (peer) => peer.send("on") });
    await using served = await serveEngine({ ...app, source, most: 1000 });
    const client = await SocketClient.open(urlOf(served));
    assert.is(await client.ask("x".repeat(1000)), "on");
    client.socket.send("x".repeat(1001));
    assert.is((await client.ending()).code, 1009);
  });
}

if (Deno === undefined) {
  websocket("Bun's topics, data, headers and subprotocols", async () => {
    const told: unknown[] = [];
    let server: BunServer | undefined;
    const asked: ReturnType<BunServer["requestIP"]>[] = [];
    await using served = await serveEngine({
      source,
      fetch(request, env) {
        // The first is kept, as Elysia does.
        server ??= env as BunServer;
        asked.push(server.requestIP(request));
        const ok = server.upgrade(request, {
          data: { path: new URL(request.url).pathname },
          headers: { "x-one": "1" },
        });
        return (ok ? undefined : new Response("no")) as never;
      },
      websocket: {
        open(peer: BunPeer) {
          told.push(peer.data, peer.subscribe("news"), peer.subscriptions);
          told.push(peer.isSubscribed("news"), peer.isSubscribed("other"));
        },
        message(peer: BunPeer, message: string | Uint8Array) {
          if (message === "all") peer.publish("news", "from one");
          else if (message === "leave") {
            peer.send(`${peer.unsubscribe("news")}`);
          } else if (message === "cork") {
            peer.send(peer.cork((own) => (own.send("corked"), "done")));
          } else peer.send(`${message?.constructor.name} ${message.length}`);
        },
      },
    });
    const [one, other] = [
      await SocketClient.open(urlOf(served), ["first", "second"]),
      await SocketClient.open(urlOf(served)),
    ];
    assert.equal(told.slice(0, 5), [
      { path: "/ws" },
      true,
      ["news"],
      true,
      false,
    ]);
    assert.equal([one.socket.protocol, other.socket.protocol], ["first", ""]);
    assert.equal([server?.subscriberCount("news"), server?.pendingWebSockets], [
      2,
      2,
    ]);
    one.socket.send("all");
    assert.is(await other.next(), "from one");
    assert.is(await other.ask("leave"), "true");
    assert.ok(server!.publish("news", "from the server") > 0);
    assert.is(await one.next(), "from the server");
    assert.equal(await one.ask("cork"), "corked");
    assert.equal(await one.next(), "done");
    assert.is(await other.ask(new Uint8Array(3)), "Buffer 3");
    one.socket.close();
    other.socket.close();
    await until("both to end", () => server!.subscriberCount("news") === 0);
    assert.is(server?.publish("news", "nobody"), 0);
    assert.match(asked.at(-1)?.address ?? "", "127.0.0.1");
    assert.is(server?.upgrade(new Request("http://localhost")), false);
  });
} else {
  websocket(
    "Deno's protocol is one that was asked for",
    async ({ connect }) => {
      await using served = await serveEngine({
        source,
        async fetch(request) {
          try {
            const { socket, response } = Deno.upgradeWebSocket(request, {
              protocol: "second",
            });
            // Until the app has answered nothing is sent, and nothing comes.
            await new Promise((resolve) => setTimeout(resolve, 20));
            socket.onopen = () => {
              socket.send(`open ${socket.binaryType}`);
              socket.send(String(socket instanceof WebSocket));
              socket.binaryType = "blob";
            };
            socket.onmessage = async ({ data }) => {
              socket.send(new Blob([`${await (data as Blob).text()} and `]));
              socket.send("after it");
            };
            return response;
          } catch (error) {
            return new Response(String(error), { status: 400 });
          }
        },
      });
      const client = await SocketClient.open(urlOf(served), [
        "first",
        "second",
      ]);
      assert.is(client.socket.protocol, "second");
      assert.is(await client.next(), "open arraybuffer");
      assert.is(await client.next(), "true");
      client.socket.send(new TextEncoder().encode("blob"));
      const blob = new Uint8Array(await client.next() as ArrayBuffer);
      assert.is(new TextDecoder().decode(blob), "blob and ");
      assert.is(await client.next(), "after it");
      client.socket.close();
      await client.ending();
      const raw = await connect(served.target);
      const refused = await raw.request("/ws", { headers: HANDSHAKE });
      assert.is(refused.status, 400);
      assert.match(refused.text, /Protocol 'second'|protocol/i);
      const plain = await connect(served.target);
      assert.is((await plain.request("/ws")).status, 400);
    },
  );

  websocket(
    "a handshake that Deno refuses is the client's fault",
    async ({ connect }) => {
      await using served = await serveEngine({
        source,
        fetch(request) {
          try {
            Deno.upgradeWebSocket(request, { protocol: "spoken" });
            return new Response("upgraded");
          } catch (error) {
            return new Response(String(refusalOf(error)));
          }
        },
      });
      const fields: Record<string, string> = {
        ...HANDSHAKE,
        "Sec-WebSocket-Protocol": "spoken",
      };
      const { Upgrade: _, ...plain } = fields;
      const { "Sec-WebSocket-Key": __, ...keyless } = fields;
      const cases: [Record<string, string>, string][] = [
        [plain, "426"],
        [keyless, "400"],
        [{ ...fields, "Sec-WebSocket-Protocol": "other" }, "400"],
      ];
      for (const [headers, told] of cases) {
        const client = await connect(served.target);
        assert.is((await client.request("/ws", { headers })).text, told);
      }
      if (http === "native") return;
      const client = await connect(served.target);
      const post = await client.request("/ws", {
        method: "POST",
        headers: { ...fields, "Content-Length": "0" },
      });
      assert.is(post.text, "400");
    },
  );
}

websocket.run();

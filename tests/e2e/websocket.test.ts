import { connect } from "node:net";
import type { Socket } from "node:net";
import { join } from "node:path";
import * as assert from "../support/assert.ts";
import { HANDSHAKE } from "../support/client/frames.ts";
import { get } from "../support/client/curl.ts";
import { SocketClient } from "../support/client/web-socket.ts";
import { playWs } from "../support/client/ws.ts";
import { runtimeName } from "../support/process/command.ts";
import { freePort } from "../support/machine/ports.ts";
import { NGINX, startNginx } from "../support/machine/proxy.ts";
import { fixture, promises } from "../support/promise.ts";
import { until } from "../support/wait.ts";

const websocket = promises("websocket");
const app = fixture("sockets.ts");
const RESTART = { code: 1012, reason: "Service restart" };

/** A client of its own: it sends a handshake with these fields, without those that are undefined, and waits for the head of the answer. */
async function shake(
  port: number,
  others: Readonly<Record<string, string | undefined>> = {},
): Promise<{ socket: Socket; status: string }> {
  const socket = connect({ host: "127.0.0.1", port });
  socket.on("error", () => {});
  const fields = Object.entries({ ...HANDSHAKE, ...others })
    .filter(([, value]) => value !== undefined);
  const lines = fields.map((field) => field.join(": "));
  socket.write(
    ["GET /ws?raw HTTP/1.1", "Host: test", ...lines, "", ""].join("\r\n"),
  );
  let text = "";
  socket.on("data", (bytes) => text += String(bytes));
  const head = await until("a head", () => /^HTTP\/1.1 (\d+) /.exec(text));
  return { socket, status: head[1]! };
}

/** A client that answers no close frame. */
async function connectDeaf(port: number): Promise<Socket> {
  const { socket, status } = await shake(port);
  assert.is(status, "101");
  return socket;
}

/** Forms of apps that this runtime's engines serve. */
const forms = runtimeName === "node"
  ? [
    { app, args: [] },
    { app, args: ["--http", "native"] },
    { app: `${app}:server`, args: [] },
  ]
  : [
    { app, args: [] },
    { app, args: ["--http", "wire"] },
    { app: `${app}:server`, args: [] },
  ];

for (const form of forms) {
  const about = [form.app.split("/").at(-1), ...form.args].join(" ");

  websocket(
    `a reload ends each WebSocket with 1012, and the client of ws gets what it asks: ${about}`,
    async ({ start }) => {
      const server = await start({
        app: form.app,
        args: [
          ...["-w", "1", "--websocket-drain", "0.3", "--access-logfile", "-"],
          ...form.args,
        ],
      });
      assert.is(await get(`${server.url}/a`), "page /a\n");
      const client = await SocketClient.open(`${server.url}/ws`);
      assert.is(await client.ask("hello"), "hello");
      const bytes = new Uint8Array([0, 255, 1]);
      assert.equal(
        new Uint8Array(await client.ask(bytes) as ArrayBuffer),
        bytes,
      );
      const pid = await client.ask("pid");
      assert.not.match(server.output(), /\/ws/, "it is not over");
      const several = await shake(server.port, { Upgrade: "other, websocket" });
      several.socket.destroy();
      // The library was asked, which takes no list.
      const takesList = runtimeName !== "node" && form.app === app;
      assert.is(several.status, takesList ? "101" : "400");
      if (runtimeName === "deno" && form.app === app) {
        const broken = await shake(server.port, {
          "Sec-WebSocket-Key": undefined,
        });
        broken.socket.destroy();
        assert.is(broken.status, "400", "of no failure of the app's");
      }
      const from = server.log().length;
      server.signal("SIGHUP");
      assert.equal(await client.ending(), RESTART);
      await server.waitForLog(/Reload done/, { from });
      await until(
        "the old worker's end",
        () => !server.workers().includes(Number(pid)),
      );
      const again = await SocketClient.open(`${server.url}/ws`);
      assert.is.not(await again.ask("pid"), pid);
      await until(
        "the line of the first",
        () => /"GET \/ws HTTP\/1.1" 101 /.test(server.output()),
      );
      await playWs(`${server.url}/ws`);
      server.signal("SIGINT");
      assert.is((await again.ending()).code, 1001);
      assert.is((await server.ended).code, 0);
      assert.not.match(server.log(), /ERROR|Cut/);
    },
  );
}

websocket(
  "a reload ends with 1012 the WebSockets of clients that send without a pause",
  async ({ start }) => {
    const server = await start({
      app,
      args: [
        ...["-w", "1", "--websocket-drain", "0.3"],
        // Deno's own server cuts some (DENO-CLOSE-MEETS-MESSAGE).
        ...runtimeName === "deno" ? ["--http", "wire"] : [],
      ],
    });
    for (let round = 0; round < 2; round++) {
      const clients = await Promise.all(
        Array.from({ length: 30 }, () => SocketClient.open(`${server.url}/ws`)),
      );
      const sending = setInterval(() => {
        for (const { socket } of clients) {
          if (socket.readyState === WebSocket.OPEN) socket.send("again");
        }
      }, 5);
      try {
        const from = server.log().length;
        server.signal("SIGHUP");
        const endings = clients.map((client) => client.ending());
        assert.equal(await Promise.all(endings), endings.map(() => RESTART));
        await server.waitForLog(/Reload done/, { from });
      } finally {
        clearInterval(sending);
      }
    }
  },
);

websocket(
  "a worker has no more than --max-websockets, and the rest is told to wait",
  async ({ start, connect }) => {
    const server = await start({
      app,
      // A drain must not mangle what it answers to a handshake.
      args: ["-w", "1", "--max-websockets", "1", "--keep-alive", "0"],
    });
    const first = await SocketClient.open(`${server.url}/ws`);
    const client = await connect(server.url);
    const refused = await client.request("/ws", { headers: HANDSHAKE });
    assert.is(refused.status, 503);
    assert.is(refused.headers.get("retry-after"), "1");
    assert.is(await get(`${server.url}/a`), "page /a\n");
    first.socket.close(1000);
    await first.ending();
    const next = await until("a place", async () => {
      try {
        return await SocketClient.open(`${server.url}/ws`);
      } catch {
        return undefined;
      }
    });
    assert.is(await next.ask("hello"), "hello");
    next.socket.close();
  },
);

websocket(
  "what the graceful timeout cuts is named",
  async ({ start, skip }) => {
    if (runtimeName === "bun") {
      return skip("Bun waits for no answer to a close frame");
    }
    const server = await start({
      app,
      args: ["-w", "1", "--graceful-timeout", "1", "--websocket-drain", "1"],
    });
    const client = await connectDeaf(server.port);
    server.signal("SIGTERM");
    assert.is((await server.ended).code, 0);
    assert.match(server.log(), /Cut 1 open WebSocket: the graceful timeout/);
    client.destroy();
  },
);

/** nginx as docs/websockets.md has it. */
function siteOf(port: number, upstream: string): string {
  return `
  map $http_upgrade $connection_upgrade { default upgrade; "" ""; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://unix:${upstream};
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
    }
  }`;
}

websocket("nginx passes them on to a unix socket", async (lab) => {
  if (NGINX === undefined) return lab.skip("nginx is not installed");
  const path = join(lab.folder, "corn.sock");
  const server = await lab.start({
    app,
    args: [
      ...["-w", "1", "-b", `unix:${path}`, "--unix-mode", "666"],
      ...["--websocket-drain", "0"],
    ],
  });
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const proxy = await startNginx(lab, { http: siteOf(port, path) }, url);
  try {
    const client = await SocketClient.open(`${url}/ws`);
    assert.is(await client.ask("hello"), "hello");
    assert.is(await get(`${url}/a`), "page /a\n");
    server.signal("SIGHUP");
    assert.equal(await client.ending(), RESTART);
    const again = await SocketClient.open(`${url}/ws`);
    assert.is(await again.ask("hello"), "hello");
    again.socket.close();
    await again.ending();
  } finally {
    await proxy.close();
  }
});

if (runtimeName !== "deno") {
  websocket("one that nothing serves is named once", async ({ start }) => {
    const server = await start({
      app: fixture("refuser.ts"),
      args: ["-w", "1"],
    });
    await SocketClient.refused(`${server.url}/ws`);
    await SocketClient.refused(`${server.url}/ws`);
    await server.waitForLog(
      /GET \/ws asks for a WebSocket, and the app exports nothing that serves one: see docs\/websockets.md/,
    );
    const said = server.log().match(/asks for a WebSocket/g);
    assert.is(said?.length, 1);
  });
}

websocket.run();

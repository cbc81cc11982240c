// runtimes: node24, node26
import * as assert from "../support/assert.ts";
import { SocketClient } from "../support/client/web-socket.ts";
import { fixture, promises } from "../support/promise.ts";
import { until } from "../support/wait.ts";
import { HANDSHAKE, masked } from "../support/client/frames.ts";

const handover = promises("a WebSocket that is handed over");
const app = fixture("sockets.ts");

for (const engine of ["wire", "native"]) {
  handover(`the app's library has what the client sent: ${engine}`, async ({
    start,
    connect,
  }) => {
    const server = await start({
      app,
      args: [
        ...["-w", "1", "--http", engine, "--base-path", "/shop"],
        ...["--forwarded-allow-ips", "127.0.0.1", "--access-logfile", "-"],
        ...["--access-logformat", "%(h)s %(r)s %(s)s %(b)s"],
      ],
    });
    const client = await connect(server.url);
    const ask = (path: string, bytes: Uint8Array) => {
      const fields = Object.entries({
        ...HANDSHAKE,
        "X-Forwarded-For": "203.0.113.9",
      }).map((field) => field.join(": "));
      const head = [`GET ${path} HTTP/1.1`, "Host: test", ...fields, "", ""];
      client.write(Buffer.concat([Buffer.from(head.join("\r\n")), bytes]));
    };
    assert.is((await client.request("/shop/a")).text, "page /a\n");
    // What follows the head in the same bytes is the WebSocket's first.
    ask("/shop/tells?b", masked(1, "hello"));
    assert.is((await client.answer({ upgraded: true })).status, 101);
    const told = JSON.stringify(
      [
        "/tells?b",
        "test",
        "203.0.113.9",
      ],
    );
    const bytes = await client.take(2 + told.length + 2 + 5);
    assert.is(String.fromCharCode(...bytes.subarray(2, 2 + told.length)), told);
    assert.is(String.fromCharCode(...bytes.subarray(-5)), "hello");
    client.close();

    const other = await connect(server.url);
    const refused = await other.request("/shop/refuses", {
      headers: HANDSHAKE,
    });
    assert.is(refused.status, 401);
    await other.closed();
    const thrown = await connect(server.url);
    assert.is(
      (await thrown.request("/shop/throws", { headers: HANDSHAKE })).status,
      500,
    );
    await server.waitForLog(
      /GET \/throws failed as a WebSocket\n.*upgrade failed/,
    );
    const beside = await connect(server.url);
    assert.is((await beside.request("/", { headers: HANDSHAKE })).status, 404);
    // Other protocols, and what is not quite a handshake, are served as they are.
    const plain = await connect(server.url);
    const h2c = { Connection: "Upgrade", Upgrade: "h2c" };
    assert.is(
      (await plain.request("/shop/b", { headers: h2c })).text,
      "page /b\n",
    );
    assert.is(
      (await plain.request("/shop/c", {
        method: "POST",
        body: "corn",
        headers: HANDSHAKE,
      })).status,
      500,
      "the app's own word",
    );
    await until(
      "the lines",
      () => (server.output().match(/\n/g)?.length ?? 0) >= 7,
    );
    assert.match(
      server.output(),
      /^203.0.113.9 GET \/shop\/tells\?b HTTP\/1.1 101 [1-9]\d+$/m,
    );
    for (const line of ["refuses HTTP/1.1 401", "throws HTTP/1.1 500"]) {
      assert.match(server.output(), `GET /shop/${line} `);
    }
  });
}

handover("@hono/node-server's own form works", async ({ start }) => {
  const server = await start({
    app: fixture("node-server.ts"),
    args: ["-w", "1"],
  });
  const client = await SocketClient.open(`${server.url}/ws`);
  assert.is(await client.ask("hello"), "hello");
  assert.is((await SocketClient.refused(`${server.url}/other`)).code, 1006);
  client.socket.close();
});

handover("a listener without any is named once", async ({ start }) => {
  const server = await start({
    app: `${fixture("refuser.ts")}:listener`,
    args: ["-w", "1"],
  });
  await SocketClient.refused(`${server.url}/ws`);
  await SocketClient.refused(`${server.url}/ws`);
  await server.waitForLog(/GET \/ws asks for a WebSocket, and the app exports/);
  assert.is(server.log().match(/asks for a WebSocket/g)?.length, 1);
});

handover.run();

/** PROXY headers, by hand, from HAProxy and from nginx. */
import { Buffer } from "node:buffer";
import { chmodSync, existsSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import * as assert from "../support/assert.ts";
import type { RawClient } from "../support/client/client.ts";
import { curl } from "../support/client/curl.ts";
import { freePort } from "../support/machine/ports.ts";
import { fixture, promises } from "../support/promise.ts";
import type { Lab } from "../support/promise.ts";
import {
  HAPROXY,
  NGINX,
  startNginx,
  startProxy,
} from "../support/machine/proxy.ts";
import type { Server } from "../support/process/server.ts";
import { sleep, until, within } from "../support/wait.ts";

const proxy = promises("the PROXY protocol");
const app = fixture("peer.ts");

const ASK = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const V1 = "PROXY TCP4 192.0.2.7 127.0.0.1 4711 80\r\n";
const V1_PEER = { address: "192.0.2.7", port: 4711 };
const V2_START = "\r\n\r\n\0\r\nQUIT\n";
const V6 = `\x20\x01\x0d\xb8${"\0".repeat(11)}\x07`;
const V2 = `${V2_START}\x21\x21\0\x30${V6}${V6}\x12\x67\0\x50` +
  "\x04\0\x09some more";
const V2_PEER = { address: "2001:db8::7", port: 4711 };

const bytes = (text: string) => Buffer.from(text, "latin1");

async function peerOf(client: RawClient): Promise<unknown> {
  const answer = await client.answer();
  assert.is(answer.status, 200);
  return JSON.parse(answer.text);
}

/** Starts corn on a port and on a unix socket. */
async function startOn(
  lab: Lab,
  ...args: string[]
): Promise<{ server: Server; path: string }> {
  const path = join(lab.folder, "corn.sock");
  const server = await lab.start({
    app,
    args: [
      ...["-w", "1", "-b", `127.0.0.1:0,unix:${path}`, "--unix-mode", "666"],
      ...args,
    ],
  });
  return { server, path };
}

proxy("the app sees the client that the header names", async (lab) => {
  const { server, path } = await startOn(lab, "--proxy-protocol", "auto");
  for (const target of [server.url, { path }]) {
    for (const [header, peer] of [[V1, V1_PEER], [V2, V2_PEER]] as const) {
      const whole = await lab.connect(target);
      whole.write(bytes(header + ASK + ASK));
      assert.equal(await peerOf(whole), peer);
      assert.equal(await peerOf(whole), peer);
      whole.write(ASK);
      assert.equal(await peerOf(whole), peer, "for the whole connection");

      const single = await lab.connect(target);
      single.socket.setNoDelay(true);
      for (const byte of bytes(header + ASK)) {
        single.write(Uint8Array.of(byte));
        await new Promise(setImmediate);
      }
      assert.equal(await peerOf(single), peer);
    }
  }
});

proxy("LOCAL and UNKNOWN keep the connection's own address", async (lab) => {
  const { server, path } = await startOn(lab, "--proxy-protocol", "auto");
  const local = `${V2_START}\x20\0\0\0`;
  const unspecified = `${V2_START}\x21\0\0\x03abc`;
  for (const header of ["PROXY UNKNOWN\r\n", local, unspecified]) {
    const client = await lab.connect(server.url);
    client.write(bytes(header + ASK));
    const { localPort: port } = client.socket;
    assert.equal(await peerOf(client), { address: "127.0.0.1", port });
    const unix = await lab.connect({ path });
    unix.write(bytes(header + ASK));
    assert.equal(await peerOf(unix), {});
  }
});

proxy(
  "nobody vouches for a client that the proxy does not know",
  async (lab) => {
    const { server, path } = await startOn(lab, "--proxy-protocol", "auto");
    const claim = ASK.replace(
      "\r\n\r\n",
      "\r\nX-Forwarded-For: 192.0.2.9\r\n\r\n",
    );
    const vouched = { address: "192.0.2.9", port: 0 };
    const datagram = `${V2_START}\x21\x12\0\x0c${"\0".repeat(12)}`;
    const unspecified = `${V2_START}\x21\0\0\0`;
    for (const target of [server.url, { path }]) {
      for (const header of ["PROXY UNKNOWN\r\n", unspecified, datagram]) {
        const client = await lab.connect(target);
        client.write(bytes(header + claim + claim));
        for (let count = 0; count < 2; count++) {
          assert.not.equal(await peerOf(client), vouched, header);
        }
      }
      // The proxy itself, as for its health checks.
      const own = await lab.connect(target);
      own.write(bytes(`${V2_START}\x20\0\0\0${claim}`));
      assert.equal(await peerOf(own), vouched);
    }
  },
);

/** The connection is closed without an answer. */
async function closed(lab: Lab, url: string, text: string): Promise<void> {
  const client = await lab.connect(url);
  client.write(bytes(text));
  await client.closed();
  assert.is(client.unread, 0, "without an answer");
}

proxy("what is no header is closed, and a line tells of it", async (lab) => {
  const { server } = await startOn(lab, "--proxy-protocol", "v2");
  await closed(lab, server.url, ASK);
  await server.waitForLog(
    /WARNING\] .*Closed a connection from 127\.0\.0\.1: it sent no PROXY header/,
  );
  await closed(lab, server.url, V1 + ASK);
  await closed(lab, server.url, `${V2_START}\x31\x11\0\x0c${"a".repeat(12)}`);
  const client = await lab.connect(server.url);
  client.write(bytes(V2 + ASK));
  assert.equal(await peerOf(client), V2_PEER);
  await server.waitForLog(
    /Closed 2 more for what should be a PROXY header in the last 10 s/,
  );
});

proxy("a malformed header is closed", async (lab) => {
  const { server } = await startOn(lab, "--proxy-protocol", "v1");
  await closed(lab, server.url, V1.replace("192", "0192") + ASK);
  await server.waitForLog(/127\.0\.0\.1: it sent a malformed PROXY header/);
});

proxy("a header comes within the time limit of a head", async (lab) => {
  const { server } = await startOn(
    lab,
    ...[
      "--proxy-protocol",
      "auto",
      "--header-timeout",
      "1",
      "--slow-loop",
      "0",
    ],
  );
  // A health check that opens a connection and says nothing.
  const silent = await lab.connect(server.url);
  await silent.closed(3000);
  const knocking = await lab.connect(server.url);
  knocking.socket.end();
  await knocking.closed();
  assert.not.match(server.log(), "WARNING", "there is nothing to tell");
  const client = await lab.connect(server.url);
  client.write("PROXY TCP4");
  const dripping = setInterval(() => client.write(" "), 100);
  try {
    await client.closed(3000);
  } finally {
    clearInterval(dripping);
  }
  await server.waitForLog(/malformed|its PROXY header took too long/);
  assert.is(client.unread, 0);
});

proxy("a header that breaks off is told of", async (lab) => {
  const { server } = await startOn(lab, "--proxy-protocol", "auto");
  const client = await lab.connect(server.url);
  client.socket.end("PROXY TCP4 ");
  await client.closed();
  await server.waitForLog(/127\.0\.0\.1: its PROXY header broke off/);
});

proxy("only who is allowed speaks for others", async (lab) => {
  const { server, path } = await startOn(
    lab,
    ...["--proxy-protocol", "auto", "--proxy-allow-from", "127.0.0.8/29"],
  );
  const { port } = server;
  for (
    const [localAddress, allowed] of [["127.0.0.9", true], [
      "127.0.0.1",
      false,
    ]] as const
  ) {
    const socket = connect({ host: "127.0.0.1", port, localAddress });
    let text = "";
    socket.setEncoding("utf8").on("data", (part: string) => text += part);
    socket.on("error", () => {});
    const gone = new Promise((resolve) => socket.once("close", resolve));
    socket.write(V1 + ASK.replace("Host", "Connection: close\r\nHost"));
    await within("the end of the connection", gone, 5000);
    assert.is(text.includes("192.0.2.7"), allowed);
    assert.is(text === "", !allowed);
  }
  await server.waitForLog(/127\.0\.0\.1: it is not in --proxy-allow-from/);
  const unix = await lab.connect({ path });
  unix.write(V1 + ASK);
  await unix.closed();
  assert.is(unix.unread, 0);
});

proxy("a drain waits for a header that is on its way", async (lab) => {
  const { server } = await startOn(lab, "--proxy-protocol", "auto");
  const client = await lab.connect(server.url);
  client.write(V1.slice(0, 20));
  const other = await lab.connect(server.url);
  other.write(V1);
  assert.not.ok((await other.request("/")).closes);
  server.signal("SIGTERM");
  await until("the drain", async () => (await other.request("/")).closes);
  client.write(V1.slice(20) + ASK);
  const answer = await client.answer();
  assert.ok(answer.closes);
  assert.equal(JSON.parse(answer.text), V1_PEER);
});

proxy("a native engine refuses it", async ({ run }) => {
  const native = run({
    app,
    args: ["--http", "native", "--proxy-protocol", "auto"],
  });
  assert.is((await native.ended).code, 1);
  assert.match(native.log(), /Cannot use proxyProtocol "auto" .*--http wire/);
});

/** Asks through a proxy as a client that has another address than the proxy. */
async function askThrough(port: number): Promise<unknown> {
  const answer = await curl(
    `http://127.0.0.1:${port}/`,
    ...["--interface", "127.0.0.77", "-H", "Connection: close"],
  );
  assert.is(answer.exit, 0);
  return JSON.parse(answer.body).address;
}

proxy(
  "HAProxy names the client, and its health checks succeed",
  async (lab) => {
    if (HAPROXY === undefined) return lab.skip("there is no HAProxy");
    const { server, path } = await startOn(lab, "--proxy-protocol", "auto");
    const upstreams = [`127.0.0.1:${server.port}`, `unix@${path}`];
    const ways = [
      "send-proxy",
      "send-proxy-v2",
      "send-proxy-v2 proxy-v2-options crc32c",
    ];
    const routes: { port: number; text: string }[] = [];
    for (const upstream of upstreams) {
      for (const way of ways) {
        const port = await freePort();
        const name = `s${routes.length}`;
        routes.push({
          port,
          text: `listen ${name}
  bind 127.0.0.1:${port}
  option httpchk GET /
  server ${name} ${upstream} ${way} check inter 100 fall 1 rise 1
`,
        });
      }
    }
    const config = lab.write(
      "haproxy.cfg",
      `defaults
  mode http
  timeout connect 5s
  timeout client 5s
  timeout server 5s
${routes.map(({ text }) => text).join("")}`,
    );
    chmodSync(lab.folder, 0o755);
    const haproxy = await startProxy(lab, {
      command: [HAPROXY, "-db", "-f", config],
      url: `http://127.0.0.1:${routes.at(-1)!.port}/`,
      end: "SIGTERM",
    });
    try {
      for (const { port } of routes) {
        assert.is(await askThrough(port), "127.0.0.77");
      }
      // Ten checks of each, or so.
      await sleep(1000);
      assert.not.match(haproxy.log(), "DOWN");
      assert.not.match(server.log(), "Closed a connection");
    } finally {
      await haproxy.close();
    }
  },
);

const STREAM = [
  "/usr/lib/nginx/modules/ngx_stream_module.so",
  "/usr/share/nginx/modules/ngx_stream_module.so",
].find((path) => existsSync(path));

proxy("nginx names the client", async (lab) => {
  if (NGINX === undefined || STREAM === undefined) {
    return lab.skip("there is no nginx with its stream module");
  }
  const { server, path } = await startOn(lab, "--proxy-protocol", "v1");
  const ports = [await freePort(), await freePort()] as const;
  const nginx = await startNginx(lab, {
    modules: [STREAM],
    stream: `
  proxy_protocol on;
  server { listen 127.0.0.1:${ports[0]}; proxy_pass 127.0.0.1:${server.port}; }
  server { listen 127.0.0.1:${ports[1]}; proxy_pass unix:${path}; }`,
  }, `http://127.0.0.1:${ports[0]}/`);
  try {
    for (const port of ports) {
      assert.is(await askThrough(port), "127.0.0.77");
    }
    assert.not.match(server.log(), "Closed a connection");
  } finally {
    await nginx.close();
  }
});

proxy.run();

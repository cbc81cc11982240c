/** Apps that take their server from under a worker: it is replaced, and never left ready and deaf. */
import { connect } from "node:net";
import * as assert from "../support/assert.ts";
import { runtimeName } from "../support/process/command.ts";
import { curl } from "../support/client/curl.ts";
import { fixture, promises } from "../support/promise.ts";
import type { Server } from "../support/process/server.ts";
import { sleep, until } from "../support/wait.ts";

const ending = promises("a server that an app ends");
const GRACE = 20;

async function pidOf(url: string): Promise<number> {
  return Number((await curl(url, "--max-time", "2")).body);
}

/** Has the app end its server; another worker must come before the graceful timeout is over. */
async function prove(server: Server): Promise<void> {
  const { url } = server;
  const first = await pidOf(url);
  assert.ok(first > 0);
  await curl(`${url}/end`, "--max-time", "2");
  await until(
    "another worker",
    async () => ![first, 0].includes(await pidOf(url) || 0),
    15_000,
  );
  await until(
    "the end of the first",
    () => !server.workers().includes(first),
    GRACE * 500,
  );
  assert.match(server.log(), /though nobody asked for that/);
  assert.not.match(server.log(), /Cut /);
}

const args = ["-w", "1", "--graceful-timeout", String(GRACE)];

if (runtimeName !== "node") {
  ending("a worker without a server is replaced", async (lab) => {
    const app = fixture("ending.ts");
    await prove(await lab.start({ app, args }));
  });
}

if (runtimeName !== "bun") {
  ending("a worker without a node:http server is replaced", async (lab) => {
    const app = `${fixture("ending.ts")}:listener`;
    await prove(await lab.start({ app, args }));
  });
}

/** The first message of a WebSocket that says "hello"; undefined where it fails. */
function talk(url: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url.replace("http", "ws"));
    const end = (text?: string) => {
      clearTimeout(timer);
      resolve(text);
      socket.close();
    };
    const timer = setTimeout(end, 10_000);
    socket.onopen = () => socket.send("hello");
    socket.onmessage = ({ data }) => end(String(data));
    socket.onerror = () => end();
  });
}

if (runtimeName === "deno") {
  ending("a WebSocket ends no server, whatever its app does", async (lab) => {
    const server = await lab.start({
      app: fixture("ending.ts"),
      args: [...args, "--access-logfile", "-", "--request-timeout", "2"],
    });
    const { url } = server;
    const first = await pidOf(url);
    const paths = ["ws", "ws-throws", "ws-other", "ws-never", "ws-nothing"];
    for (const path of paths) {
      assert.is(await talk(`${url}/${path}`), "echo hello", path);
      assert.is(await pidOf(url), first, `after ${path}`);
    }
    for (const path of paths) {
      await until(
        `the line of ${path}`,
        () => server.output().includes(`"GET /${path} HTTP/1.1" 101`),
      );
    }
    assert.is((await server.stop()).code, 0);
  }, { deadlineMs: 90_000 });
}

if (runtimeName === "deno") {
  ending("a length that no memory has ends no worker", async (lab) => {
    const server = await lab.start({ app: fixture("bodies.ts"), args });
    const workers = server.workers();
    for (const path of ["/text", "/bytes", "/stream"]) {
      const liar = await lab.connect(server.url);
      liar.write(
        `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: ${
          2 ** 53
        }\r\n\r\nx`,
      );
      await sleep(300);
      liar.close();
      const { body } = await curl(`${server.url}${path}`, "--data", "abc");
      assert.is(body.trim(), "3", path);
    }
    assert.equal(server.workers(), workers);

    // What is large is read as it was.
    const size = 65 * 1024 * 1024;
    const file = lab.write("large", "a".repeat(size));
    for (const path of ["/text", "/bytes", "/stream"]) {
      const { body } = await curl(
        `${server.url}${path}`,
        ...["--data-binary", `@${file}`, "-H", "Expect:"],
      );
      assert.is(Number(body), size, path);
    }
  });
}

if (runtimeName === "deno") {
  ending("a WebSocket whose client resets has no place", async (lab) => {
    const server = await lab.start({
      app: fixture("ending.ts"),
      args: ["-w", "1", "--graceful-timeout", "2", "--max-websockets", "2"],
    });
    const { url, port } = server;
    const ask =
      "GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    // Some are open before their reset is known.
    for (let round = 0; round < 10; round++) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const socket = connect(port, "127.0.0.1", () => {
        socket.write(ask, () => {
          socket.resetAndDestroy();
          resolve();
        });
      });
      socket.on("error", () => resolve());
      await promise;
    }
    assert.is(await talk(`${url}/ws`), undefined, "all places are taken");
    await until(
      "a place",
      async () => await talk(`${url}/ws`) === "echo hello",
      30_000,
    );
    await server.stop();
  }, { deadlineMs: 90_000 });
}

ending.run();

import { type AddressInfo, createServer, type Socket } from "node:net";
import { suite } from "../suite.ts";
import * as assert from "../assert.ts";
import { RawClient, reset } from "./client.ts";
import { loadBody } from "../../fixtures/answers.ts";
import { startLoad } from "../load/load.ts";

const client = suite("test clients");

/** Serves one answer a connection, as bytes that `answer` gives. */
async function serve(
  answer: (path: string, socket: Socket) => void,
): Promise<{ url: string } & AsyncDisposable> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("data", (bytes) => {
      answer(/GET (\S+)/.exec(String(bytes))?.[1] ?? "", socket);
    });
  });
  await new Promise<void>((resolve) =>
    server.listen({ host: "127.0.0.1", port: 0 }, resolve)
  );
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function right(path: string): string {
  const body = loadBody(path.split("/")[2] ?? "");
  return `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

client(
  "RawClient reads every framing, and refuses half an answer",
  async () => {
    const answers: Readonly<Record<string, string>> = {
      "/length": "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ncorn",
      "/chunks":
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nco\r\n2\r\nrn\r\n0\r\n\r\n",
      "/end": "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\ncorn",
      "/short": "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\ncorn",
      "/cut":
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ncorn\r\n",
      "/nothing": "",
      "/noise": "corn corn corn\r\n\r\n",
    };
    await using server = await serve((path, socket) =>
      socket.end(answers[path] ?? "")
    );
    for (const path of Object.keys(answers)) {
      const raw = await RawClient.connect(server.url);
      const outcome = await raw.request(path).then(
        ({ text }) => text,
        () => "failure",
      );
      raw.close();
      const whole = ["/length", "/chunks", "/end"].includes(path);
      assert.is(outcome, whole ? "corn" : "failure", path);
    }
  },
);

client("startLoad() counts what goes wrong, each request once", async () => {
  let requests = 0;
  let spoiled = 0;
  await using server = await serve((path, socket) => {
    const spoil = ++requests % 10 === 0;
    if (spoil) spoiled++;
    if (!spoil) socket.write(right(path));
    else if (spoiled % 3 === 0) reset(socket);
    else if (spoiled % 3 === 1) socket.end();
    else socket.write(right("/load/another"));
  });
  const load = await startLoad({ url: server.url, keepAlive: 4, single: 2 });
  while (requests < 200) await new Promise((resolve) => setTimeout(resolve, 5));
  const { keepAlive, single } = await load.stop();
  assert.is(keepAlive.failures + single.failures, spoiled);
  assert.is(keepAlive.requests + single.requests, requests);
});

client.run();

/** What `node:http` asks to upgrade and an app answers as any other request. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { ServerResponse } from "node:http";
import { connect } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { answerUpgrade } from "../../adapters/shared/servers/upgrade.ts";
import * as assert from "../support/assert.ts";
import type { Target } from "../support/client/client.ts";
import { HANDSHAKE } from "../support/client/frames.ts";
import { serveEngine } from "../support/engine/engine.ts";
import { suite } from "../support/suite.ts";
import { sleep, within } from "../support/wait.ts";

const upgrades = suite("answerUpgrade()");

/** Asks for a WebSocket, and keeps its half of the connection open; gives what came until the other one ended. */
function ask(target: Target): { client: Socket; ended: Promise<string> } {
  const client = connect({ ...target, allowHalfOpen: true });
  const fields = Object.entries({ Host: "a", ...HANDSHAKE });
  client.write(
    `GET / HTTP/1.1\r\n${
      fields.map(([name, value]) => `${name}: ${value}\r\n`).join("")
    }\r\n`,
  );
  let answer = "";
  client.on("data", (bytes) => answer += String(bytes));
  return { client, ended: once(client, "end").then(() => answer) };
}

upgrades("an answer ends a connection whose client does not", async () => {
  const server = createServer();
  const closed = new Promise<void>((resolve) =>
    server.on("upgrade", (incoming, socket, head) => {
      socket.once("close", () => resolve());
      answerUpgrade({ incoming, socket: socket as Socket, head }, {
        listener: (_, outgoing) => outgoing.writeHead(503).end("full"),
        onTaken() {},
      });
    })
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const { client, ended } = ask({ host: "127.0.0.1", port });
  try {
    await within("the end of the connection", closed);
    assert.match(
      await within("the answer", ended),
      /^HTTP\/1\.1 503 [^]*full/,
    );
  } finally {
    client.destroy();
    server.close();
  }
});

upgrades("an answer may take longer than a connection is kept", async () => {
  let listened = 0;
  await using served = await serveEngine({
    source: "address",
    keepAliveMs: 500,
    upgrade() {},
    async node(_, outgoing) {
      listened++;
      await sleep(1500);
      (outgoing as ServerResponse).writeHead(503).end("full");
    },
  });
  const { client, ended } = ask(served.target);
  try {
    assert.match(
      await within("the answer", ended),
      /^HTTP\/1\.1 503 [^]*full/,
    );
    assert.is(listened, 1);
  } finally {
    client.destroy();
  }
});

upgrades.run();

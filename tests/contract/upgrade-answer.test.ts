/** What `node:http` asks to upgrade and an app answers as any other request. */
import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { answerUpgrade } from "../../adapters/shared/servers/upgrade.ts";
import * as assert from "../support/assert.ts";
import { HANDSHAKE } from "../support/client/frames.ts";
import { suite } from "../support/suite.ts";
import { within } from "../support/wait.ts";

const upgrades = suite("answerUpgrade()");

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
  const client = connect({ host: "127.0.0.1", port, allowHalfOpen: true });
  const fields = Object.entries({ Host: "a", ...HANDSHAKE });
  client.write(
    `GET / HTTP/1.1\r\n${
      fields.map(([name, value]) => `${name}: ${value}\r\n`).join("")
    }\r\n`,
  );
  let answer = "";
  client.on("data", (bytes) => answer += String(bytes));
  const whole = once(client, "end");
  try {
    await within("the end of the connection", closed);
    await within("the answer", whole);
    assert.match(answer, /^HTTP\/1\.1 503 [^]*full/);
  } finally {
    client.destroy();
    server.close();
  }
});

upgrades.run();

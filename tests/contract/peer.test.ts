import { reset } from "../support/client/client.ts";
import { join } from "node:path";
import type { ServerResponse } from "node:http";
import * as assert from "../support/assert.ts";
import { valueIn } from "../../src/gateway/proxies/name-filter.ts";
import type { Address, Peer } from "../../src/runtime/runtime.ts";
import {
  http,
  runtime,
  serveEngine,
  sourcesOf,
  styles,
} from "../support/engine/engine.ts";
import type { ServedEngine } from "../support/engine/engine.ts";
import { promises } from "../support/promise.ts";
import { until } from "../support/wait.ts";

const peer = promises(`The peer by the ${http} engine on ${runtime.name}`);

/** Serves the peer as text, and keeps it. */
function servePeers(
  { style, source, address }: {
    style: "fetch" | "node";
    source: "descriptor" | "address";
    address?: Address;
  },
  seen: (Peer | undefined)[] = [],
): Promise<ServedEngine> {
  const note = (request: unknown, env: unknown) => {
    const found = runtime.peerOf(request, env);
    seen.push(found);
    return JSON.stringify(found ?? null);
  };
  return serveEngine({
    source,
    ...(address === undefined ? {} : { address }),
    ...(style === "fetch"
      ? { fetch: (request, env) => new Response(note(request, env)) }
      : {
        node: (incoming, outgoing) =>
          void (outgoing as ServerResponse).end(note(incoming, outgoing)),
      }),
  });
}

for (const style of styles) {
  for (const source of sourcesOf(style)) {
    const way = `of a ${style} app on ${source}`;

    peer(`${way} has the client's address and port`, async ({ connect }) => {
      await using served = await servePeers({ style, source });
      const client = await connect(served.target);
      assert.equal(JSON.parse((await client.request("/")).text), {
        kind: "tcp",
        address: "127.0.0.1",
        port: client.socket.localPort,
      });
    });

    peer(`${way} over a unix socket is one`, async (lab) => {
      const address = { kind: "unix", path: join(lab.folder, "s") } as const;
      lab.forgive(address.path);
      await using served = await servePeers({ style, source, address });
      const client = await lab.connect(served.target);
      assert.equal(JSON.parse((await client.request("/")).text), {
        kind: "unix",
      });
    });

    peer(`${way} that reset its connection is no unix socket's`, async ({
      connect,
    }) => {
      const seen: (Peer | undefined)[] = [];
      await using served = await servePeers({ style, source }, seen);
      for (let count = 0; count < 20; count++) {
        const gone = await connect(served.target);
        gone.send("/");
        reset(gone.socket);
      }
      const client = await connect(served.target);
      await client.request("/last");
      await until("the last", () => seen.length > 0);
      assert.equal(seen.filter((one) => one?.kind === "unix"), []);
      assert.is(seen.at(-1)?.kind, "tcp");
    });
  }
}

peer("The fields of a request are those that were sent", async (lab) => {
  const seen: (readonly string[] | undefined)[] = [];
  await using served = await serveEngine({
    source: "address",
    fetch: (request, env) => {
      seen.push(runtime.fieldsOf?.(request, env));
      // The header list is the app's as before.
      return new Response(request.headers.get("x-forwarded-for"));
    },
  });
  const { socket } = await lab.connect(served.target);
  let text = "";
  socket.setEncoding("latin1").on("data", (piece) => text += piece);
  const head = ["Host: a", "X-Forwarded-For: 192.0.2.1"];
  head.push("x-forwarded-for: \xe9");
  socket.write(`GET / HTTP/1.1\r\n${head.join("\r\n")}\r\n\r\n`, "latin1");
  await until("the response", () => text.endsWith("192.0.2.1, \xc3\xa9"));
  const [fields] = seen;
  // Bun has no list at hand.
  assert.is(fields === undefined, runtime.name === "bun");
  if (fields === undefined) return;
  assert.is(valueIn(fields, "host"), "a");
  assert.is(valueIn(fields, "x-forwarded-for"), "192.0.2.1, \xe9");
  assert.is(valueIn(fields, "forwarded"), undefined);
});

peer.run();

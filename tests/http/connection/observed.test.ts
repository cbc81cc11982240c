import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { noteClient } from "../../../src/exchange/client.ts";
import type { Peer } from "../../../src/runtime/runtime.ts";
import { open } from "./line.ts";

const observed = suite("Observed");

const proxy: Peer = { kind: "tcp", address: "10.0.0.1", port: 1 };
const client: Peer = { kind: "tcp", address: "192.0.2.7", port: 2 };

observed("the peer is who a trusted proxy told of, or the connection's", () => {
  const peers: (Peer | undefined)[] = [];
  const line = open((request) => {
    if (request.url.endsWith("/told")) noteClient(request, client);
    if (request.url.endsWith("/unknown")) noteClient(request, undefined);
    return new Response("hello");
  }, {
    peer: proxy,
    observer: {
      needs: {
        target: false,
        requestHeaders: false,
        responseHeaders: false,
        bytes: false,
        peer: true,
      },
      onEnd: ({ peer }) => void peers.push(peer),
    },
  });
  for (const path of ["/plain", "/told", "/unknown"]) {
    line.send(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
  }
  // What cannot be read has no request.
  line.send("GET / HTTP/9\r\n\r\n");
  assert.equal(peers, [proxy, client, undefined, proxy]);
});

observed.run();

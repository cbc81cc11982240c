// runtimes: bun
/** The memory of what Bun's sockets read is given back as soon as it was told of. */
import { Buffer } from "node:buffer";
import { connect } from "node:net";
import { createBunTransport } from "../../adapters/bun/transport.ts";
import type { Channel } from "../../src/runtime/transport.ts";
import * as assert from "../support/assert.ts";
import { promises } from "../support/promise.ts";
import { until } from "../support/wait.ts";

const freed = promises("Freed reads");

freed(
  "a large read has no memory left, a small one is left alone",
  async () => {
    const reads: { bytes: Uint8Array; length: number; sum: number }[] = [];
    let served: Channel | undefined;
    const address = { kind: "tcp", host: "127.0.0.1", port: 0 } as const;
    const listener = await createBunTransport(undefined).listen(
      { kind: "address", address },
      {
        backlog: 8,
        unixMode: 0o660,
        channelOf: () => undefined,
        accept(channel) {
          served = channel;
          return {
            onData(bytes) {
              const sum = bytes.reduce((total, one) => total + one, 0);
              reads.push({ bytes, length: bytes.length, sum });
            },
            onDrain() {},
            onEnd() {},
            onClose() {},
          };
        },
      },
    );
    const { port } = listener.address as typeof address;
    const client = connect(port, "127.0.0.1");
    try {
      let sent = 0;
      for (const length of [10, 300_000, 10, 5000]) {
        client.write(Buffer.alloc(length, 1));
        sent += length;
        const all = () => reads.reduce((total, one) => total + one.length, 0);
        await until("it to come", () => all() === sent);
      }
      assert.is(served!.lends, true);
      assert.is(reads.reduce((total, { sum }) => total + sum, 0), sent);
      for (const { bytes, length } of reads) {
        assert.is(bytes.length, length >= 2048 ? 0 : length);
      }
    } finally {
      served?.cut(true);
      client.destroy();
      listener.close();
    }
  },
);

freed.run();

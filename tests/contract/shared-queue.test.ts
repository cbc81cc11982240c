// runtimes: deno
/** Event loops that wait for connections of one queue, by epoll on Deno. */
import { spawnSync } from "node:child_process";
import { createDenoTransport } from "../../adapters/deno/transport.ts";
import { loadLibc } from "../../adapters/deno/ffi.ts";
import type { ChannelEvents } from "../../src/runtime/transport.ts";
import * as assert from "../support/assert.ts";
import { runtime } from "../support/engine/engine.ts";
import { suite } from "../support/suite.ts";
import { sleep, until } from "../support/wait.ts";

const queue = suite("one queue of several event loops");

/** The events of a connection that is cut at once: none matters. */
const idle: ChannelEvents = {
  onData() {},
  onDrain() {},
  onEnd() {},
  onClose() {},
};

queue("a connection is served by whoever goes on accepting", async () => {
  const address = { kind: "tcp", host: "127.0.0.1", port: 0 } as const;
  const listener = await runtime.listen(address, {
    ...{ backlog: 8, queues: 1, reusePort: false, unixMode: 0o600 },
  });
  const [descriptor = -1] = listener.queues;
  const libc = loadLibc();
  const served = [0, 0];
  const [leaver, stayer] = await Promise.all(
    served.map((_, index) =>
      createDenoTransport(libc).listen(
        { kind: "descriptor", descriptor, address: listener.address },
        {
          ...{ backlog: 8, unixMode: 0o600 },
          channelOf: () => undefined,
          accept(channel) {
            served[index]!++;
            channel.cut(true);
            return idle;
          },
        },
      )
    ),
  );
  // Both wait in threads by then.
  await sleep(200);
  const { port } = listener.address as { readonly port: number };
  for (let round = 1; round <= 3; round++) {
    // It blocks the event loop: what epoll reports meanwhile is handled only later.
    spawnSync("bash", ["-c", `exec 3<>/dev/tcp/127.0.0.1/${port}`]);
    leaver?.accept(false);
    await until("the connection", () => served[1] === round, 10_000);
    leaver?.accept(true);
    await sleep(100);
  }
  assert.equal(served, [0, 3]);
  // The descriptor is the same: it is closed before another can have its number.
  leaver?.close();
  stayer?.close();
});

queue.run();

import * as assert from "../support/assert.ts";
import { get } from "../support/client/curl.ts";
import { startLoad } from "../support/load/load.ts";
import { fixture, promises } from "../support/promise.ts";
import { until } from "../support/wait.ts";

const memory = promises("memory");
const app = fixture("greedy.ts");
const MIB = 2 ** 20;

memory("over the soft limit the replacement comes first", async ({ start }) => {
  const server = await start({
    app,
    args: ["-w", "1", "--max-worker-memory", "200m"],
  });
  const load = await startLoad({ url: server.url, keepAlive: 4, single: 2 });
  try {
    const pid = (await get(`${server.url}/take/200`)).trim();
    await server.waitForLog(
      new RegExp(
        `Worker 1 \\(pid ${pid}\\) will be replaced after growing to \\d+ MiB[^]*` +
          `ready in[^]*pid ${pid}\\) left in`,
      ),
    );
  } finally {
    await load.stop();
  }
  assert.equal((await load.stop()).reasons, {});
  assert.ok(Number(await get(server.url)) < 200 * MIB);
});

memory(
  "over the hard limit a worker goes at once, and finishes what it has",
  async ({ start, connect }) => {
    const server = await start({
      app,
      args: ["-w", "1", "--max-worker-memory-hard", "200m"],
    });
    const slow = await connect(server.url);
    slow.send("/slow/2500");
    const load = await startLoad({ url: server.url, keepAlive: 4, single: 2 });
    try {
      const pid = (await get(`${server.url}/take/200`)).trim();
      await server.waitForLog(
        new RegExp(
          `\\[WARNING\\] Worker 1 \\(pid ${pid}\\) is replaced at once: it takes \\d+ MiB of memory, ` +
            "more than the hard limit of 200 MiB\n",
        ),
      );
      const { text, status } = await slow.answer({ ms: 10_000 });
      assert.equal([status, text], [200, "slow\n"]);
      await server.waitForLog(new RegExp(`pid ${pid}\\) left in`));
      await until("a successor", () => {
        const [worker] = server.workers();
        return worker !== undefined && worker !== Number(pid);
      });
    } finally {
      await load.stop();
    }
    // What comes while nobody accepts waits in the arbiter's socket.
    assert.equal((await load.stop()).reasons, {});
    assert.ok(Number(await get(server.url)) < 200 * MIB);
  },
);

memory("a hard limit below the soft one is refused", async ({ run }) => {
  const command = run({
    app,
    args: ["--max-worker-memory", "2g", "--max-worker-memory-hard", "1g"],
    defaults: false,
  });
  assert.is((await command.ended).code, 1);
  assert.is(
    command.log(),
    "corn: Cannot use maxWorkerMemoryHard 1g from --max-worker-memory-hard: it is below maxWorkerMemory 2g\n",
  );
});

memory.run();

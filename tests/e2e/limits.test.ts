import { truncateSync } from "node:fs";
import { sleep } from "../support/wait.ts";
import * as assert from "../support/assert.ts";
import { curl, get } from "../support/client/curl.ts";
import { fixture, promises } from "../support/promise.ts";

const limits = promises("limits");

/** The same app in both styles. */
const styles = {
  fetch: fixture("limited.ts"),
  node: `${fixture("limited.ts")}:listener`,
};

for (const [style, app] of Object.entries(styles)) {
  limits(
    `an answer that does not come in time is 504, ${style} style`,
    async ({ start, connect }) => {
      const server = await start({
        app,
        args: ["-w", "1", "--request-timeout", "300ms"],
      });
      const client = await connect(server.url);
      const late = await client.request("/watched/600?secret=1");
      assert.is(late.status, 504);
      assert.is(late.text, "Gateway Timeout\n");
      await server.waitForLog(
        /\[ERROR\] GET \/watched\/600 had no answer within 0\.3 s: answered 504\n/,
      );
      await server.waitForLog(/app: aborted by TimeoutError/);
      await server.waitForLog(/app: answers/);
      if (!late.closes) {
        assert.is((await client.request("/")).text, "ok\n");
      }
      assert.is((await curl(`${server.url}/fails/400`)).status, 504);
      await server.waitForLog(/app: fails/);
      assert.is(await get(`${server.url}/stream/600`), "begun ended\n");
      assert.is(await get(`${server.url}/slow/1`), "slow\n");
      assert.is(server.log().match(/had no answer/g)?.length, 2);
      assert.not.match(server.log(), /Uncaught|failed late|secret/);
    },
  );

  limits(
    `requests beyond the worker's connections wait in order, and beyond the queue get 503, ${style} style`,
    async ({ start, connect }) => {
      const args = ["-w", "1", "--worker-connections", "1", "--max-queue", "2"];
      const server = await start({
        app,
        args: [...args, "--max-queue-time", "60"],
      });
      const ask = async (path: string) =>
        await (await connect(server.url)).request(path);
      const order: string[] = [];
      const note = async (name: string, ms: number) => {
        order.push(`${name} ${(await ask(`/slow/${ms}`)).status}`);
      };
      const first = note("first", 2500);
      await server.waitForLog(/app: begins/);
      const second = note("second", 1);
      await passed(server.url);
      const leaver = await connect(server.url);
      leaver.send("/slow/1");
      await passed(server.url);
      const refusal = await ask("/slow/1");
      assert.is(refusal.status, 503);
      assert.is(refusal.text, "Service Unavailable\n");
      assert.is(refusal.headers.get("retry-after"), "1");
      leaver.close();
      await passed(server.url);
      // Nothing outside tells that its place is free; a busy machine takes a while.
      await sleep(500);
      const third = note("third", 1);
      await Promise.all([first, second, third]);
      assert.equal(order, ["first 200", "second 200", "third 200"]);
      assert.is(server.log().match(/app: begins/g)?.length, 3);
      assert.is(await get(server.url), "ok\n");
      assert.is(
        server.log().match(/\[WARNING\] Refused a request with 503: 1 in/g)
          ?.length,
        1,
      );
    },
  );

  limits(`a body that is too large is 413, ${style} style`, async (lab) => {
    const server = await lab.start({
      app,
      args: ["-w", "1", "--limit-request-body", "10k"],
    });
    const file = (name: string, size: number) =>
      `@${lab.write(name, "x".repeat(size))}`;
    const fits = file("fits", 10 * 1024);
    const over = file("over", 10 * 1024 + 1);
    const huge = file("huge", 20 * 2 ** 20);
    const chunked = ["-H", "Transfer-Encoding: chunked"];
    const post = (path: string, data: string, ...args: string[]) =>
      // Without Expect curl sends its body at once.
      curl(
        `${server.url}${path}`,
        "--data-binary",
        data,
        "-H",
        "Expect:",
        ...args,
      );
    for (const how of [[], chunked]) {
      const fine = await post("/size", fits, ...how);
      assert.is(fine.body, "10240\n");
      // The last takes no notice of the failure.
      for (const path of ["/size", "/waits/500"]) {
        for (const data of [over, huge]) {
          const { status, body, head } = await post(path, data, ...how);
          assert.is(status, 413, `${path} ${data} ${how}`);
          assert.is(body, "Content Too Large\n");
          assert.match(head, /connection: close/i);
        }
      }
    }
    const client = await lab.connect(server.url);
    client.write("POST /size HTTP/1.1\r\nHost: x\r\n");
    client.write("Content-Length: 10241\r\n\r\n");
    assert.is((await client.answer()).status, 413, "nothing was sent yet");
    assert.is(await get(server.url), "ok\n");
    assert.not.match(server.log(), /ERROR|Uncaught/);
  });
}

limits(
  "a listener that wrote a head and no more is cut",
  async ({ start }) => {
    const args = ["-w", "1", "--request-timeout", "300ms"];
    const server = await start({ app: styles.node, args });
    const { exit, status } = await curl(`${server.url}/head`);
    assert.not.equal(exit, 0);
    assert.is(status, 0);
    await server.waitForLog(/GET \/head had no answer .*: connection cut\n/);
    assert.is(await get(server.url), "ok\n");
  },
);

limits(
  "no queue: what cannot be served at once is refused",
  async ({ start, connect }) => {
    const args = ["-w", "1", "--worker-connections", "1", "--max-queue"];
    const server = await start({ app: styles.fetch, args: [...args, "none"] });
    const first = (await connect(server.url)).request("/slow/500");
    await server.waitForLog(/app: begins/);
    assert.is((await curl(server.url)).status, 503);
    assert.is((await first).status, 200);
    assert.is(await get(server.url), "ok\n");
  },
);

limits(
  "without a limit a body may be larger than a runtime's own limit",
  async ({ start, write }) => {
    const server = await start({ app: styles.fetch, args: ["-w", "1"] });
    const bytes = 130 * 2 ** 20;
    const path = write("large", "");
    truncateSync(path, bytes);
    const size = await get(
      `${server.url}/size`,
      "-H",
      "Expect:",
      "-X",
      "POST",
      "-T",
      path,
    );
    assert.is(size, `${bytes}\n`);
  },
);

/** Resolves when the worker has seen what was sent before: it answers a request that is older than it may be. */
async function passed(url: string): Promise<void> {
  const start = (Date.now() / 1000 - 120).toFixed(3);
  const late = await curl(url, "-H", `X-Request-Start: t=${start}`);
  assert.is(late.status, 503);
}

limits.run();

/** Slow clients of the wire engine: each is cut in its time, and others are served. */
import { spawn, spawnSync } from "node:child_process";
import * as assert from "../support/assert.ts";
import { fixture, promises } from "../support/promise.ts";
import { countDescriptors } from "../support/machine/proc.ts";
import { slowDown, slowKinds } from "../support/load/slow.ts";
import { sleep, until } from "../support/wait.ts";

const slow = promises("slow clients");
const app = fixture("app.ts");

/** A minimum rate counts after five seconds. */
const GRACE_MS = 5000;
const COUNT = 60;

slow("each is cut within its limit and a second", async ({ start }) => {
  const server = await start({
    app,
    args: ["-w", "1", "--http", "wire", "--header-timeout", "2"],
  });
  const [worker] = server.workers() as [number];
  const before = countDescriptors(worker);
  const report = await slowDown({
    url: server.url,
    count: COUNT,
    limits: { head: 2000, body: GRACE_MS, idle: 2000 },
    ms: 0,
  });
  console.log(`\n# ${JSON.stringify(report)}`);
  const { good, heldUp } = report;
  // A machine that holds both processes up holds the server's clock up too.
  const mostLate = 1000 + 2 * heldUp + good.worst;
  for (const kind of slowKinds) {
    const { cut, soonest, latest, statuses } = report[kind];
    assert.is(cut, COUNT, kind);
    assert.ok(soonest > -100 - heldUp, `${kind}: not before its limit`);
    assert.ok(latest < mostLate, `${kind}: ${latest} of ${mostLate} ms`);
    assert.equal(statuses, { [kind === "idle" ? "" : "408"]: COUNT }, kind);
  }
  assert.equal(good.failures, []);
  assert.ok(good.requests > 50);
  await until(
    "the end of the connections",
    () => countDescriptors(worker) <= before + 1,
  );
});

const PROGRAM = "/usr/bin/slowhttptest";
const LARGE = "/pieces/x?count=20&size=200000";

/** What is asked for, how slowly, and by how many clients. */
const ATTACKS = {
  "slow heads": ["/", "200", "-H", "-i", "1"],
  "slow bodies": ["/echo", "200", "-B", "-i", "1", "-s", "8192"],
  "slow readers": [LARGE, "20", "-X", "-w", "1", "-y", "10", "-z", "1"],
} as const;

for (const [name, [path, count, ...flags]] of Object.entries(ATTACKS)) {
  slow(`slowhttptest's ${name} shut nobody out`, async (lab) => {
    if (spawnSync(PROGRAM, ["-h"]).error !== undefined) {
      return lab.skip("there is no slowhttptest");
    }
    const server = await lab.start({
      app,
      args: [
        ...["-w", "1", "--http", "wire", "--header-timeout", "2"],
        ...["--body-timeout", "2", "--write-timeout", "2"],
      ],
    });
    const [worker] = server.workers() as [number];
    const before = countDescriptors(worker);
    const child = spawn(PROGRAM, [
      ...flags,
      ...["-c", count, "-r", count, "-l", "15", "-p", "5", "-v", "1"],
      ...["-u", `${server.url}${path}`],
    ]);
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text) => output += text);
    let over = false;
    const ended = new Promise<void>((resolve) =>
      child.on("close", () => {
        over = true;
        resolve();
      })
    );
    let served = 0;
    let most = 0;
    while (!over) {
      const client = await lab.connect(server.url);
      assert.is((await client.request("/")).status, 200);
      client.close();
      served++;
      most = Math.max(most, countDescriptors(worker));
      if (most > before + 10 && countDescriptors(worker) < before + 3) {
        // All were cut; slowhttptest may not have seen it.
        child.kill("SIGTERM");
      }
      await Promise.race([ended, sleep(50)]);
    }
    console.log(`\n# ${served} served beside ${most - before} connections`);
    assert.ok(most > before + 10, "they were there");
    assert.ok(served > 10);
    await until(
      "the end of the connections",
      () => countDescriptors(worker) <= before + 1,
    );
    assert.not.match(output, "Hit test time limit", "each was cut in time");
    assert.not.match(server.log(), "ERROR");
  });
}

slow.run();

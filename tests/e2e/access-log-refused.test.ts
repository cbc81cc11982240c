/** The access log where nothing comes to the app, and where nobody reads it. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "../support/assert.ts";
import { curl, get } from "../support/client/curl.ts";
import { fixture, promises } from "../support/promise.ts";
import { until } from "../support/wait.ts";

const access = promises("access log of refusals");
const app = fixture("app.ts");

access("what is refused before the app has its line", async (lab) => {
  const path = join(lab.folder, "access.log");
  lab.forgive(path);
  const server = await lab.start({
    app,
    args: [
      ...["-w", "1", "--http", "wire", "--access-logfile", path],
      ...["--access-log-format", "%(h)s %(s)s %(m)s %(U)s"],
      ...["--limit-request-line", "200", "--limit-request-field-size", "300"],
      ...["--header-timeout", "1"],
    ],
  });
  const cases = [
    ["GET /a HTTP/1.1\r\nBad Name: x\r\n\r\n", 400],
    [`GET /${"b".repeat(300)} HTTP/1.1\r\nHost: test\r\n\r\n`, 414],
    [`GET /c HTTP/1.1\r\nHost: test\r\nX: ${"x".repeat(400)}\r\n\r\n`, 431],
    ["GET /d HTTP/1.1\r\nHost: te", 408],
  ] as const;
  for (const [text, status] of cases) {
    const client = await lab.connect(server.url);
    let answer = "";
    client.socket.on("data", (bytes: Uint8Array) => answer += bytes);
    client.write(text);
    await until(
      `${status}`,
      () => answer.startsWith(`HTTP/1.1 ${status} `),
    );
    client.close();
  }
  assert.is((await server.stop()).code, 0);
  const statuses = readFileSync(path, "utf8").trimEnd().split("\n").map(
    (line) => {
      assert.match(line, /^127\.0\.0\.1 \d{3} \S+ \S+$/);
      return Number(line.split(" ")[1]);
    },
  );
  assert.equal(statuses, cases.map(([, status]) => status));
});

access("a reader of standard output may go", async (lab) => {
  if (!existsSync("/bin/bash")) return lab.skip("there is no bash");
  const server = await lab.start({
    wrapper: ["/bin/bash", "-c", 'exec "$@" > >(head -1 >&2)', "bash"],
    app,
    args: [
      ...["-w", "1", "--access-logfile", "-", "--access-log-format"],
      "asked %(U)s",
    ],
  });
  await get(`${server.url}/who`);
  await server.waitForLog(/^asked \/who$/m);
  await until("the loss", async () => {
    assert.is((await curl(server.url)).status, 200);
    return server.log().includes("Cannot write the access log");
  });
  for (let n = 0; n < 3; n++) await get(server.url);
  assert.is((await server.stop()).code, 0);
  assert.is(server.log().split(" ready in ").length, 2, "the same worker");
  assert.is(server.log().split("Cannot write the access log").length, 2);
});

access.run();

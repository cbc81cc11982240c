/** An answer that comes before the end of a large upload arrives. */
import process from "node:process";
import * as assert from "../support/assert.ts";
import { runtimeName } from "../support/process/command.ts";
import { fixture, promises } from "../support/promise.ts";
import { upload } from "../support/load/upload.ts";

const early = promises("early answers");
const app = fixture("early.ts");
const wire = process.env.TEST_HTTP === "wire" ||
  (runtimeName === "node" && process.env.TEST_HTTP !== "native");
const SIZE = 10_000_000;
const COUNT = 4;

const answers = { "/unread": 403, "/begun": 413, "/cancelled": 413 };

for (const chunked of [false, true]) {
  const what = chunked ? "a body in chunks" : "a body of a known length";
  early(`none is lost to who sends ${what} first`, async ({ start }) => {
    const server = await start({ app, args: ["-w", "1", "--slow-loop", "0"] });
    for (const [path, status] of Object.entries(answers)) {
      const { url } = server;
      const report = await upload({
        url,
        path,
        size: SIZE,
        chunked,
        count: COUNT,
      });
      assert.equal(report.statuses, { [status]: COUNT }, path);
      if (wire) assert.is(report.closes, COUNT, path);
    }
    assert.not.match(server.log(), /\[(ERROR|WARNING)\]/);
  });
}

early("the 413 of a limit is not lost either", async ({ start }) => {
  const server = await start({
    app,
    args: ["-w", "1", "--limit-request-body", "1m"],
  });
  for (const chunked of [false, true]) {
    const report = await upload({
      url: server.url,
      path: "/",
      size: SIZE,
      chunked,
      count: COUNT,
    });
    assert.equal(report, { statuses: { 413: COUNT }, closes: COUNT });
  }
});

early("a Node listener that closes loses none", async (lab) => {
  if (wire) return lab.skip("the wire engine serves no listeners");
  const server = await lab.start({
    app: fixture("early-listener.ts"),
    args: ["-w", "1", "--http", "native"],
  });
  for (const [path, status] of [["/", 403], ["/begun", 413]] as const) {
    for (const chunked of [false, true]) {
      const { url } = server;
      const report = await upload({
        url,
        path,
        size: SIZE,
        chunked,
        count: COUNT,
      });
      assert.equal(report, { statuses: { [status]: COUNT }, closes: COUNT });
    }
  }
});

early(
  "a short rest of a body, and an echo, keep the connection",
  async (lab) => {
    if (!wire) return lab.skip("the runtime's own server decides");
    const server = await lab.start({ app, args: ["-w", "1"] });
    const client = await lab.connect(server.url);
    const body = "a".repeat(100_000);
    const unread = await client.request("/unread", { method: "POST", body });
    assert.equal([unread.status, unread.closes], [403, false]);
    client.write(
      "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
    );
    for (let count = 0; count < 20; count++) {
      client.write(`${(100_000).toString(16)}\r\n${body}\r\n`);
    }
    client.write("0\r\n\r\n");
    const echo = await client.answer();
    assert.equal([echo.body.length, echo.closes], [2_000_000, false]);
    assert.is((await client.request("/")).status, 200);
  },
);

early.run();

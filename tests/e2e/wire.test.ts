/** What only the wire engine promises, over real connections. */
import * as assert from "../support/assert.ts";
import { get } from "../support/client/curl.ts";
import { targetOf } from "../support/client/client.ts";
import { fixture, promises } from "../support/promise.ts";
import { sleep } from "../support/wait.ts";

const wire = promises("the wire engine");
const app = fixture("app.ts");

wire(
  "a limit that is given is kept, whatever is sent at once",
  async ({ start, connect }) => {
    const server = await start({
      app,
      args: [
        "-w",
        "1",
        "--limit-request-line=100",
        "--limit-request-fields=5",
        "--limit-request-field-size=100",
        "--limit-request-body=1k",
      ],
    });
    const many = { "X-A": "1", "X-B": "2", "X-C": "3", "X-D": "4", "X-E": "5" };
    const body = new Uint8Array(3_000_000);
    const asks = [
      [414, `/${"a".repeat(200)}`, {}],
      [431, "/", { headers: { "X-A": "a".repeat(200) } }],
      [431, "/", { headers: many }],
      [413, "/echo", { method: "POST", body }],
      [417, "/", { headers: { Expect: "more" } }],
      [501, "/", { method: "TRACE" }],
      [400, "/", { headers: { Host: "b" } }],
    ] as const;
    for (const [status, path, ask] of asks) {
      const client = await connect(server.url);
      const answer = await client.request(path, ask);
      assert.is(answer.status, status);
      assert.ok(answer.closes);
      await client.closed();
    }
    const client = await connect(server.url);
    const answer = await client.request("/echo", {
      method: "POST",
      body: "a".repeat(1024),
    });
    assert.equal([answer.status, answer.closes], [200, false]);
  },
);

wire(
  "a request line may have 8190 bytes unless another limit is given",
  async ({ start, connect }) => {
    const server = await start({ app, args: ["-w", "1", "--http", "wire"] });
    const around = "GET / HTTP/1.1".length;
    const longest = `/?${"a".repeat(8190 - around - 1)}`;
    const client = await connect(server.url);
    assert.is((await client.request(longest)).status, 200);
    assert.is((await client.request(`${longest}a`)).status, 414);
  },
);

wire(
  "slow clients are cut within their limit and a second, others are served",
  async ({ start, connect }) => {
    const server = await start({
      app,
      args: [
        "-w",
        "1",
        "--http",
        "wire",
        "--header-timeout=1",
        "--body-timeout=1",
      ],
    });
    const begin = performance.now();
    const silent = await connect(server.url);
    const head = await connect(server.url);
    const body = await connect(server.url);
    head.write("GET / HTTP/1.1\r\nHost:");
    body.write(
      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n12345",
    );
    const dripping = setInterval(() => head.write("a"), 200);
    try {
      const good = await connect(server.url);
      while (performance.now() - begin < 800) {
        assert.is((await good.request("/")).status, 200);
        await sleep(50);
      }
      for (const client of [head, body]) {
        assert.is((await client.answer({ ms: 2000 })).status, 408);
      }
      await silent.closed(2000);
      assert.is(silent.unread, 0);
      assert.ok(performance.now() - begin < 2500);
      assert.not.match(server.log(), "ERROR", "it is no failure of the app");
    } finally {
      clearInterval(dripping);
    }
  },
);

wire(
  "what goes on to the app is what a strict reader sees",
  async ({ start, connect }) => {
    const server = await start({ app, args: ["-w", "1", "--http", "wire"] });
    const smuggling = [
      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /x HTTP/1.1\r\nHost: a\r\n\r\n",
      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
      "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
      "GET / HTTP/1.1\nHost: a\n\n",
      "GET / HTTP/1.1\r\n\r\n",
    ];
    for (const bytes of smuggling) {
      const client = await connect(server.url);
      client.write(bytes);
      assert.is((await client.answer()).status, 400);
      await client.closed();
      assert.is(client.unread, 0, "nothing follows the refusal");
    }
    const client = await connect(targetOf(server.url));
    client.write(
      "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\none\r\n0\r\nX-T: y\r\n\r\n" +
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\ntwo",
    );
    assert.is((await client.answer()).text, "one");
    assert.is((await client.answer()).text, "two");
  },
);

wire(
  "a native engine refuses a limit, and wire a Node listener",
  async ({ run }) => {
    const native = run({ app, args: ["--http", "native", "--body-rate", "1"] });
    assert.is((await native.ended).code, 1);
    assert.match(
      native.log(),
      /Cannot use bodyRate 1 from --body-rate: .* give --http wire/,
    );
    const listener = run({
      app: fixture("listener.ts"),
      args: ["--http", "wire"],
    });
    assert.is((await listener.ended).code, 4);
    assert.match(
      listener.log(),
      /Cannot serve .* with the wire engine: it is a Node listener/,
    );
  },
);

const BROKEN = `export default { fetch: () => {
  let parts = 0;
  return new Response(new ReadableStream({
    async pull(controller) {
      if (parts++ === 0) return controller.enqueue(new TextEncoder().encode("part"));
      await new Promise((resolve) => setTimeout(resolve, 50));
      controller.error(new Error("broken"));
    },
  }));
} };
`;

wire(
  "an answer that breaks off cannot be taken for a whole one",
  async ({ folder, write, start, connect }) => {
    write("app.ts", BROKEN);
    const server = await start({
      app: "app.ts",
      args: ["-w", "1", "--http", "wire"],
      cwd: folder,
    });
    for (const version of ["1.1", "1.0"] as const) {
      const client = await connect(server.url);
      let failure: unknown;
      await client.request("/", { version }).catch((error) => failure = error);
      assert.instance(failure, Error);
    }
    await server.waitForLog(/Response to GET \/ failed: broken/);
    assert.is(server.workers().length, 1);
  },
);

wire("workers share a unix socket", async ({ folder, start }) => {
  const path = `${folder}/a.sock`;
  const server = await start({
    app,
    args: ["-w", "2", "--http", "wire", "-b", `unix:${path}`],
  });
  const body = await get("http://localhost/", "--unix-socket", path);
  assert.is(body, "ok\n");
  assert.is((await server.stop()).code, 0);
});

wire.run();

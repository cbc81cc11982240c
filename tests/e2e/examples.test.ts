import * as assert from "../support/assert.ts";
import { curl, get } from "../support/client/curl.ts";
import { promises } from "../support/promise.ts";
import { within } from "../support/wait.ts";

const examples = promises("examples");

// hello.ts is in serve.test.ts, the frameworks are in apps.test.ts.

examples(
  "factory.ts takes its options from the command line",
  async ({ start }) => {
    const server = await start({
      app: 'examples/factory.ts:createApp({"greeting":"Moin"})',
      args: ["-w", "1"],
    });
    assert.is(await get(`${server.url}/corn`), "Moin, corn\n");
  },
);

examples(
  "streaming.ts sends events and finishes its jobs",
  async ({ start }) => {
    const server = await start({
      app: "examples/streaming.ts",
      args: ["-w", "1"],
    });
    const events = await get(`${server.url}/events`);
    assert.is(
      events,
      [1, 2, 3].map((n) => `event: count\ndata: ${n}\n\n`).join(""),
    );
    const job = await curl(`${server.url}/jobs`, "-X", "POST");
    assert.is(job.status, 202);
    await server.stop();
    assert.match(server.output(), "The job is done");
  },
);

examples("passwords.ts hashes beside its requests", async ({ start }) => {
  const server = await start({
    app: "examples/passwords.ts",
    args: ["-c", "examples/passwords.config.ts"],
    deadlineMs: 30_000,
  });
  const signUp = ["-X", "POST", "--data", "correct horse"];
  const { status, body } = await curl(`${server.url}/sign-up`, ...signUp);
  assert.is(status, 200);
  assert.is(body, "69 characters to keep\n");
});

examples("static.ts serves files", async ({ start }) => {
  const server = await start({ app: "examples/static.ts", args: ["-w", "1"] });
  const page = await curl(`${server.url}/index.html`);
  assert.match(page.head, /content-type: text\/html/i);
  assert.match(page.body, "A file that corn serves");
  assert.is(
    (await curl(`${server.url}/../../package.json`, "--path-as-is")).status,
    404,
  );
  assert.is((await curl(`${server.url}/missing`)).status, 404);
});

examples(
  "hooks.ts starts and stops, and its config hears of it",
  async ({ start }) => {
    const server = await start({
      app: "examples/hooks.ts",
      args: ["-c", "examples/hooks.config.ts", "--log-level", "debug"],
    });
    assert.is(await get(`${server.url}/corn`), "/corn: 1\n");
    await server.waitForLog(/Serves at http:/);
    await server.waitForLog(/\/corn in [\d.]+ ms/);
    assert.is((await server.stop()).code, 0);
    assert.match(
      server.log(),
      /Worker 1 has its database[^]*Worker 1 closes it after 1 paths[^]*Worker 1 ended by code 0/,
    );
  },
);

examples("program.ts runs to its end", async ({ run }) => {
  const command = run({ script: "examples/program.ts" });
  const { code } = await within(
    "the end of the program",
    command.ended,
  );
  assert.is(code, 0);
  assert.match(command.output(), /^Hello from corn\n/);
  assert.match(command.output(), /Worker 1 is (booting|ready), pid \d+/);
});

examples.run();

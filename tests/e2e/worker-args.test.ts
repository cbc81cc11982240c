import * as assert from "../support/assert.ts";
import { runtimeName } from "../support/process/command.ts";
import { get } from "../support/client/curl.ts";
import { promises } from "../support/promise.ts";
import { until, within } from "../support/wait.ts";

const workerArgs = promises("--worker-args");

/** Answers with a number that each runtime is given by an argument. */
const APP = `
const limit = typeof CORN_TEST_LIMIT === "undefined"
  ? Error.stackTraceLimit
  : CORN_TEST_LIMIT;
export default { fetch: () => new Response(String(limit)) };
`;

/** How each runtime is given it; one that it does not take; what it says to that. */
const runtimes = {
  node: {
    limit: (limit: number) => `--stack-trace-limit=${limit}`,
    bad: "--not-a-flag",
    message: /node: bad option: --not-a-flag/,
  },
  // Bun takes no notice of long flags that it does not know (1.4.5).
  bun: {
    limit: (limit: number) => `--define CORN_TEST_LIMIT=${limit}`,
    bad: "-z",
    message: /Invalid Argument '-z'/,
  },
  deno: {
    limit: (limit: number) => `--v8-flags=--stack-trace-limit=${limit}`,
    bad: "--not-a-flag",
    message: /unexpected argument '--not-a-flag'/,
  },
} as const;

const { limit, bad, message } = runtimes[runtimeName];

workerArgs("reach the workers, and change with a reload", async (lab) => {
  const app = lab.write("app.ts", APP);
  const config = (args: string | string[]) =>
    lab.write("corn.config.json", JSON.stringify({ workerArgs: args }));
  config(limit(3));
  const server = await lab.start({ app, args: ["-w", "1"], cwd: lab.folder });
  assert.is(await get(server.url), "3");
  config(limit(5).split(" "));
  server.signal("SIGHUP");
  await server.waitForLog(/Reload done/);
  await until("the new worker", async () => await get(server.url) === "5");
  // A bad one changes nothing.
  config(bad);
  server.signal("SIGHUP");
  await server.waitForLog(/Reload failed: generation 2 serves on/);
  assert.match(server.log(), message);
  assert.is(await get(server.url), "5");
});

workerArgs(
  "that are bad end the start with the runtime's message",
  async ({ run, write }) => {
    const app = write("app.ts", APP);
    for (const flags of [["--worker-args", bad], [`--worker-args=${bad}`]]) {
      const command = run({ app, args: ["-w", "2", ...flags] });
      const { code } = await within("the end", command.ended);
      assert.ok(code !== 0, String(code));
      assert.match(command.log(), message);
      assert.match(command.log(), /before it was ready/);
    }
    const command = run({ app, args: ["--worker-args=setup.ts"] });
    assert.is((await within("the end", command.ended)).code, 1);
    assert.match(
      command.log(),
      /^corn: Cannot use workerArgs "setup.ts" from --worker-args: .*\n$/,
    );
  },
);

workerArgs.run();

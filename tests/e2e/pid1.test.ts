import process from "node:process";
import * as assert from "../support/assert.ts";
import { runtimeName } from "../support/process/command.ts";
import { childrenOf, commandOf, zombiesOf } from "../support/machine/proc.ts";
import { fixture, promises } from "../support/promise.ts";
import { until } from "../support/wait.ts";

const pid1 = promises("pid 1");

const UNSHARE = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"];

pid1("TERM stops it with 0", async ({ run, skip }) => {
  const probe = run({ args: ["--version"], wrapper: UNSHARE, defaults: false });
  if ((await probe.ended).code !== 0) {
    return skip("a pid namespace cannot be made here");
  }
  const command = run({
    app: fixture("app.ts"),
    args: ["-w", "1"],
    wrapper: UNSHARE,
  });
  await command.waitForLog(/\[1\] \[INFO\] Listening at/);
  const [arbiter] = await until("the arbiter", () => {
    const found = childrenOf(command.pid);
    return found.length === 1 ? found : undefined;
  });
  process.kill(arbiter as number, "SIGTERM");
  assert.is((await command.ended).code, 0);
  assert.match(command.log(), /\[1\] \[INFO\] Stopped/);
});

for (
  const [script, count] of [
    // Not the last command, or the shell would become it.
    ['"$@"; exit', 1],
    ['sh -c \'"$@"; exit\' sh "$@"; exit', 1],
    ["trap 'kill -TERM $pid' TERM; \"$@\" & pid=$!; wait; wait", 0],
  ] as const
) {
  pid1(`${count} lines name process 1: ${script}`, async (lab) => {
    const command = lab.run({
      app: fixture("app.ts"),
      args: ["-w", "1"],
      wrapper: [...UNSHARE, "sh", "-c", script, "sh"],
    });
    const listening = command.waitForLog(/\[INFO\] Listening at/);
    if (await Promise.race([listening.then(() => false), command.ended])) {
      return lab.skip("a pid namespace cannot be made here");
    }
    const named = command.log().match(
      /\[WARNING\] Process 1 is a shell, \w+, which passes no TERM on/g,
    );
    assert.is(named?.length ?? 0, count, command.log());
    let [arbiter = 0] = childrenOf(command.pid);
    while (/^sh /.test(commandOf(arbiter))) [arbiter = 0] = childrenOf(arbiter);
    process.kill(arbiter, "SIGTERM");
    assert.is((await command.ended).code, 0);
  });
}

pid1(
  "it reaps strangers where the runtime can",
  async ({ run, skip, write }) => {
    const app = write(
      "app.ts",
      `import { spawn } from "node:child_process";
// The shell leaves at once, and what it started is pid 1's then.
spawn("sh", ["-c", "sleep 0.2 &"]);
export default { fetch: () => new Response("ok") };
`,
    );
    const command = run({ app, args: ["-w", "1"], wrapper: UNSHARE });
    const listening = command.waitForLog(/Listening at/);
    if (await Promise.race([listening.then(() => false), command.ended])) {
      return skip("a pid namespace cannot be made here");
    }
    const [arbiter = 0] = childrenOf(command.pid);
    const left = () => [...childrenOf(arbiter), ...zombiesOf(arbiter)].length;
    if (runtimeName === "node") {
      assert.match(
        command.log(),
        "node cannot reap processes that are not its own",
      );
    } else {
      await until("the stranger to be reaped", () => left() === 1);
    }
    process.kill(arbiter, "SIGTERM");
    assert.is((await command.ended).code, 0);
  },
);

// Bun and Deno end by themselves where there is none.
if (runtimeName === "node") {
  pid1("without /proc it reloads and stops", async (lab) => {
    const command = lab.run({
      app: fixture("app.ts"),
      args: ["-w", "1"],
      wrapper: [
        ...["unshare", "--mount", "sh", "-c"],
        ...['umount -l /proc && exec "$@"', "sh"],
      ],
      deadlineMs: 60_000,
    });
    const listening = command.waitForLog(/\[INFO\] Listening at/);
    if (await Promise.race([listening.then(() => false), command.ended])) {
      return lab.skip("a mount namespace cannot be made here");
    }
    command.signal("SIGHUP");
    await command.waitForLog(/Reload done/, { ms: 60_000 });
    command.signal("SIGTERM");
    assert.is((await command.ended).code, 0);
    assert.not.match(command.log(), /ERROR/);
  });
}

pid1.run();

import process from "node:process";
import * as assert from "../support/assert.ts";
import { curl } from "../support/client/curl.ts";
import { commandFor, runtimeName } from "../support/process/command.ts";
import { childrenOf } from "../support/machine/proc.ts";
import { fixture, promises } from "../support/promise.ts";
import type { Lab } from "../support/promise.ts";
import type { Command } from "../support/process/server.ts";
import { until } from "../support/wait.ts";

const terminal = promises("terminal");

// deno-lint-ignore no-control-regex
const COLOR = /\x1b\[\d+m/;

/** Starts corn in a terminal of its own, which script(1) makes; what it shows is in `output()`. */
async function startInTerminal(
  { run }: Lab,
  env: Record<string, string | undefined>,
): Promise<Command> {
  const line = [
    ...commandFor(runtimeName, "mod.ts"),
    ...["-b", "127.0.0.1:0", "-w", "1", "--keep-alive", "1"],
    ...["--log-level", "debug", fixture("app.ts")],
  ].join(" ");
  const command = run({
    // The wrapper's last word is the shell's $0; corn's own command line goes unused.
    // script(1) runs its command in a shell, and a shell that stays between
    // the terminal and corn takes Ctrl-C too and ends with 130: hence exec.
    wrapper: ["sh", "-c", `exec script -qec 'exec ${line}' /dev/null`, "sh"],
    defaults: false,
    env: { NO_COLOR: undefined, TERM: "xterm", SHELL: "/bin/sh", ...env },
    input: true,
  });
  await until(
    "corn to serve",
    () => /Listening at/.test(command.output()),
  );
  return command;
}

terminal("levels are coloured, and Ctrl-C stops at once", async (lab) => {
  const command = await startInTerminal(lab, {});
  const [, url = ""] = /(http:\S+)/.exec(command.output()) ?? [];
  assert.is((await curl(url)).status, 200);
  assert.match(command.output(), COLOR);

  const start = performance.now();
  command.write("\x03");
  assert.is((await command.ended).code, 0);
  const ms = performance.now() - start;
  assert.ok(ms < 1000, `${ms} ms`);
  assert.match(command.output(), /Stopped/);
});

terminal("a window that changes its size sends no worker away", async (lab) => {
  const command = await startInTerminal(lab, {});
  const [arbiter] = childrenOf(command.pid);
  process.kill(arbiter as number, "SIGWINCH");
  await until(
    "a word on WINCH",
    () => /WINCH ignored on a terminal/.test(command.output()),
  );
  command.write("\x03");
  assert.is((await command.ended).code, 0);
});

terminal("NO_COLOR turns colours off", async (lab) => {
  const command = await startInTerminal(lab, { NO_COLOR: "1" });
  assert.not.match(command.output(), COLOR);
  command.write("\x03");
  assert.is((await command.ended).code, 0);
});

terminal(
  "there are no colours where there is no terminal",
  async ({ start }) => {
    const server = await start({
      app: fixture("app.ts"),
      args: ["-w", "1"],
      env: { NO_COLOR: undefined },
    });
    assert.not.match(server.log(), COLOR);
  },
);

terminal.run();

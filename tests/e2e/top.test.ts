import { spawn } from "node:child_process";
import { join } from "node:path";
import * as assert from "../support/assert.ts";
import { cleanEnvironment, root } from "../../scripts/tools.ts";
import { commandFor, runtimeName } from "../support/process/command.ts";
import { order } from "../support/client/order.ts";
import { promote, upgrade } from "../support/process/heir.ts";
import { promises } from "../support/promise.ts";
import { until } from "../support/wait.ts";

const top = promises("top");

/** What a terminal of that size is sent by a command line, script(1) being the terminal. */
function onTerminal(command: readonly string[], size: string) {
  const line = command.map((word) => `'${word}'`).join(" ");
  const child = spawn(
    "script",
    [
      "--quiet",
      "--return",
      "--command",
      `stty ${size}; exec ${line}`,
      "/dev/null",
    ],
    {
      cwd: root,
      env: { ...cleanEnvironment(), TERM: "xterm" },
      stdio: ["pipe", "pipe", "inherit"],
    },
  );
  let shown = "";
  child.stdout.on("data", (bytes) => shown += String(bytes));
  const ended = new Promise<number | null>((resolve) => {
    child.on("close", resolve);
  });
  return {
    shown: () => shown,
    type: (key: string) => child.stdin.write(key),
    ended,
  };
}

top("it draws within a small terminal, and q gives that back", async (lab) => {
  const path = join(lab.folder, "control.sock");
  await lab.start({
    app: "tests/fixtures/app.ts",
    args: ["-w", "2", "--control", path],
  });
  const command = commandFor(runtimeName, "mod.ts");
  const terminal = onTerminal(
    [...command, "-s", path, "top"],
    "cols 40 rows 10",
  );
  // The second picture knows how many requests there were in a second.
  await until(
    "two pictures",
    () => terminal.shown().split("\x1b[H").length > 2,
  );
  terminal.type("q");
  assert.is(await terminal.ended, 0);
  const [, ...pictures] = terminal.shown().split("\x1b[H");
  assert.match(pictures[1] as string, /REQ\/S[^]*1 .*ready[^]*2 .*ready/);
  for (const picture of pictures) {
    const lines = picture.split("\x1b[J")[0]!.split(/\r*\n/)
      // deno-lint-ignore no-control-regex
      .map((line) => line.replaceAll(/\x1b\[[\d;]*[mK]/g, ""));
    assert.ok(lines.length <= 10 && lines.every(({ length }) => length <= 40));
  }
  assert.ok(terminal.shown().includes("\x1b[?1049h"));
  assert.ok(terminal.shown().trimEnd().endsWith("\x1b[?25h\x1b[?1049l"));
});

top("it goes on with the arbiter that takes over", async (lab) => {
  const env = { XDG_RUNTIME_DIR: lab.folder, RUNTIME_DIRECTORY: undefined };
  const server = await lab.start({
    app: "tests/fixtures/app.ts",
    args: ["-w", "1"],
    env,
  });
  const { XDG_RUNTIME_DIR } = env;
  const pids = new Set<number>();
  const shown = order(
    ["top", "--json", "--pid", String(server.pid)],
    { XDG_RUNTIME_DIR },
    (text) => pids.add(JSON.parse(text).pid),
  );
  await until("the old one", () => pids.has(server.pid));
  const heir = await upgrade(server, server.pid);
  await promote(server, server.pid);
  await until("the new one", () => pids.has(heir.pid));
  await heir.stop();
  // Its end is the end of what is shown.
  assert.is((await shown).code, 3);
});

top.run();

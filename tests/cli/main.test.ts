import { EarlySignals } from "../../src/arbiter/host/early-signals.ts";
import { VERSION } from "../../src/base/version.ts";
import { runCommand } from "../../src/cli/main.ts";
import type { Program } from "../../src/launch/sources.ts";
import type { ChildExit } from "../../src/runtime/runtime.ts";
import * as assert from "../support/assert.ts";
import { FakeRuntime } from "../support/fake/runtime.ts";
import { suite } from "../support/suite.ts";

const main = suite("runCommand()");

async function ran(
  args: readonly string[],
  prepare: (runtime: FakeRuntime) => void = () => {},
) {
  const runtime = new FakeRuntime();
  runtime.files.texts.set("/srv/app.ts", "");
  Object.assign(runtime.self, { args });
  prepare(runtime);
  const early = new EarlySignals(runtime);
  const exit = await runCommand(
    { runtime, worker: "file:///worker.ts" } as Program,
    early,
  );
  // What is held after that would be kept.
  runtime.signal("SIGHUP");
  const { stdout: { text: out }, stderr: { text: err } } = runtime;
  return { exit, out, err, held: early.take().length > 0 };
}

main("flags that only ask are answered", async () => {
  const help = await ran(["--help"]);
  assert.equal([help.exit, help.err], [0, ""]);
  assert.match(help.out, /^corn [^]*Usage: corn [^]*--bind[^]*[^\n]\n$/);
  const { exit, out } = await ran(["--version"]);
  assert.equal([exit, out], [0, `corn ${VERSION}\n`]);
});

main("signals end a word that is no app as they end others", async () => {
  for (
    const [args, wanted] of [
      [["help"], 0],
      [["completion", "bash"], 0],
      [["ls"], 0],
      [["status"], 3],
      [["make", "nothing"], 2],
    ] as const
  ) {
    const { exit, held } = await ran(args);
    assert.equal([exit, held], [wanted, false], args.join(" "));
  }
});

main("--print-config prints it and starts nothing", async () => {
  const { exit, out, err } = await ran(["--print-config", "-w", "3", "app.ts"]);
  assert.equal([exit, err], [0, ""]);
  assert.match(out, /workers\W+3\b/);
});

/** Children say these messages and end, where they end. */
function answering(
  runtime: FakeRuntime,
  { says, exit }: { says: readonly object[]; exit?: ChildExit },
): void {
  const spawn = runtime.spawn.bind(runtime);
  runtime.spawn = (options) => {
    const spawned = spawn(options);
    const child = runtime.children.at(-1);
    queueMicrotask(() => {
      for (const message of says) child?.say(message);
      if (exit !== undefined) child?.exit(exit);
    });
    return spawned;
  };
}

main("--check-config loads the app and starts nothing", async () => {
  let entered: readonly string[] = [];
  const checked = (says: readonly object[], code: number) =>
    ran(["--check-config", "--chdir", "/srv", "app.ts"], (runtime) => {
      entered = runtime.entered;
      answering(runtime, { says, exit: { code } });
    });
  const fine = await checked([], 0);
  assert.equal([fine.exit, fine.out], [0, ""]);
  assert.match(fine.err, /(?:^|\n)corn: config and app are fine\n$/);
  assert.equal(entered, ["/srv"]);
  const failed = await checked([
    { type: "failed", kind: "app", message: "It is no app", stack: "" },
  ], 4);
  assert.equal([failed.exit, failed.out], [4, ""]);
  assert.match(failed.err, /(?:^|\n)corn: It is no app\n$/);
  assert.not.match(failed.err, "fine");
});

main("--daemon waits for the arbiter, or says why it cannot", async () => {
  const daemon = ["--daemon", "--error-logfile", "/log/error", "app.ts"];
  const { exit, out, err, held } = await ran(daemon, (runtime) => {
    answering(runtime, { says: [{ type: "serving" }] });
  });
  assert.equal([exit, err, held], [0, "", false]);
  assert.match(out, /^corn runs in the background: pid \d+, /);
  const refused = await ran(["--daemon", "app.ts"]);
  assert.is(refused.exit, 1);
  assert.match(refused.err, /^corn: Cannot use daemon true from /);
});

main("make writes how corn was started, with whole paths", async () => {
  const args = ["make", "systemd", "app.ts", "-o", "/srv"];
  const command = ["node", "--no-warnings", "mod.ts", ...args];
  let files: FakeRuntime["files"] | undefined;
  const { exit, err } = await ran(args, (runtime) => {
    files = runtime.files;
    Object.assign(runtime.self, { start: { command, folder: "/srv" } });
  });
  assert.is(exit, 0, err);
  const [unit = ""] = [...files?.texts ?? []].filter(([path]) =>
    path.endsWith(".service")
  ).map(([, text]) => text);
  assert.match(
    unit,
    /^ExecStart=.*\/bin\/node"? "?--no-warnings"? "?\/srv\/mod\.ts\b/m,
  );
});

main("what is wrong is told in a line each, all of it", async () => {
  const one = await ran(["--nosuch"]);
  assert.is(one.exit, 2);
  assert.match(one.err, /^corn: [^\n]*--nosuch[^\n]*\n$/);
  const both = await ran(["--nosuch"], (runtime) => {
    runtime.env.CORN_CMD_ARGS = "--neither";
  });
  assert.is(both.exit, 2);
  assert.match(
    both.err,
    /^corn: [^\n]*--nosuch[^\n]*\ncorn: [^\n]*--neither[^\n]*\n$/,
  );
});

main("a wrong command line gets one line and an exit code", async () => {
  const app = "app.ts";
  const cases: [readonly string[], number, RegExp][] = [
    [[], 2, /^corn: Cannot start without an app: name one/],
    [["--wrokers", "2", app], 2, /^corn: .*"--wrokers".*--workers/],
    [["--threads=4", "-k", "sync", app], 1, /^corn: .*--worker-class thread/],
    [["-k", "gevent", app], 1, /^corn: .*"gevent" .*did you mean async\?/],
    [
      ["--spew", app],
      2,
      /^corn: Cannot use flag "--spew": Gunicorn's spew is /,
    ],
    [["-p", "3000", app], 1, /^corn: .*pid 3000 .*; a port is --bind :3000/],
    [["--port", "3000", app], 2, /^corn: .*"--port": a port is --bind :3000/],
    [["help", "relaod"], 2, /^corn: .*"relaod".*did you mean reload\?/],
    [["completion", "bash", "zsh"], 2, /^corn: .*argument "zsh"/],
    [["start", app], 2, /^corn: .*"start".* leave it out: corn /],
    [["--log-level", "warn", app], 1, /^corn: .*did you mean warning\?/],
    [["-c", "gunicorn.conf.py", app], 1, /^corn: .*Gunicorn's, in Python; /],
    [["-w", "0", app], 1, /^corn: .*workers.*0/i],
    [["-w", "many", app], 1, /^corn: .*many/],
  ];
  for (const [args, wanted, pattern] of cases) {
    const { exit, out, err } = await ran(args);
    const name = args.join(" ");
    assert.equal([exit, out], [wanted, ""], `${name}\n${err}`);
    assert.match(err, pattern);
    assert.is(err.trimEnd().split("\n").length, 1, `one line for ${name}`);
  }
});

main("what was not foreseen is told with its stack", async () => {
  const { exit, err } = await ran(["app.ts"], (runtime) => {
    Object.assign(runtime.self, {
      cwd() {
        throw new Error("no such thing");
      },
    });
  });
  assert.is(exit, 1);
  assert.match(
    err,
    /^corn: Failed unexpectedly\nError: no such thing\n +at .*main\.test\.ts/,
  );
});

main.run();

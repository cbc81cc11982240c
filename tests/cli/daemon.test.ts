import { SOCKETS_VARIABLE } from "../../src/arbiter/upgrade/handover.ts";
import { ConfigError } from "../../src/base/errors.ts";
import {
  checkDaemon,
  goesToBackground,
  reportReady,
  startInBackground,
  takeWaiting,
} from "../../src/cli/daemon.ts";
import type { CornConfig } from "../../src/config/table/types.ts";
import type { ChildExit } from "../../src/runtime/runtime.ts";
import { load } from "../config/support.ts";
import * as assert from "../support/assert.ts";
import { settle } from "../support/fake/clock.ts";
import { FakeRuntime } from "../support/fake/runtime.ts";
import { suite } from "../support/suite.ts";

const daemon = suite("--daemon");

const BACKGROUND: CornConfig = {
  ...{ app: "app.ts", daemon: true, errorLogfile: "/log/error" },
};

/** An arbiter that is awaited, and what is done to it and told of it. */
function awaited(linked = true) {
  const seen: unknown[] = [];
  const whole = Promise.withResolvers<void>();
  const ready = Promise.resolve();
  const milestones = { ready, whole: whole.promise };
  let close = () => {};
  const link = {
    send: (message: unknown) => void seen.push(message),
    onMessage() {},
    onClose: (run: () => void) => void (close = run),
    close() {},
    unref() {},
  };
  reportReady(
    {
      milestones,
      stop: (mode: unknown) => (seen.push(`stop ${mode}`), Promise.resolve()),
    } as unknown as Parameters<typeof reportReady>[0],
    { parent: () => linked ? link : undefined } as unknown as Parameters<
      typeof reportReady
    >[1],
  );
  return { seen, whole, close: () => close() };
}

daemon(
  "reportReady() tells the command that waits, which may go then",
  async () => {
    const { seen, whole, close } = awaited();
    await settle();
    assert.equal(seen, []);
    whole.resolve();
    await settle();
    close();
    assert.equal(seen, [{ type: "serving" }]);
  },
);

daemon("reportReady() stops where nobody waits any more before that", () => {
  const { seen, close } = awaited();
  close();
  assert.equal(seen, ["stop quick"]);
  assert.equal(awaited(false).seen, ["stop quick"]);
});

daemon("reportReady() tells nothing of an arbiter that fails", async () => {
  const { seen, whole } = awaited();
  whole.reject(new Error("no"));
  await settle();
  assert.equal(seen, []);
});

daemon("takeWaiting() knows the command that waits, once", () => {
  const taken = (waiting?: string) => {
    const runtime = new FakeRuntime();
    runtime.ppid = 40;
    if (waiting !== undefined) runtime.env.CORN_WAITING = waiting;
    const first = takeWaiting(runtime);
    // What the arbiter starts is not waited for.
    assert.not("CORN_WAITING" in runtime.env);
    return first;
  };
  // Of another parent the variable is another's.
  assert.equal([taken("40"), taken("41"), taken()], [true, false, false]);
});

daemon(
  "goesToBackground() but where the arbiter is there already",
  async () => {
    const runtime = new FakeRuntime();
    const inFront = await load({ options: { app: "app.ts" } });
    const config = await load({ options: BACKGROUND });
    assert.equal(
      [inFront, config].map((one) => goesToBackground(one, runtime)),
      [false, true],
    );
    runtime.env[SOCKETS_VARIABLE] = "1";
    assert.not(goesToBackground(config, runtime));
  },
);

daemon(
  "checkDaemon() refuses what does no good in the background",
  async () => {
    const refused = async (
      { prepare = () => {}, ...options }: CornConfig & {
        prepare?: (runtime: FakeRuntime) => void;
      } = {},
    ) => {
      const runtime = new FakeRuntime();
      prepare(runtime);
      const config = await load({ options: { ...BACKGROUND, ...options } });
      try {
        checkDaemon(config, runtime);
        return "";
      } catch (error) {
        assert.instance(error, ConfigError);
        return (error as Error).message;
      }
    };
    assert.is(await refused(), "");
    assert.is(await refused({ errorLogfile: "-", logSyslog: true }), "");
    const cases: readonly (readonly [string, Parameters<typeof refused>[0]])[] =
      [
        ["nobody would see the log", { errorLogfile: "-" }],
        ["inspectBrk waits for you", { inspectBrk: "127.0.0.1:9229" }],
        ["the end of process 1 is", {
          prepare: ({ self }) => Object.assign(self, { pid: 1 }),
        }],
        ["a service manager started", {
          prepare: ({ env }) => env.NOTIFY_SOCKET = "/run/notify",
        }],
        ["a service manager started", {
          prepare: ({ env }) => env.LISTEN_PID = "100",
        }],
      ];
    for (const [reason, given] of cases) {
      const message = await refused(given);
      assert.match(message, /^Cannot use daemon true from /);
      assert.match(message, reason);
    }
    // It was another process that those sockets were for.
    assert.is(
      await refused({ prepare: ({ env }) => env.LISTEN_PID = "99" }),
      "",
    );
  },
);

/** A command that waits for its arbiter. */
async function waiting(options: CornConfig = {}) {
  const runtime = new FakeRuntime();
  const config = await load({ options: { ...BACKGROUND, ...options } });
  const spawn = runtime.spawn.bind(runtime);
  const code = startInBackground(config, Object.assign(runtime, { spawn }));
  const { stdout, stderr } = runtime;
  return { runtime, code, child: runtime.child(1), stdout, stderr };
}

daemon("the command ends once the arbiter serves", async () => {
  const { runtime, code, child, stdout } = await waiting({ umask: 0o077 });
  const { detached, env, cwd, executable, args, outputFile } = child.options;
  assert.equal(
    { detached, cwd, executable, args, outputFile },
    {
      ...{ detached: true, cwd: "/srv", executable: "node" },
      ...{ args: ["mod.ts", "app.ts"], outputFile: "/log/error" },
    },
  );
  assert.is(env.CORN_WAITING, "100");
  assert.is(runtime.mask, 0o077);
  assert.equal(runtime.files.opened, [], "the file is not held");
  child.say({ type: "other" });
  await settle();
  assert.is(stdout.text, "");
  child.say({ type: "serving" });
  assert.is(await code, 0);
  assert.is(
    stdout.text,
    "corn runs in the background: pid 1001, its log is /log/error\n",
  );
});

daemon(
  "what was logged is shown where the arbiter does not serve",
  async () => {
    const ends: readonly (readonly [ChildExit, number, string])[] = [
      [{ code: 4 }, 4, "exit code 4"],
      [{ code: 0 }, 1, "exit code 0"],
      [{ signal: "SIGKILL" }, 1, "killed by SIGKILL"],
      [{ error: new Error("spawn ENOENT") }, 1, "spawn ENOENT"],
    ];
    for (const [exit, wanted, why] of ends) {
      const { runtime, code, child, stderr } = await waiting();
      runtime.files.texts.set("/log/error", "It failed\n");
      child.exit(exit);
      assert.is(await code, wanted);
      assert.is(
        stderr.text,
        `It failed\ncorn: Cannot start in the background: ${why}, the log is /log/error\n`,
      );
    }
  },
);

daemon("a log that is no file is named", async () => {
  const { code, child, stdout } = await waiting({
    ...{ errorLogfile: "-", logSyslog: true },
  });
  assert.is(child.options.outputFile, "/dev/null");
  child.say({ type: "serving" });
  assert.is(await code, 0);
  assert.match(stdout.text, "its log is in syslog or where");
});

daemon("what ends the command ends the arbiter, and is told", async () => {
  for (
    const [signal, passed] of [
      ["SIGINT", "SIGINT"],
      ["SIGQUIT", "SIGQUIT"],
      ["SIGTERM", "SIGTERM"],
      ["SIGHUP", "SIGTERM"],
    ] as const
  ) {
    const { runtime, code, child, stderr } = await waiting();
    runtime.signal(signal);
    assert.equal(child.signals, [passed]);
    child.exit({ code: 0 });
    assert.is(await code, 1);
    assert.match(stderr.text, `background: got ${signal}, exit code 0, `);
  }
});

daemon("an arbiter that is not ready in time is stopped", async () => {
  const { runtime, code, child, stderr } = await waiting({ bootTimeout: 20 });
  runtime.clock.pass(29_999);
  assert.equal(child.signals, []);
  runtime.clock.pass(1);
  assert.equal(child.signals, ["SIGTERM"]);
  child.exit({ code: 0 });
  assert.is(await code, 1);
  assert.match(stderr.text, "background: not all workers were ready in time, ");
});

daemon.run();

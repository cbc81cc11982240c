import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import {
  checkWorkerArgs,
  handedFlags,
} from "../../../src/arbiter/command/worker-args.ts";
import { ConfigError } from "../../../src/base/errors.ts";

const workerArgs = suite("worker-args");

function check(...args: string[]): void {
  checkWorkerArgs(args, { runtime: "node", origin: "--worker-args" });
}

workerArgs("checkWorkerArgs() knows each runtime's letters", () => {
  checkWorkerArgs(["-c", "deno.json", "--check"], {
    runtime: "deno",
    origin: "here",
  });
  checkWorkerArgs(["-i"], { runtime: "bun", origin: "here" });
  assert.throws(() => check("-c"), /node would do that/);
});

workerArgs("checkWorkerArgs() takes flags, and values behind them", () => {
  const accepts = (...args: string[]) =>
    assert.not.throws(() => check(...args));
  accepts();
  accepts("--max-old-space-size=512", "--expose-gc");
  accepts("--import", "./setup.ts", "-r", "./a.js");
  accepts("-P=worker", "--allow-env", "--checks", "-C", "development");
});

for (
  const [args, reason] of [
    [["setup.ts"], /"setup.ts" .*would take it for the program/],
    [[""], /would take it for the program/],
    [["--smol", "--"], /"--" .*corn's own module follows/],
    [["--inspect=9229"], /corn's own --inspect/],
    [["--inspect-brk"], /corn's own --inspect/],
    [["--watch-path=x"], /give --reload/],
    [["--hot"], /give --reload/],
    [["-e", "1"], /instead of running a worker/],
    [["--version"], /instead of running a worker/],
    [["--eval=1"], /instead of running a worker/],
  ] as const
) {
  workerArgs(`checkWorkerArgs() refuses ${args.join(" ")}`, () => {
    assert.throws(
      () => check(...args),
      (error: unknown) =>
        error instanceof ConfigError && reason.test(error.message) &&
        /^Cannot use workerArgs ".*" from --worker-args: /.test(error.message),
    );
  });
}

workerArgs(
  "handedFlags() gives workers where Deno takes packages from, unless they are told otherwise",
  () => {
    const command = ["deno", "run", "-A", "--cached-only", "--no-npm=x", "mod"];
    assert.equal(handedFlags(command, []), ["--cached-only", "--no-npm=x"]);
    assert.equal(handedFlags(command, ["--no-npm=y", "--allow-env"]), [
      "--cached-only",
    ]);
  },
);

workerArgs.run();

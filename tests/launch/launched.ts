/** corn on a fake machine, started as its command or a program does. */
import { launch } from "../../src/launch/launch.ts";
import type { Launched, LaunchOptions } from "../../src/launch/launch.ts";
import * as assert from "../support/assert.ts";
import { FakeRuntime } from "../support/fake/runtime.ts";

/** A machine with an app. */
export function machine(): FakeRuntime {
  const runtime = new FakeRuntime();
  runtime.files.texts.set("/srv/app.ts", "");
  return runtime;
}

export function launchOn(
  runtime: FakeRuntime,
  options: LaunchOptions,
): Promise<Launched> {
  return launch({ runtime, worker: "file:///corn/worker.ts" }, options);
}

/** A started corn, and its end. */
export interface Started extends Omit<Launched, "log">, AsyncDisposable {
  readonly runtime: FakeRuntime;
  /** Log lines so far, without time and pid. */
  log(): string[];
}

/** Starts it; disposing ends it with all of its processes. */
export async function start(
  runtime: FakeRuntime,
  options: LaunchOptions,
): Promise<Started> {
  const launched = await launchOn(runtime, options);
  return {
    ...launched,
    runtime,
    log: () => linesOf(runtime.stderr.text),
    async [Symbol.asyncDispose]() {
      launched.arbiter.stop("cut");
      for (const child of runtime.children) child.exit({ code: 0 });
      assert.is(await launched.done, 0);
    },
  };
}

function linesOf(text: string): string[] {
  return text.split("\n").map((line) =>
    line.replace(/^\[[^\]]*\] \[\d+\] /, "")
  );
}

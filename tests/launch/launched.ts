/** corn on a fake machine, started as its command or a program does. */
import { parseArguments } from "../../src/cli/args.ts";
import { launch } from "../../src/launch/launch.ts";
import type { Launched, LaunchOptions } from "../../src/launch/launch.ts";
import * as assert from "../support/assert.ts";
import { FakeRuntime, settle } from "../support/fake/runtime.ts";
import { FakeStream } from "../support/fake/stream.ts";
import { until } from "../support/wait.ts";

const FILE = "/srv/corn.config.ts";

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

/** What the config file says from now on. */
export function configure(runtime: FakeRuntime, settings: object): void {
  runtime.files.texts.set(FILE, "");
  runtime.modules.set(`file://${FILE}`, {
    default: { app: "app.ts", workers: 1, ...settings },
  });
}

/** corn with a config file, as its command starts it. */
export function launched(
  settings: object,
  runtime: FakeRuntime = machine(),
  ...flags: string[]
): Promise<Started> {
  configure(runtime, settings);
  return start(runtime, { flags: parseArguments(flags) });
}

/** Lets seconds pass, and what is done in them end. */
export async function pass(
  runtime: FakeRuntime,
  seconds: number,
): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    runtime.clock.pass(1000);
    await settle();
  }
}

/** What a client of the admin door reads. */
export async function read(
  runtime: FakeRuntime,
  path: string,
): Promise<string> {
  const [accept] = [...runtime.accepting.values()];
  const stream = new FakeStream();
  accept?.accept(stream).onData(
    new TextEncoder().encode(`GET ${path} HTTP/1.1\r\nHost: [::1]\r\n\r\n`),
  );
  await until("an answer", () => stream.text.includes("\r\n\r\n"));
  return stream.text;
}

import { readFileSync } from "node:fs";
import process from "node:process";
import * as assert from "../support/assert.ts";
import type {
  ChildExit,
  ChildProcess,
  Listener,
} from "../../src/runtime/runtime.ts";
import { get } from "../support/client/curl.ts";
import { argumentsBefore, programOf } from "../support/process/command.ts";
import { runtime } from "../support/engine/engine.ts";
import { fixture, type Lab, promises } from "../support/promise.ts";
import { until } from "../support/wait.ts";

const { signals } = runtime;
const spawn = promises(`Runtime.spawn on ${runtime.name}`);

const OPTIONS = { queues: 2, reusePort: true, backlog: 128, unixMode: 0o600 };

/** A started child and what is known of it. */
interface Started {
  readonly child: ChildProcess;
  readonly messages: Record<string, unknown>[];
  exit(): ChildExit | undefined;
  /** The first message of a type. */
  message(type: string): Promise<Record<string, unknown>>;
  /** Waits for the end. */
  ended(): Promise<ChildExit>;
}

function environment({ mark }: Lab): Record<string, string> {
  // With what Node has compiled before a child costs half.
  const { PATH = "", HOME = "", NODE_COMPILE_CACHE } = process.env;
  return {
    ...{ PATH, HOME, TEST_MARK: mark, TEST_BLANK: "two words" },
    ...NODE_COMPILE_CACHE !== undefined && { NODE_COMPILE_CACHE },
  };
}

function start(
  lab: Lab,
  name: "node" | "bun" | "deno",
  descriptors: readonly number[] = [],
): Started {
  const messages: Record<string, unknown>[] = [];
  const exits: ChildExit[] = [];
  const child = runtime.spawn({
    executable: programOf(name),
    args: [...argumentsBefore(name), fixture("child.ts")],
    env: environment(lab),
    cwd: lab.folder,
    descriptors,
    onMessage(message) {
      assert.is(exits.length, 0, "no message comes after the exit");
      messages.push(message as Record<string, unknown>);
    },
    onOverlong: () => messages.push({ type: "overlong" }),
    numbersEnv: (numbers) => ({ TEST_NUMBERS: numbers.join() }),
    onExit: (exit) => exits.push(exit),
  });
  return {
    child,
    messages,
    exit: () => exits[0],
    message: (type) =>
      until(
        `a message "${type}"`,
        () => messages.find((one) => one.type === type),
      ),
    async ended() {
      await until("the exit", () => exits[0]);
      assert.is(exits.length, 1, "onExit is called once");
      return exits[0] as ChildExit;
    },
  };
}

spawn(
  "a detached child has a session of its own and prints to a file",
  async (lab) => {
    const outputFile = lab.write("output.log", "before\n");
    const exits: ChildExit[] = [];
    const child = runtime.spawn({
      executable: "/bin/sh",
      args: ["-c", "cut -d ' ' -f 6 /proc/self/stat; echo bad >&2"],
      env: environment(lab),
      cwd: lab.folder,
      descriptors: [],
      detached: true,
      outputFile,
      onMessage() {},
      onExit: (exit) => exits.push(exit),
    });
    await until("the exit", () => exits[0]);
    assert.is(exits[0]?.code, 0);
    assert.is(
      readFileSync(outputFile, "utf8"),
      `before\n${child.pid}\nbad\n`,
    );
  },
);

spawn("a child that one signal does not end gets the next", async (lab) => {
  const exits: ChildExit[] = [];
  const child = runtime.spawn({
    executable: "/bin/sh",
    args: ["-c", "trap '' QUIT; while :; do sleep 1; done"],
    env: environment(lab),
    cwd: lab.folder,
    descriptors: [],
    detached: true,
    onMessage() {},
    onExit: (exit) => exits.push(exit),
  });
  const pid = child.pid ?? 0;
  await until("the trap", () => ignores(pid, 3));
  assert.ok(child.kill("SIGQUIT"));
  assert.ok(child.kill("SIGQUIT"));
  assert.ok(child.kill("SIGKILL"));
  assert.is((await until("the exit", () => exits[0])).signal, "SIGKILL");
  assert.not.ok(child.kill("SIGKILL"));
  // Its sleep(1) is in its session; it may have ended by now.
  signals.send(-pid, "SIGKILL");
});

/** True where a process ignores a signal, see proc(5). */
function ignores(pid: number, signal: number): boolean {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const [, mask = "0"] = /^SigIgn:\s*(\w+)/m.exec(status) ?? [];
  return (BigInt(`0x${mask}`) >> BigInt(signal - 1) & 1n) === 1n;
}

spawn(
  "an output file that cannot be opened is an exit with an error",
  async (lab) => {
    const exits: ChildExit[] = [];
    runtime.spawn({
      executable: "/bin/true",
      args: [],
      env: {},
      cwd: lab.folder,
      descriptors: [],
      outputFile: "/nonexistent/a.log",
      onMessage() {},
      onExit: (exit) => exits.push(exit),
    });
    const { error } = await until("the exit", () => exits[0]);
    assert.match(String(error), /ENOENT/);
  },
);

for (const name of ["node", "bun", "deno"] as const) {
  spawn(
    `a ${name} child has what it was given, and a channel of corn's own that talks JSON in order`,
    async (lab) => {
      const { child, messages, message, ended } = start(lab, name);
      // Before it is up.
      child.send({ do: "facts" });
      const facts = await message("facts");
      assert.is(facts.runtime, name);
      assert.equal(facts.env, { ...environment(lab), TEST_NUMBERS: "" });
      assert.is(facts.cwd, lab.folder);
      assert.is(facts.pid, child.pid);
      assert.is(facts.ppid, process.pid);
      assert.is(facts.sends, "undefined", "there is no process.send()");

      // A message leaves before what blocks the child.
      child.send({ do: "block", ms: 700 });
      await message("blocks");
      assert.not.ok(messages.some(({ type }) => type === "free"));
      await message("free");

      const before = messages.length;
      const values = [
        "ü€😀",
        { deep: [1, null, { a: true }] },
        "x".repeat(300_000),
        ...Array.from({ length: 50 }, (_, index) => index),
      ];
      for (const value of values) {
        assert.ok(child.send({ do: "echo", value }));
      }
      await until(
        "every echo",
        () => messages.length === values.length + before,
      );
      assert.equal(messages.slice(before).map(({ value }) => value), values);
      // What is sent right before the exit must arrive.
      child.send({ do: "exit", code: 7, after: 100 });
      assert.equal(await ended(), { code: 7, signal: undefined });
      const counts = messages.filter(({ type }) => type === "count");
      assert.equal(
        counts.map(({ count }) => count),
        Array.from({ length: 100 }, (_, index) => index + 1),
      );
      assert.is(child.send({ do: "facts" }), false);
      assert.is(child.kill("SIGTERM"), false);
    },
  );

  spawn(`a ${name} child's line has an end`, async (lab) => {
    const { child, message, messages, ended } = start(lab, name);
    await message("hello");
    child.send({ do: "flood", size: 2_000_000 });
    assert.is(String((await message("flood")).text).length, 2_000_000);
    child.send({ do: "flood", size: 8_000_000 });
    await message("overlong");
    // It sees that the channel is closed.
    assert.equal(await ended(), { code: 9, signal: undefined });
    assert.is(messages.length, 3);
  });

  spawn(`a ${name} child that gets a signal still speaks`, async (lab) => {
    const { child, message, ended } = start(lab, name);
    await message("hello");
    assert.ok(child.kill("SIGQUIT"));
    await message("quit");
    assert.equal(await ended(), { code: 7, signal: undefined });
  });

  spawn(
    `a ${name} child takes over sockets and serves on them until it is killed`,
    async (lab) => {
      const listener = runtime.holdsListeners
        ? await runtime.listen(
          { kind: "tcp", host: "127.0.0.1", port: 0 },
          OPTIONS,
        )
        : undefined;
      const one = start(lab, name, listener?.queues);
      await one.message("hello");
      if (listener === undefined) {
        lab.skip(`${runtime.name} makes no sockets to inherit here`);
      } else await takesOver(one, name, listener);

      const { child, ended } = one;
      const pid = child.pid as number;
      assert.ok(runtime.signals.exists(pid));
      assert.ok(child.kill("SIGKILL"));
      assert.equal(await ended(), { code: undefined, signal: "SIGKILL" });
      assert.is(runtime.signals.exists(pid), false);
      assert.is(runtime.signals.send(pid, "SIGTERM"), false);
      listener?.close();
    },
  );
}

async function takesOver(
  { child, message, messages }: Started,
  name: string,
  { address }: Listener,
): Promise<void> {
  if (address.kind !== "tcp") return assert.unreachable();
  assert.is(child.descriptors.length, 2);
  child.send({ do: "facts" });
  const { env } = await message("facts");
  const { TEST_NUMBERS } = env as Record<string, string>;
  assert.is(TEST_NUMBERS, child.descriptors.join());
  child.send({ do: "inherit", descriptors: child.descriptors, address });
  await until(
    "both to be served",
    () => messages.filter(({ type }) => type === "serving").length === 2,
  );
  for (let count = 0; count < 8; count++) {
    const url = `http://127.0.0.1:${address.port}/`;
    assert.is(await get(url), `served by ${name}\n`);
  }
  assert.not.ok(messages.some(({ type }) => type === "report"));
}

/** A shell's output, by stream, and how it ended. */
async function outputOf({ folder, mark }: Lab, script: string) {
  const output = { stdout: "", stderr: "" };
  const exits: ChildExit[] = [];
  let pieces = 0;
  runtime.spawn({
    executable: "/bin/sh",
    args: ["-c", script],
    env: { PATH: process.env.PATH ?? "", TEST_MARK: mark },
    cwd: folder,
    descriptors: [],
    onMessage() {},
    onOutput(stream, text) {
      output[stream] += text;
      pieces++;
    },
    onExit: (exit) => exits.push(exit),
  });
  const exit = await until("the exit", () => exits[0]);
  return { output, exit, pieces: () => pieces };
}

spawn("what a child prints arrives by stream, before its exit", async (lab) => {
  const script = "echo out; printf 'é世' >&2; kill -KILL $$";
  const { output, exit } = await outputOf(lab, script);
  assert.is(output.stdout, "out\n");
  assert.is(output.stderr, "é世");
  assert.is(exit.signal, "SIGKILL");
});

spawn("a flood of output arrives whole, piece by piece", async (lab) => {
  const script = "i=0; while [ $i -lt 20 ]; do seq 1 5000; i=$((i+1)); done";
  const { output, pieces } = await outputOf(lab, script);
  const once = Array.from({ length: 5000 }, (_, index) => `${index + 1}\n`);
  const whole = once.join("").repeat(20);
  // Its rest may come a little later than the exit.
  await until("the rest", () => output.stdout.length >= whole.length);
  assert.ok(output.stdout === whole);
  assert.ok(pieces() > 1);
});

spawn("a program that does not exist is told as an exit", async (lab) => {
  const exits: ChildExit[] = [];
  const child = runtime.spawn({
    executable: "/nowhere/program",
    args: [],
    env: {},
    cwd: lab.folder,
    descriptors: [],
    onMessage: () => assert.unreachable(),
    onExit: (exit) => exits.push(exit),
  });
  assert.is(exits.length, 0, "not before spawn() has returned");
  await until("the exit", () => exits.length > 0);
  assert.is(child.pid, undefined);
  assert.match(
    exits[0]?.error?.message ?? "",
    /ENOENT|no such|not found|there is no/i,
  );
  assert.is(child.send({}), false);
  assert.is(child.kill("SIGTERM"), false);
});

spawn("parent() is undefined where there is no channel", () => {
  assert.is(runtime.parent(), undefined);
  return Promise.resolve();
});

spawn.run();

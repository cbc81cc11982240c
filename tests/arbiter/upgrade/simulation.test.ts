/**
 * Upgrades with orders that come meanwhile, and arbiters that die at any step.
 * `SEED=n` repeats a run, `LIVES=n` changes how many there are.
 */
import process from "node:process";
import { namesOf } from "../../../src/arbiter/generations/names.ts";
import { obeySignals } from "../../../src/arbiter/host/signals.ts";
import { ConfigError } from "../../../src/base/errors.ts";
import { assemble } from "../../../src/launch/assembly.ts";
import type { Assembly } from "../../../src/launch/assembly.ts";
import { openErrorLog } from "../../../src/log/error/error-log.ts";
import type {
  Address,
  Listener,
  ListenOptions,
  SignalName,
  SpawnOptions,
} from "../../../src/runtime/runtime.ts";
import * as assert from "../../support/assert.ts";
import {
  FakeChild,
  FakeLink,
  FakeRuntime,
  settle,
  systemError,
} from "../../support/fake/runtime.ts";
import { anySeed, randomFrom } from "../../support/random.ts";
import { suite } from "../../support/suite.ts";
import { configOf, FAILED } from "../site.ts";

const upgrades = suite("upgrades with orders meanwhile");

const LIVES = Number(process.env.LIVES ?? 30);
const SEED = anySeed();
const STEPS = 40;
const SOCKET = "/run/corn.sock";
/** Until everything that was begun has ended: boots, drains, roll-outs. */
const CALM_MS = 120_000;

type Order = Extract<
  SignalName,
  | "SIGHUP"
  | "SIGTTIN"
  | "SIGTTOU"
  | "SIGTERM"
  | "SIGWINCH"
  | "SIGUSR2"
  | "SIGINT"
>;
const ORDERS: readonly Order[] = [
  "SIGUSR2",
  "SIGUSR2",
  "SIGUSR2",
  "SIGHUP",
  "SIGTTIN",
  "SIGTTOU",
  "SIGTERM",
  "SIGINT",
  "SIGWINCH",
];

/** True for what tells an arbiter to go. */
function isEnd(order: Order): boolean {
  return order === "SIGTERM" || order === "SIGINT";
}

/** A machine of which processes are a part, whose pids are those of all. */
class Machine extends FakeRuntime {
  /** Addresses whose sockets it was started with. */
  handed: readonly Address[] = [];
  readonly #spawned: (options: SpawnOptions) => FakeChild;

  constructor(spawned: (options: SpawnOptions) => FakeChild) {
    super();
    this.#spawned = spawned;
    this.files.texts.set("/srv/app.ts", "");
    // Names are there for all processes, and never removed.
    this.files.sockets.add(SOCKET);
    this.files.remove = () => {};
  }

  /** A socket that was handed over and not taken holds its address. */
  override listen(address: Address, options: ListenOptions): Promise<Listener> {
    const isTaken = ({ address: { kind } }: Listener) => kind === address.kind;
    return this.handed.some(({ kind }) => kind === address.kind) &&
        !this.listeners.some(isTaken)
      ? Promise.reject(systemError("EADDRINUSE"))
      : super.listen(address, options);
  }

  override spawn(options: SpawnOptions): FakeChild {
    const child = this.#spawned(options);
    this.children.push(child);
    return child;
  }
}

/** An arbiter's process. */
class Process {
  readonly runtime: Machine;
  /** As its parent has it. */
  readonly child: FakeChild | undefined;
  readonly parent: Process | undefined;
  assembly: Assembly | undefined;
  alive = true;
  /** True once it was told to end, or ended another way. */
  leaves = false;
  /** True where it was told to end before what it was to start was there. */
  forgoes = false;
  last: Order | undefined;
  code: number | undefined;

  constructor(runtime: Machine, child?: FakeChild, parent?: Process) {
    this.runtime = runtime;
    this.child = child;
    this.parent = parent;
  }

  get pid(): number {
    return this.runtime.self.pid;
  }

  get workers(): FakeChild[] {
    return this.runtime.children.filter(({ gone, options }) =>
      !gone && !isArbiter(options)
    );
  }

  get ready(): number {
    return this.assembly?.arbiter.view.workers().length ?? 0;
  }
}

function isArbiter({ numbersEnv, env }: SpawnOptions): boolean {
  const { CORN_FD } = { ...env, ...numbersEnv?.([]) };
  return CORN_FD !== undefined;
}

class World {
  readonly #random: () => number;
  readonly #arbiters: Process[] = [];
  /** The one that ended last, where that was as it wanted to. */
  #ended: Process | undefined;
  /** What a config read now says. */
  #bad = false;
  #unix = true;
  #pid = 1000;
  /** True where an arbiter that ended has begun an upgrade. */
  #late = false;
  /** Ends with the next step. */
  #turn = Promise.withResolvers<void>();
  /** What was done, for who looks for why. */
  readonly story: string[] = [];

  constructor(seed: number) {
    this.#random = randomFrom(seed);
  }

  chance(of: number): boolean {
    return this.#random() < of;
  }

  any<T>(list: readonly T[]): T | undefined {
    return list[Math.floor(this.#random() * list.length)];
  }

  get living(): Process[] {
    return this.#arbiters.filter(({ alive }) => alive);
  }

  get staying(): Process[] {
    return this.living.filter(({ leaves }) => !leaves);
  }

  async begin(): Promise<void> {
    await this.#start(new Process(this.#machine(100, {})));
  }

  #machine(pid: number, env: Record<string, string>): Machine {
    const runtime: Machine = new Machine((options) =>
      this.#spawn(runtime, options)
    );
    Object.assign(runtime.self, { pid });
    runtime.signals.exists = (pid) =>
      this.living.some((one) => one.pid === pid);
    for (const name of Object.keys(runtime.env)) delete runtime.env[name];
    Object.assign(runtime.env, env);
    return runtime;
  }

  #spawn(parent: Machine, options: SpawnOptions): FakeChild {
    const child = new FakeChild(++this.#pid, options);
    if (isArbiter(options)) this.#begin(parent, child);
    return child;
  }

  /** The successor's process. */
  #begin(machine: Machine, child: FakeChild): void {
    const parent = this.#arbiters.find(({ runtime }) => runtime === machine);
    this.#late ||= parent?.forgoes === true;
    const { options, descriptors } = child;
    const runtime = this.#machine(child.pid as number, {
      ...options.env,
      ...options.numbersEnv?.(descriptors),
    });
    runtime.ppid = machine.self.pid;
    runtime.handed = machine.listeners.filter(({ open }) => open)
      .map(({ address }) => address);
    const link = runtime.link = new FakeLink();
    link.onClose = (run) => link.close = run;
    link.send = (message) => {
      if (parent?.alive === true) child.say(message);
      return parent?.alive === true;
    };
    child.send = (message) => {
      if (!child.gone) link.receive(message);
      return !child.gone;
    };
    for (const descriptor of descriptors) {
      runtime.files.links.set(
        `/proc/self/fd/${descriptor}`,
        `socket:[${descriptor}]`,
      );
    }
    const heir = new Process(runtime, child, parent);
    child.kill = (signal) => {
      if (heir.alive && signal === "SIGKILL") this.kill(heir);
      return true;
    };
    // It may die before it has begun.
    this.#arbiters.push(heir);
  }

  /** What a process that was started does at its start. */
  async #start(one: Process): Promise<void> {
    if (!this.#arbiters.includes(one)) this.#arbiters.push(one);
    const { runtime } = one;
    const read = () =>
      this.#bad ? Promise.reject(new ConfigError("bad")) : configOf({
        workers: 2,
        bind: ["127.0.0.1:80", ...this.#unix ? [`unix:${SOCKET}`] : []],
      });
    const log = openErrorLog(runtime, {
      errorLogfile: "-",
      logFormat: "text",
      logLevel: "debug",
    });
    let config;
    try {
      config = await read();
    } catch {
      return this.#end(one, 3);
    }
    const assembly = one.assembly = await assemble(
      { runtime, worker: "file:///corn/worker.ts" },
      {
        ...{ config, log, byProgram: true, guard: "never" },
        // What reads a config takes its time, in which orders come.
        reread: () => this.#turn.promise.then(read),
        names: namesOf(runtime, "file:///corn/worker.ts"),
        env: { ...runtime.env },
        onConfig() {},
        onPromoted: () => this.story.push(`${one.pid} is promoted`),
      },
    );
    const { arbiter } = assembly;
    await assembly.observability.open(config.settings);
    try {
      await arbiter.prepare();
    } catch (error) {
      throw new Error(`${one.pid} cannot begin`, { cause: error });
    }
    obeySignals(runtime, assembly, log);
    arbiter.start();
    void arbiter.milestones.done.then((code) => this.#end(one, code));
  }

  /** A process ends, as it wants to or not. */
  #end(one: Process, code: number | undefined): void {
    if (!one.alive) return;
    this.story.push(`${one.pid} ends: ${code ?? "killed"}`);
    if (code !== undefined) {
      assert.equal(one.workers.length, 0, "no worker outlives its arbiter");
      one.assembly?.close();
    }
    // One that is killed closes nothing, and had the names that others left to it.
    this.#ended = code === undefined ? undefined : one;
    one.alive = false;
    one.leaves = true;
    one.code = code;
    for (const worker of one.workers) worker.gone = true;
    for (const heir of this.#arbiters) {
      if (heir.parent !== one || !heir.alive) continue;
      heir.runtime.ppid = 1;
      heir.runtime.link?.close();
    }
    if (one.parent?.alive) {
      one.child?.exit(code === undefined ? { signal: "SIGKILL" } : { code });
    } else if (one.child !== undefined) one.child.gone = true;
  }

  kill(one: Process): void {
    this.#end(one, undefined);
  }

  #order(one: Process, order: Order): void {
    if (one.assembly === undefined) return;
    this.story.push(`${order} to ${one.pid}`);
    if (isEnd(order)) one.leaves = true;
    if (order === "SIGINT" && this.living.length === 1) one.forgoes = true;
    one.last = order;
    one.runtime.signal(order);
  }

  /** Whether the workers of all arbiters get on. */
  #work(calm: boolean): void {
    for (const one of this.living) {
      for (const worker of one.workers) {
        const told = worker.told();
        const isOver = worker.signals.length > 0 || told.includes("quit") ||
          told.includes("drain");
        if (isOver) {
          if (calm || this.chance(0.5)) worker.exit();
        } else if (!told.includes("boot")) {
          if (!calm && this.chance(0.04)) {
            worker.say(FAILED);
            worker.exit({ code: 4 });
          } else if (calm || this.chance(0.6)) worker.boot();
        } else if (!calm && this.chance(0.01)) {
          worker.exit({ signal: "SIGSEGV" });
        } else worker.beat();
      }
    }
  }

  async #pass(ms: number): Promise<void> {
    const turn = this.#turn;
    this.#turn = Promise.withResolvers();
    turn.resolve();
    for (const { runtime } of this.living) runtime.clock.pass(ms);
    await settle();
    // They begin in a step of their own: what started them may be gone by then.
    const heirs = this.living.filter(({ assembly }) => assembly === undefined);
    for (const heir of heirs) if (this.chance(0.5)) await this.#start(heir);
    await settle();
  }

  /** One step, and whether all is as it has to be behind it. */
  async step(): Promise<void> {
    const one = this.any(this.living);
    if (one === undefined) return;
    const what = this.#random();
    if (what < 0.45) {
      const order = this.any(ORDERS) as Order;
      // The last that serves is not told to go.
      if (
        !isEnd(order) || this.#mayLeave(one) ||
        one.last === "SIGUSR2" && this.chance(0.1)
      ) this.#order(one, order);
    } else if (what < 0.5) {
      if (this.#mayLeave(one)) {
        this.story.push(`KILL to ${one.pid}`);
        this.kill(one);
      }
    } else if (what < 0.55) {
      this.#bad = !this.#bad;
      this.story.push(`the config is ${this.#bad ? "bad" : "good"}`);
    } else if (what < 0.6) {
      this.#unix = !this.#unix;
      this.story.push(`the config has ${this.#unix ? "a" : "no"} unix socket`);
    }
    this.#work(false);
    await this.#pass(this.any([0, 10, 200, 1000, 5000]) as number);
    this.check();
  }

  /** True where another arbiter is to go on. */
  #mayLeave(one: Process): boolean {
    return this.staying.some((other) => other !== one) ||
      one.assembly === undefined;
  }

  /** What holds at all times. */
  check(): void {
    assert.not(this.#late, "none begins an upgrade once it ends");
    assert.ok(this.living.length <= 2, "there are two arbiters at most");
    const holders = this.living.filter(({ runtime, assembly }) =>
      assembly === undefined || runtime.listeners.some(({ open }) => open)
    );
    if (this.living.length > 0) {
      assert.ok(holders.length > 0, "one of them has the sockets");
    }
  }

  /** Lets everything come to its end without faults, and looks whether it did. */
  async rest(): Promise<void> {
    this.#bad = false;
    this.story.push("calm");
    for (let ms = 0; ms < CALM_MS; ms += 500) {
      this.#work(true);
      await this.#pass(500);
    }
    this.check();
    for (const one of this.living) {
      assert.ok(!one.leaves, `${one.pid} was told to go`);
      const { state } = one.assembly!.arbiter.view;
      assert.is(
        one.ready,
        state?.paused ? 0 : state?.wanted,
        `${one.pid} has as many workers as it wants`,
      );
      assert.is(one.workers.length, one.ready, "and no other");
      // A reload that was stopped in the middle leaves workers of two.
      const isOne = state?.children.every(({ generation }) =>
        generation === state.generation
      );
      if (this.living.length > 1 || !isOne) continue;
      const { bind } = one.assembly!.arbiter.config.settings;
      const open = one.runtime.listeners.filter(({ open }) => open);
      assert.is(open.length, bind.length, "it has the sockets that it wants");
    }
  }

  /** Ends all of it. */
  async end(): Promise<void> {
    for (const one of this.living) {
      this.#order(one, "SIGTERM");
      await this.#pass(200);
    }
    for (let ms = 0; ms < CALM_MS && this.living.length > 0; ms += 500) {
      this.#work(true);
      await this.#pass(500);
    }
    assert.equal(this.living.map(({ pid }) => pid), [], "all have ended");
    const { listeners = [] } = this.#ended?.runtime ?? {};
    const open = listeners.filter(({ open }) => open);
    assert.equal(open, [], "the last has closed all");
  }
}

upgrades(`end well, seed ${SEED}`, async () => {
  for (let life = 0; life < LIVES; life++) {
    const world = new World(SEED + life);
    try {
      await world.begin();
      for (let step = 0; step < STEPS; step++) await world.step();
      await world.rest();
      await world.end();
    } catch (error) {
      throw new Error(
        `Life ${life} of seed ${SEED}: ${(error as Error).message}\n${
          world.story.join("\n")
        }`,
        { cause: error },
      );
    }
  }
});

upgrades.run();

/** An upgrade, as the arbiter sees it that is to be replaced: another one is started on the same sockets. */
import { maskCommand } from "../../base/secrets.ts";
import { exitText } from "../../base/exit-text.ts";
import { CornError, messageOf } from "../../base/errors.ts";
import type { Logger } from "../../log/error/logger.ts";
import { readSuccessorMessage } from "../../protocol/arbiter-checks.ts";
import type { SumsMessage } from "../../protocol/messages.ts";
import { startLimit } from "../../protocol/waits.ts";
import type { CountsRecord } from "../../telemetry/sums.ts";
import type {
  ChildExit,
  ChildProcess,
  Closeable,
  Runtime,
} from "../../runtime/runtime.ts";
import { handoverEnv, successorEnvironment } from "./handover.ts";
import type { HandedAddress } from "../sockets/handed-address.ts";

const STOPS = "corn stops";

/** What a successor is started with. */
export interface SuccessorPlan {
  /** The command line, program first. */
  readonly command: readonly string[];
  readonly bootMs: number;
}

export interface UpgradeOptions {
  readonly runtime: Runtime;
  readonly log: Logger;
  /** The environment this arbiter was started with. */
  readonly env: Readonly<Record<string, string>>;
  /** Reads the config anew. @throws CornError where it is bad */
  plan(): Promise<SuccessorPlan>;
  /** Every address that is open. */
  addresses(): readonly HandedAddress[];
  /** How many workers there are to be. */
  size(): number | undefined;
  /** The pid of the arbiter that was before this one and lives. */
  predecessor(): number | undefined;
  /** True once this arbiter ends. */
  stopping(): boolean;
  /** Is told when a successor serves, and when it has left again. */
  onSuccessor?(serves: boolean): void;
  /** A successor is gone, whether it served or not. */
  onGone?(): void;
  /** Takes what a successor has counted. */
  onSums?(pid: number, record: CountsRecord): void;
}

/** The arbiter that is to take over. */
interface Successor {
  readonly child: ChildProcess;
  readonly deadline: Closeable;
  ready: boolean;
}

export class Upgrade {
  readonly #options: UpgradeOptions;
  #successor: Successor | undefined;
  #starting = false;
  /** What waits until the upgrade has succeeded or failed. */
  #waiting: (() => void) | undefined;
  /** What a caller of `order` waits for. */
  #outcome: PromiseWithResolvers<number> | undefined;

  constructor(options: UpgradeOptions) {
    this.#options = options;
  }

  /** The pid of a successor that serves. */
  get successorPid(): number | undefined {
    return this.#successor?.ready ? this.#successor.child.pid : undefined;
  }

  /** True while another arbiter has the sockets too. */
  get shares(): boolean {
    return this.#successor !== undefined;
  }

  /** Starts a successor and gives its pid once it is ready. @throws CornError where none comes to be */
  order(): Promise<number> {
    const refused = this.#obstacle();
    if (refused !== undefined) {
      return Promise.reject(new CornError(`Cannot upgrade: ${refused}`));
    }
    const outcome = this.#outcome = Promise.withResolvers<number>();
    void this.begin();
    return outcome.promise;
  }

  /** Starts a successor; what comes of it is in the log. */
  async begin(): Promise<void> {
    const { log } = this.#options;
    const refused = this.#obstacle();
    if (refused !== undefined) return log.warning(`USR2 ignored: ${refused}`);
    this.#starting = true;
    try {
      const plan = await this.#options.plan();
      // What was asked for meanwhile counts.
      if (this.#options.stopping()) throw new CornError(STOPS);
      this.#spawn(plan);
    } catch (error) {
      this.#fail(`Upgrade refused, nothing changes: ${messageOf(error)}`);
    } finally {
      this.#starting = false;
      if (this.#successor === undefined) this.#runWaiting();
    }
  }

  /** Runs at once, or when the upgrade that goes on has succeeded or failed; a second call does not wait. */
  whenSettled(run: () => void): void {
    const waits = this.#starting || this.#successor?.ready === false;
    if (!waits || this.#waiting !== undefined) {
      this.#waiting = undefined;
      return run();
    }
    this.#options.log.info(
      "Stop waits for the upgrade; a second TERM does not",
    );
    this.#waiting = run;
  }

  /** Tells a successor that serves what is counted here. */
  tellSums(record: CountsRecord): void {
    const successor = this.#successor;
    if (!successor?.ready) return;
    successor.child.send({ type: "sums", record } satisfies SumsMessage);
  }

  #obstacle(): string | undefined {
    const { self } = this.#options.runtime;
    if (this.#options.stopping()) return STOPS;
    if (this.#starting) return "an upgrade has begun";
    if (this.#successor !== undefined) {
      return `pid ${this.#successor.child.pid} is the new arbiter already`;
    }
    const predecessor = this.#options.predecessor();
    if (predecessor !== undefined) {
      return `the arbiter before this one is still there, send TERM to pid ${predecessor} first`;
    }
    // The end of process 1 is the end of its container.
    if (self.pid === 1) {
      return "process 1 cannot be replaced; replace its container";
    }
    return undefined;
  }

  #spawn({ command, bootMs }: SuccessorPlan): void {
    const { runtime, log, env } = this.#options;
    const { self, clock } = runtime;
    const addresses = this.#options.addresses();
    const size = this.#options.size();
    const [executable = "", ...args] = command;
    const child = runtime.spawn({
      executable,
      args,
      env: successorEnvironment(env),
      cwd: self.start.folder,
      input: true,
      descriptors: addresses.flatMap(({ descriptors }) => descriptors),
      numbersEnv: (numbers) =>
        handoverEnv({ predecessor: self.pid, addresses, size }, numbers),
      onMessage: (message) => this.#receive(message),
      onExit: (exit) => this.#bury(exit),
    });
    const deadline = clock.after(startLimit(bootMs), () => {
      log.error(`Upgrade: pid ${child.pid} is not ready in time: killing it`);
      try {
        child.kill("SIGKILL");
      } catch (error) {
        log.error(`Cannot kill pid ${child.pid}: ${messageOf(error)}`);
        this.#bury({ signal: "SIGKILL" });
      }
    });
    this.#successor = { child, deadline, ready: false };
    if (child.pid !== undefined) {
      log.info(`Upgrade begins: pid ${child.pid} is ${maskCommand(command)}`);
    }
  }

  #receive(message: unknown): void {
    const successor = this.#successor;
    const said = readSuccessorMessage(message);
    if (successor === undefined || said === undefined) return;
    if (said.type === "sums") {
      return this.#options.onSums?.(successor.child.pid ?? 0, said.record);
    }
    if (successor.ready) return;
    successor.ready = true;
    this.#options.onSuccessor?.(true);
    successor.deadline.close();
    const { pid } = successor.child;
    this.#options.log.info(
      `Upgrade: pid ${pid} is ready; TERM to this arbiter leaves all to it, TERM to ${pid} takes the upgrade back`,
    );
    this.#outcome?.resolve(pid as number);
    this.#runWaiting();
  }

  #bury(exit: ChildExit): void {
    const successor = this.#successor;
    if (successor === undefined) return;
    this.#successor = undefined;
    successor.deadline.close();
    this.#options.onGone?.();
    const { log } = this.#options;
    if (successor.ready) {
      this.#options.onSuccessor?.(false);
      log.info(`Upgrade undone: pid ${successor.child.pid} has left`);
    } else {
      this.#fail(
        `Upgrade failed: ${failureText(exit)}; this arbiter serves on`,
      );
    }
    this.#runWaiting();
  }

  #fail(text: string): void {
    this.#options.log.error(text);
    this.#outcome?.reject(new CornError(text));
  }

  #runWaiting(): void {
    const run = this.#waiting;
    this.#waiting = undefined;
    run?.();
  }
}

function failureText(exit: ChildExit): string {
  if (exit.error !== undefined) {
    return `the new arbiter cannot be started: ${exit.error.message}`;
  }
  return `the new arbiter ${exitText(exit)} before its workers were ready`;
}

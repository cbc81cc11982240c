/** What a running corn shows of itself: figures, the admin door and the control socket, as its settings say. */
import type { Arbiter } from "../arbiter/arbiter.ts";
import type { ArbiterOptions, Onlooker, Witness } from "../arbiter/options.ts";
import type { Upgrade } from "../arbiter/upgrade/upgrade.ts";
import { messageOf } from "../base/errors.ts";
import type { Config, Settings } from "../config/table/types.ts";
import type { ErrorLog } from "../log/error/error-log.ts";
import { serverMetrics } from "../plan/metrics.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { CountsRecord } from "../telemetry/sums.ts";
import { ServerMetrics } from "../telemetry/server.ts";
import type { AdminSource } from "../control/admin/routes.ts";
import { AdminDoor } from "./admin-door.ts";
import { openControlRoom } from "./control.ts";
import type { ControlRoom } from "./control.ts";
import { Otlp } from "./otlp.ts";
import { PoolMetrics } from "./pool-metrics.ts";
import { Watching } from "./watching.ts";

export interface ObservabilityOptions {
  readonly runtime: Runtime;
  readonly log: ErrorLog;
  readonly config: Config;
  /** True where corn was started by a program, and not by its command. */
  readonly byProgram: boolean;
  /** True where another arbiter serves until this one does. */
  readonly succeeds: boolean;
  arbiter(): Arbiter;
  upgrade(): Upgrade;
  /** The pid of the arbiter that was before this one and lives. */
  predecessor(): number | undefined;
}

export class Observability {
  readonly #options: ObservabilityOptions;
  readonly #server: ServerMetrics;
  readonly #pool: PoolMetrics;
  readonly #otlp: Otlp;
  readonly #admin: AdminDoor;
  readonly #watching: Watching;
  /** Undefined where there is to be no control socket. */
  readonly #control: ControlRoom | undefined;
  /** Takes a note of the pool, where anything does. */
  readonly onNote: ArbiterOptions["onNote"];

  constructor(options: ObservabilityOptions) {
    const { runtime, log, arbiter, predecessor } = options;
    this.#options = options;
    this.#server = new ServerMetrics({
      runtime,
      workers: () => arbiter().view.workers().length,
      backlog: () => arbiter().view.backlog(),
      report: (text) => log.warning(text),
    });
    const pool = this.#pool = new PoolMetrics({
      runtime,
      arbiter,
      warn: (text) => log.warning(text),
    });
    this.#otlp = new Otlp({
      runtime,
      pool,
      report: (level, text) => log.log(level, text),
    });
    const source: AdminSource = {
      metrics: (format) => pool.write(format),
      health: () => ({
        pool: arbiter().view.state,
        readyWorkers: arbiter().config.settings.readyWorkers,
      }),
    };
    const watching = this.#watching = new Watching({ runtime, arbiter });
    const control = this.#control = openControlRoom(runtime, {
      ...options,
      admin: source,
      watching,
    });
    this.#admin = new AdminDoor({
      runtime,
      log,
      source,
      status: () => control?.statusRoute(),
      hasPredecessor: () => predecessor() !== undefined,
      whole: () => arbiter().milestones.whole,
    });
    this.onNote = control && ((note, told) => control.note(note, told));
    log.onEvent = (event) => {
      this.#server.note(event);
      pool.note(event);
      control?.log(event);
    };
  }

  /** Sees what the pool does; undefined where nothing was ever measured. */
  get witness(): Witness | undefined {
    return this.#pool.witness;
  }

  /** Takes figures for a person who looks; undefined before the first does. */
  get onlooker(): Onlooker | undefined {
    return this.#watching.loaded;
  }

  /** Begins to measure, and opens the admin door unless another arbiter has it until this one serves. @throws BindError */
  async open(settings: Settings): Promise<void> {
    await this.#pool.configure(settings);
    await this.#otlp.configure(settings);
    if (!this.#options.succeeds) await this.#admin.configure(settings);
  }

  /** Opens a control socket that was asked for by its path. @throws BindError, ConfigError */
  async openControl(): Promise<void> {
    await this.#control?.openAsked();
  }

  /** The workers are started. */
  started(settings: Settings): void {
    this.#control?.openDefault();
    this.#server.configure(serverMetrics(settings));
  }

  /** Opens the control socket again where its name was removed. */
  restoreControl(): void {
    this.#control?.restore();
  }

  /** Does from now on what the settings of a reload say. @throws BindError where the admin door cannot be opened; nothing has changed then */
  async configure(settings: Settings): Promise<void> {
    const { log, predecessor } = this.#options;
    // The arbiter before this one keeps the address for as long as it likes.
    if (predecessor() !== undefined) this.#openAdmin(settings);
    else await this.#admin.configure(settings);
    this.#server.configure(serverMetrics(settings));
    this.#pool.configure(settings)
      .then(() => this.#otlp.configure(settings))
      .catch((error) => log.error(`Cannot measure: ${messageOf(error)}`));
  }

  /** This arbiter serves beside its predecessor: the door is this one's, and each counts what the other does. */
  takeOver(tell: (record: CountsRecord) => void): void {
    const { arbiter, predecessor } = this.#options;
    const before = predecessor();
    if (before !== undefined) this.#pool.share(before, tell);
    this.#openAdmin(arbiter().config.settings);
  }

  /** The predecessor is gone. */
  promoted(): void {
    this.#pool.unshare();
  }

  /** A successor of this pid serves beside this arbiter. */
  yieldTo(pid: number, tell: (record: CountsRecord) => void): void {
    this.#pool.share(pid, tell);
    void this.#admin.yield();
  }

  /** The successor has left. */
  takeBack(): void {
    this.#pool.unshare();
    void this.#admin.reopen();
    if (!this.#options.arbiter().stopping) this.#control?.reopen();
  }

  /** Takes what another arbiter has counted. */
  takeSums(pid: number, record: CountsRecord): void {
    this.#pool.takeSums(pid, record);
  }

  /** The last worker is gone: who waits for that at the control socket is answered. */
  async end(): Promise<void> {
    // The last that is counted, for the arbiter that goes on.
    this.#pool.unshare();
    await this.#control?.close();
  }

  async close(): Promise<void> {
    await Promise.all([
      this.#admin.close(),
      this.#server.flush(),
      this.#otlp.close(),
    ]);
    this.#server.close();
  }

  #openAdmin(settings: Settings): void {
    const { log } = this.#options;
    this.#admin.configure(settings).catch((error) =>
      log.error(messageOf(error))
    );
  }
}

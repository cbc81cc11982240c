/** The control socket of an arbiter: what it may be asked, and what it has seen. */
import type { Arbiter } from "../arbiter/arbiter.ts";
import { askBy } from "../arbiter/generations/ask-program.ts";
import { resolveOwner } from "../arbiter/generations/identity.ts";
import type { ToldNote } from "../arbiter/telling/child-facts.ts";
import type { Note } from "../arbiter/pool/state.ts";
import { findUnixOwner } from "../arbiter/sockets/socket-owner.ts";
import type { Upgrade } from "../arbiter/upgrade/upgrade.ts";
import { messageOf } from "../base/errors.ts";
import { VERSION } from "../base/version.ts";
import type { Config } from "../config/table/types.ts";
import { Chronicle } from "../control/chronicle.ts";
import type { AdminSource } from "../control/admin/routes.ts";
import { openControl } from "../control/open-control.ts";
import type { Control } from "../control/open-control.ts";
import type { Route } from "../control/door/route.ts";
import type { RoutesParts } from "../control/routes.ts";
import { wishOf } from "../control/place.ts";
import type { Wish } from "../control/place.ts";
import type { News, Subject } from "../control/subject.ts";
import type { LogEvent } from "../log/event.ts";
import type { Logger } from "../log/error/logger.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { factsOf, requestsOf } from "./pool-facts.ts";
import type { Watching } from "./watching.ts";

export interface ControlRoomOptions {
  readonly config: Config;
  readonly log: Logger;
  readonly watching: Watching;
  readonly admin: AdminSource;
  /** True where corn was started by a program: it has a socket only where it asks for one. */
  readonly byProgram: boolean;
  arbiter(): Arbiter;
  upgrade(): Upgrade;
  /** The pid of the arbiter that was before this one and lives. */
  predecessor(): number | undefined;
}

/** Makes it; undefined where there is to be no socket, and nothing else reads its status. */
export function openControlRoom(
  runtime: Runtime,
  options: ControlRoomOptions,
): ControlRoom | undefined {
  const { adminStatus } = options.config.settings;
  const given = wishOf(options.config);
  const wish = options.byProgram && !given?.asked ? undefined : given;
  if (wish === undefined && !adminStatus) return undefined;
  return new ControlRoom(runtime, { ...options, wish });
}

export class ControlRoom {
  readonly #runtime: Runtime;
  readonly #options: ControlRoomOptions & { readonly wish: Wish | undefined };
  readonly #chronicle: Chronicle;
  readonly #began: { readonly at: Date; readonly now: number };
  #control: Control | undefined;
  #opening: Promise<void> | undefined;
  #closed = false;

  constructor(
    runtime: Runtime,
    options: ControlRoomOptions & { readonly wish: Wish | undefined },
  ) {
    const { clock } = runtime;
    this.#runtime = runtime;
    this.#options = options;
    this.#chronicle = new Chronicle(() => clock.date());
    this.#began = { at: clock.date(), now: clock.now() };
  }

  /** Opens a socket that was asked for by its path. @throws BindError, ConfigError */
  async openAsked(): Promise<void> {
    const { wish, predecessor } = this.#options;
    // The one before this serves it until its successor does.
    if (!wish?.asked || predecessor() !== undefined) return;
    await this.#open(wish);
  }

  /** Opens one at the default path, or one whose name is taken over; nothing waits for it. */
  openDefault(): void {
    const { arbiter, wish, predecessor } = this.#options;
    if (wish === undefined || this.#control !== undefined) return;
    const begin = () => {
      if (!this.#closed) this.reopen();
    };
    if (wish.path === undefined || predecessor() === undefined) begin();
    else arbiter().milestones.whole.then(begin, () => {});
  }

  /** Loads what answers, once corn serves: a deploy may replace the code on disk later, and be what is asked for first. */
  #prepare(): void {
    this.#options.arbiter().milestones.whole.then(
      () => this.#control?.prepare(),
      () => {},
    );
  }

  /** Opens it, anew where its name was another arbiter's meanwhile. */
  reopen(wish: Wish | undefined = this.#options.wish): void {
    const { log } = this.#options;
    void this.#open(wish).catch((error) => log.error(messageOf(error)));
  }

  /** Opens it again where its name was removed, as by what cleans folders of temporary files. */
  restore(): void {
    const { log, predecessor, upgrade, wish } = this.#options;
    const control = this.#control;
    // Of two arbiters the other one may have the name.
    const shared = predecessor() !== undefined ||
      upgrade().successorPid !== undefined;
    if (wish === undefined || shared || this.#opening !== undefined) return;
    if (control?.isNamed()) return;
    if (control === undefined) return this.reopen();
    log.warning(`Control socket "${control.path}" was removed: made again`);
    // Where it cannot be, that is no matter of a start without one.
    this.reopen({ ...wish, asked: true });
  }

  async #open(wish: Wish | undefined): Promise<void> {
    while (this.#opening !== undefined) await this.#opening;
    if (this.#closed || wish === undefined) return;
    await (this.#opening = this.#replace(wish).finally(() =>
      this.#opening = undefined
    ));
  }

  async #replace(wish: Wish): Promise<void> {
    const { config, log, predecessor } = this.#options;
    const { files } = this.#runtime;
    const old = this.#control;
    this.#control = undefined;
    await old?.close();
    const accounts = { files, ask: askBy(this.#runtime) };
    this.#control = await openControl(this.#runtime, {
      wish,
      mode: config.settings.controlMode,
      owner: await resolveOwner(config, accounts, "controlOwner"),
      log,
      takesOver: () => predecessor() !== undefined,
      holderOf: (path) => findUnixOwner(path, files),
      routes: async () => {
        const [{ controlRoutes }] = await Promise.all([
          import("../control/routes.ts"),
          this.#options.watching.load(),
        ]);
        return controlRoutes(this.#parts());
      },
    });
    this.#prepare();
  }

  /** What answers with the status, for the admin door. */
  async statusRoute(): Promise<Route> {
    const [{ statusRoute }] = await Promise.all([
      import("../control/routes.ts"),
      this.#options.watching.load(),
    ]);
    return statusRoute(this.#parts());
  }

  #parts(): RoutesParts {
    return {
      subject: this.#subject(),
      chronicle: this.#chronicle,
      began: this.#began,
    };
  }

  /** Takes what happens in the pool. */
  note(note: Note, told: ToldNote): void {
    this.#chronicle.note(newsOf(note, told));
  }

  /** Takes a line of the log. */
  log(event: LogEvent): void {
    this.#chronicle.log(event, (pid) => {
      if (pid === this.#runtime.self.pid) return undefined;
      return this.#options.arbiter().view.slotOf(pid);
    });
  }

  /** Answers requests that wait for the end, and closes. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#options.watching.close();
    await this.#opening?.catch(() => {});
    await this.#control?.close();
  }

  #subject(): Subject {
    const { clock, name, version, self } = this.#runtime;
    const arbiter = this.#options.arbiter();
    const upgrade = this.#options.upgrade();
    const live = () => this.#options.watching.onlookers;
    return {
      version: VERSION,
      runtime: { name, version },
      pid: self.pid,
      get config() {
        return arbiter.config;
      },
      now: () => clock.now(),
      date: () => clock.date(),
      after: (ms, run) => clock.after(ms, run),
      facts: () => factsOf(arbiter, live(), clock.lived()),
      admin: this.#options.admin,
      look: () => live().look(),
      requests: (query) => requestsOf(arbiter, query),
      reload: (how) => arbiter.reload(how),
      canary: () => arbiter.canary(),
      stop(mode) {
        if (mode === "quick") arbiter.stop("quick");
        else upgrade.whenSettled(() => arbiter.stop("graceful"));
        return arbiter.milestones.done;
      },
      scale: (to) => arbiter.scale(to),
      reopen: () => arbiter.reopen(),
      recycle: (age, how) => arbiter.replace(age, how === "drain"),
      kill: (age) => arbiter.kill(age),
      stackOf: (age) => arbiter.view.stackOf(age),
      record: (age, how) => arbiter.measuring.record(age, how),
      forgoRecord: (age) => arbiter.measuring.forgoRecord(age),
      upgrade: () => upgrade.order(),
    };
  }
}

/** A note of the pool's as plain data. */
function newsOf(
  note: Note,
  { text, facts, pool }: ToldNote,
): News {
  const cause = "cause" in note ? note.cause : undefined;
  const child = "child" in note ? note.child : cause?.child;
  const exit = "exit" in note
    ? note.exit
    : cause !== undefined && "exit" in cause
    ? cause.exit
    : undefined;
  return {
    about: note.about,
    text,
    ...pool !== undefined && { pool },
    ...child && {
      worker: {
        slot: child.slot,
        pid: facts?.pid,
        age: child.age,
        generation: child.generation,
      },
    },
    ..."generation" in note && { generation: note.generation },
    ..."wanted" in note && { wanted: note.wanted },
    ..."tookMs" in note && { tookMs: Math.round(note.tookMs) },
    ..."why" in note && note.why !== undefined && { why: note.why },
    ..."reason" in note && { reason: note.reason },
    ...exit && {
      exit: {
        ...exit.code !== undefined && { code: exit.code },
        ...exit.signal !== undefined && { signal: exit.signal },
      },
    },
    ...facts?.failure && { failure: facts.failure },
  };
}

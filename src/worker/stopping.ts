/** How a worker stops serving: it finishes what is open within a limit, or ends without that. */
import { countOf } from "../base/count.ts";
import { stackOf } from "../base/stack.ts";
import type { App } from "../gateway/app/app.ts";
import type { Inflight } from "../gateway/call/inflight.ts";
import { GOING } from "../gateway/sockets/open-sockets.ts";
import type { OpenSockets } from "../gateway/sockets/open-sockets.ts";
import type { BootMessage } from "../protocol/messages.ts";
import type { Engine } from "../runtime/runtime.ts";
import type { OnePlace } from "./classes/one-place.ts";
import type { Ending } from "./ending.ts";
import type { Recording } from "./observe/recording.ts";
import type { WorkerHost } from "./observe/worker-host.ts";
import type { Queues } from "./queues.ts";

/** What there is to call at a quit may take so long: the arbiter waits for two seconds. */
export const QUIT_MS = 1500;
/** What a quit waits for clients of WebSockets that are told so. */
const GOING_MS = 300;
/** As `QUIT_MS` when the graceful timeout is over: the arbiter waits for another second. */
const CUT_MS = 700;

/** What a worker serves by: more of it is there as it boots. */
export interface Serving {
  boot?: BootMessage;
  app?: App;
  engine?: Engine;
  queues?: Queues;
  place?: OnePlace | undefined;
}

export interface StoppingParts {
  readonly host: WorkerHost;
  readonly inflight: Inflight;
  readonly ending: Ending;
  readonly sockets: OpenSockets;
  readonly recording: Recording;
  readonly serving: Serving;
  /** Ends the process. */
  exit(code: number): void;
}

export class Stopping {
  readonly #parts: StoppingParts;
  #begun = false;

  constructor(parts: StoppingParts) {
    this.#parts = parts;
  }

  /** True once it takes on no more; a quit is an end at once. */
  get begun(): boolean {
    return this.#begun;
  }

  /** How long a drain may take unless the arbiter says so. */
  get graceMs(): number {
    return this.#parts.serving.boot?.plan.life.gracefulMs ?? 0;
  }

  /**
   * Finishes what is open within `graceMs`, then exits; a second call can only
   * shorten it. The `last` workers take on first what waits in the queue.
   */
  async drain(graceMs: number, last: boolean = false): Promise<void> {
    const { host, inflight, ending, sockets, recording, serving } = this.#parts;
    host.runtime.clock.after(graceMs, () => this.#timeOut(graceMs));
    if (this.#begun) return;
    this.#begun = true;
    if (last) await serving.place?.emptied(graceMs / 2);
    const opening = serving.queues?.halt();
    if (opening !== undefined) await opening;
    const { drainMs = 0 } = serving.boot?.plan.sockets ?? {};
    sockets.drain(Math.min(drainMs, graceMs));
    try {
      await serving.engine?.drain(() => host.send({ type: "closed" }));
    } catch (error) {
      // What is open cannot be told any more, or not be waited for.
      host.sayThrown(`Drain failed\n${stackOf(error)}`);
      serving.engine?.close();
    }
    await inflight.idle();
    const recorded = recording.recordLast();
    if (recorded !== undefined) await recorded;
    serving.app?.listens?.end();
    ending.end({ code: 0, stop: true });
  }

  /** Exits without a drain, after what the app does at its end, for which it has `graceMs`. */
  async cut(graceMs: number): Promise<void> {
    const { host, ending, serving, sockets } = this.#parts;
    host.runtime.clock.after(graceMs, () => this.#timeOut(graceMs));
    this.#begun = true;
    if (sockets.size > 0) await sockets.close(GOING, GOING_MS);
    serving.engine?.close();
    serving.app?.listens?.end();
    ending.end({
      code: 0,
      stop: true,
      first: "workerInt",
      signal: "SIGINT",
    });
  }

  /** Exits without a drain. */
  async quit(): Promise<void> {
    const { ending, serving, sockets } = this.#parts;
    if (sockets.size > 0) await sockets.close(GOING, GOING_MS);
    serving.engine?.close();
    ending.end({
      code: 0,
      stop: false,
      first: "workerInt",
      withinMs: QUIT_MS,
    });
  }

  /** The graceful timeout is over. */
  #timeOut(graceMs: number): void {
    const { host, ending, recording, serving, exit } = this.#parts;
    const what = ending.begun
      ? `Exit before ${ending.stage}`
      : `Cut ${this.#held()}`;
    host.say(
      "warning",
      `${what}: the graceful timeout of ${graceMs / 1000} s is over`,
    );
    if (ending.begun) return exit(0);
    serving.engine?.close();
    const end = () => {
      serving.app?.listens?.end();
      ending.end({ code: 0, stop: true, withinMs: CUT_MS });
    };
    const recorded = recording.recordLast();
    if (recorded === undefined) end();
    else void recorded.then(end);
  }

  /** What holds a drain, in words. */
  #held(): string {
    const { inflight, sockets: { size, expected } } = this.#parts;
    const { open, queued, held } = inflight;
    const parts = [
      open > 0 && countOf(open, "open request"),
      queued > 0 && countOf(queued, "waiting request"),
      size > 0 && countOf(size, "open WebSocket"),
      expected > 0 && countOf(expected, "unanswered handshake"),
    ].filter((part) => part !== false);
    if (parts.length > 0) return parts.join(" and ");
    if (held > 0) {
      return "what goes on behind answers, as waitUntil() promises do";
    }
    // An engine does not tell bodies that are sent from clients that do not close.
    return "answers that go on, or connections that stay open";
  }
}

/** What a worker tells of itself and its requests, each second while it is asked to. */
import { takeRefused } from "../../exchange/refused.ts";
import type { Inflight } from "../../gateway/call/inflight.ts";
import { Timing } from "../../gateway/call/timing.ts";
import { OLDEST } from "../../protocol/messages.ts";
import type { SeenFigures } from "../../protocol/messages.ts";
import type { RequestFigures } from "../../telemetry/request-figures.ts";
import { SocketFigures } from "../../telemetry/socket-figures.ts";
import type { Closeable } from "../../runtime/runtime.ts";
import { untilNext } from "./heartbeat.ts";
import type { WorkerHost } from "./worker-host.ts";

/** An idle worker tells how much memory it has after so many times of saying nothing. */
const REST = 5;

export class Figures {
  readonly #host: WorkerHost;
  readonly #inflight: Inflight;
  #requests: RequestFigures | undefined;
  /** Is told of WebSockets. */
  readonly sockets = new SocketFigures();
  #everyMs = 0;
  /** Times requests; undefined where a person never looked. */
  #timing: Timing | undefined;
  #seen = false;
  #timer: Closeable | undefined;
  /** The longest that the event loop was late, since it was told. */
  #lagMs = 0;
  #rested = 0;
  #told = { requests: 0, open: 0, cpuMs: 0, busyMs: 0 };

  constructor(host: WorkerHost, inflight: Inflight) {
    this.#host = host;
    this.#inflight = inflight;
  }

  /** Tells of these requests, too. */
  use(requests: RequestFigures): void {
    this.#requests = requests;
  }

  /** Tells each `everyMs` from now on, and at once; 0 for not at all. More is told while it is `seen`. */
  tellEvery(everyMs: number, seen = false): void {
    this.#timer?.close();
    if (this.#everyMs === 0) this.#lagMs = 0;
    this.#everyMs = everyMs;
    this.#seen = seen;
    if (seen) this.#time();
    else if (this.#inflight.timing !== undefined) {
      this.#inflight.timing = undefined;
      this.#timing?.rest();
    }
    if (everyMs === 0) return;
    this.#send();
    this.#plan();
  }

  /** Times requests while a person looks. */
  #time(): void {
    this.#inflight.timing = this.#timing ??= new Timing();
  }

  /** Notes how late the event loop was. */
  noteLag(ms: number): void {
    if (ms > this.#lagMs) this.#lagMs = ms;
  }

  /** Tells what is left, at the end. */
  close(): void {
    this.#timer?.close();
    if (this.#everyMs > 0 || this.#hasMore()) this.#send();
  }

  #plan(): void {
    const { clock } = this.#host.runtime;
    this.#timer = clock.pulse(
      untilNext(clock, this.#everyMs),
      () => this.#tell(),
    );
  }

  #tell(): void {
    this.#plan();
    const { requests, open } = this.#told;
    const idle = this.#inflight.requests === requests &&
      this.#inflight.open === 0 && open === 0 && !this.#hasMore();
    // For a person silence is a sign of a worker that is blocked.
    if (this.#seen) this.#rested = REST;
    if (idle && ++this.#rested < REST) return;
    this.#rested = 0;
    this.#send();
  }

  #send(): void {
    const { requests, open, queued } = this.#inflight;
    const { cpuMs, busyMs, rss, heapUsed } = this.#host.runtime.self.usage();
    const refused = takeRefused();
    const told = this.#told;
    const sockets = this.sockets.take();
    this.#told = { requests, open, cpuMs, busyMs: busyMs ?? 0 };
    this.#host.send({
      type: "figures",
      requests,
      open,
      queued,
      cpuMs: Math.max(0, cpuMs - told.cpuMs),
      ...(busyMs !== undefined && {
        busyMs: Math.max(0, busyMs - told.busyMs),
      }),
      rss,
      heapUsed,
      lagMs: Math.max(0, this.#lagMs),
      ended: this.#requests?.take() ?? [],
      ...(sockets && { sockets }),
      ...(refused.length > 0 && { refused }),
      ...(this.#inflight.timing && { seen: this.#see(this.#inflight.timing) }),
    });
    this.#lagMs = 0;
  }

  /** True where requests or WebSockets are untold that are measured. */
  #hasMore(): boolean {
    return this.#requests !== undefined &&
      (this.#requests.any || this.sockets.changed);
  }

  #see(timing: Timing): SeenFigures {
    const oldest = this.#inflight.list().slice(0, OLDEST)
      .map(({ method, path, ms }) => ({ method, path, ms }));
    return { ...timing.take(), oldest };
  }
}

/** A machine on which a corn runs that commands can ask, all in memory. */
import type { Config } from "../../../src/config/table/types.ts";
import { Chronicle } from "../../../src/control/chronicle.ts";
import { DoorServer } from "../../../src/control/door/server.ts";
import { controlRoutes } from "../../../src/control/routes.ts";
import type {
  Address,
  Outlet,
  OutletEvents,
  Receiver,
} from "../../../src/runtime/runtime.ts";
import { FakeRuntime } from "./runtime.ts";
import { FakeSubject } from "./subject.ts";

/** Where the corn's control socket is. */
export const SOCKET = "/tmp/corn-0/99.sock";

/** What is dialled at `SOCKET` reaches the corn, whose clock is the machine's. */
export class ControlledRuntime extends FakeRuntime {
  readonly subject: FakeSubject;
  chronicle: Chronicle;
  /** The sockets that something answers at. */
  readonly answering = new Set([SOCKET]);
  #door: DoorServer;
  readonly #knows: (path: string) => boolean;
  readonly #shut = new Set<() => void>();
  readonly #streams = new Set<{ pending: number }>();

  /** A corn that knows only some paths is one of another version. */
  constructor(config: Config, knows: (path: string) => boolean = () => true) {
    super();
    this.subject = new FakeSubject(config, this.clock);
    this.#knows = knows;
    this.chronicle = new Chronicle(() => this.clock.date());
    this.files.texts.set(SOCKET, "");
    this.pids.add(this.subject.pid);
    this.#door = this.#openDoor();
    this.answers = (address?: Address) => {
      const { path = "" } = address as { readonly path?: string };
      return Promise.resolve(this.answering.has(path));
    };
  }

  #openDoor(): DoorServer {
    return new DoorServer({
      routes: controlRoutes({
        subject: this.subject,
        chronicle: this.chronicle,
        began: { at: this.clock.date(), now: this.clock.now() },
      }).filter(({ path }) => this.#knows(path)),
      readOnly: false,
      overNetwork: false,
      most: 16,
      clock: this.clock,
      report: (error) => {
        throw error;
      },
    });
  }

  override dial(receiver: Receiver, events: OutletEvents): Outlet {
    let open = true;
    const tell = (run: () => void) =>
      queueMicrotask(() => {
        if (open) run();
      });
    const { path } = receiver as { readonly path: string };
    if (!this.answering.has(path)) {
      tell(() => events.onShut(new Error("ENOENT")));
      return { send() {}, close: () => void (open = false) };
    }
    const shut = () =>
      tell(() => {
        open = false;
        events.onShut(undefined);
      });
    const stream = {
      pending: 0,
      write: (bytes: Uint8Array) => tell(() => events.onData?.(bytes)),
      pause() {},
      resume() {},
      end: shut,
      cut: shut,
    };
    this.#streams.add(stream);
    const corn = this.#door.accept(stream);
    this.#shut.add(shut);
    tell(() => events.onOpen?.());
    return {
      send: (bytes, told) => {
        corn.onData(bytes.slice());
        tell(() => told(undefined));
      },
      close: () => {
        if (!open) return;
        open = false;
        this.#shut.delete(shut);
        this.#streams.delete(stream);
        corn.onEnd();
        corn.onClose();
      },
    };
  }

  /** More was sent to those that are connected than they have read. */
  overwhelm(): void {
    for (const stream of this.#streams) stream.pending = 100_000;
  }

  /** Another arbiter answers in the place of this one, which has ended. */
  succeed(): void {
    this.cut();
    this.pids.delete(this.subject.pid);
    this.subject.pid++;
    this.pids.add(this.subject.pid);
    this.chronicle = new Chronicle(() => this.clock.date());
    this.#door = this.#openDoor();
  }

  /** Ends all connections. */
  cut(): void {
    for (const shut of this.#shut) shut();
    this.#shut.clear();
    this.#streams.clear();
  }

  /** The corn ends: its connections do, and nothing answers any more. */
  end(): void {
    this.answering.delete(SOCKET);
    this.pids.delete(this.subject.pid);
    this.cut();
  }
}

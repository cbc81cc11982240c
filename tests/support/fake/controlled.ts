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
  readonly chronicle: Chronicle;
  /** The sockets that something answers at. */
  readonly answering = new Set([SOCKET]);
  readonly #door: DoorServer;
  readonly #shut = new Set<() => void>();

  /** A corn that knows only some paths is one of another version. */
  constructor(config: Config, knows: (path: string) => boolean = () => true) {
    super();
    this.subject = new FakeSubject(config, this.clock);
    this.chronicle = new Chronicle(() => this.clock.date());
    this.files.texts.set(SOCKET, "");
    this.pids.add(this.subject.pid);
    this.#door = new DoorServer({
      routes: controlRoutes({
        subject: this.subject,
        chronicle: this.chronicle,
        began: { at: this.clock.date(), now: 0 },
      }).filter(({ path }) => knows(path)),
      readOnly: false,
      overNetwork: false,
      most: 16,
      clock: this.clock,
      report: (error) => {
        throw error;
      },
    });
    this.answers = (address?: Address) => {
      const { path = "" } = address as { readonly path?: string };
      return Promise.resolve(this.answering.has(path));
    };
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
    const corn = this.#door.accept({
      pending: 0,
      write: (bytes) => tell(() => events.onData?.(bytes)),
      pause() {},
      resume() {},
      end: shut,
      cut: shut,
    });
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
        corn.onEnd();
        corn.onClose();
      },
    };
  }

  /** The corn ends: its connections do, and nothing answers any more. */
  end(): void {
    this.answering.delete(SOCKET);
    this.pids.delete(this.subject.pid);
    for (const shut of this.#shut) shut();
  }
}

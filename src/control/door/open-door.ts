/**
 * A door: a table of routes, served over HTTP/1.1 on a unix socket or a TCP
 * port of the arbiter's own. At first it is a listening socket and nothing else:
 * the server and what its routes need are loaded with the first client, or
 * before, see `prepare`.
 */
import type {
  Address,
  Clock,
  Runtime,
  Stream,
  StreamEvents,
  UnixAccess,
} from "../../runtime/runtime.ts";
import { messageOf } from "../../base/errors.ts";
import type { Route } from "./route.ts";
import type { DoorServer } from "./server.ts";

/** Answers that may be waited for at a time, and clients that may listen to events beside them. */
const MOST = 16;

/** Clients that wait for the server to be there. */
const MOST_WAITING = 128;

/** How long a client that is refused may take to read so, and how many are let do so at a time. */
const REFUSED_MS = 2000;
const MOST_REFUSED = 64;

/** How long clients may take what was answered last, once the door is closed. */
const CLOSE_MS = 500;
const LOOK_MS = 10;

export interface DoorOptions extends UnixAccess {
  /** Gives what may be asked; called once, with the first client. */
  routes(): readonly Route[] | Promise<readonly Route[]>;
  /** True where GET is all that may be asked. */
  readonly readOnly: boolean;
  /** Names beside `localhost` and IP addresses that may be asked for over TCP. */
  readonly hosts?: readonly string[] | "any";
  /** True to share a TCP port with another process of this user that says so too. */
  readonly reusePort?: boolean;
  /** True to leave a unix socket's name to a server that has it. */
  readonly exclusive?: boolean;
  /** Says what went wrong, in a line. */
  report(text: string): void;
}

export interface Door {
  readonly address: Address;
  /** False where the path of its unix socket was removed, or leads to another socket by now: no client can connect then. */
  isNamed(): boolean;
  /** Loads what answers before a client comes: a deploy may replace the code on disk later. Never rejects. */
  prepare(): Promise<void>;
  /** Lets no new client in; resolves when those that asked have their answers, and after half a second at the latest. */
  close(): Promise<void>;
}

type DoorRuntime = Pick<Runtime, "acceptStreams"> & {
  readonly clock: Pick<Clock, "now" | "after">;
};

/**
 * Opens a door.
 *
 * ```ts
 * const door = await openDoor(runtime, { kind: "tcp", host, port }, {
 *   routes: async () => (await import("../control/figures.ts")).figureRoutes(arbiter),
 *   readOnly: true,
 *   unixMode: 0o600,
 *   report: (text) => log.warning(text),
 * });
 * ```
 *
 * @throws the system's error where it cannot listen
 */
export async function openDoor(
  runtime: DoorRuntime,
  address: Address,
  options: DoorOptions,
): Promise<Door> {
  const hall = new Hall(runtime.clock, address, options);
  const listener = await runtime.acceptStreams(address, {
    unixMode: options.unixMode,
    unixOwner: options.unixOwner,
    reusePort: options.reusePort ?? false,
    exclusive: options.exclusive ?? false,
    accept: (stream) => hall.accept(stream),
  });
  return {
    address: listener.address,
    isNamed: () => listener.isNamed(),
    prepare: () => hall.prepare(),
    async close() {
      listener.close();
      await hall.close();
    },
  };
}

/** Where clients are until the server is there. */
class Hall {
  readonly #clock: DoorRuntime["clock"];
  readonly #address: Address;
  readonly #options: DoorOptions;
  #loading: Promise<DoorServer> | undefined;
  #server: DoorServer | undefined;
  #waiting = 0;
  #refused = 0;

  constructor(
    clock: DoorRuntime["clock"],
    address: Address,
    options: DoorOptions,
  ) {
    this.#clock = clock;
    this.#address = address;
    this.#options = options;
  }

  accept(stream: Stream): StreamEvents {
    if (this.#waiting >= MOST_WAITING || this.#server?.makeRoom() === false) {
      return this.#refuse(stream, "busy", "Too many clients");
    }
    if (this.#server !== undefined) return this.#server.accept(stream);
    this.#waiting++;
    const visitor = new Visitor();
    this.#ready().then(
      (server) => visitor.lead(server.accept(stream)),
      (error) => {
        this.#options.report(
          `Cannot answer at the control socket or --admin: ${
            messageOf(error)
          }; where corn's own files were replaced, USR2 or a restart helps`,
        );
        visitor.lead(
          this.#refuse(stream, "failed", "corn cannot load what answers here"),
        );
      },
    ).finally(() => this.#waiting--);
    return visitor;
  }

  /** Tells a client that it is not served. */
  #refuse(stream: Stream, code: string, message: string): StreamEvents {
    if (this.#refused >= MOST_REFUSED) {
      stream.cut();
      return { onData() {}, onEnd() {}, onClose() {} };
    }
    this.#refused++;
    stream.write(refusalBytes(code, message));
    stream.end();
    // One that does not end its side would keep the descriptor.
    const timer = this.#clock.after(REFUSED_MS, () => stream.cut());
    return {
      onData() {},
      onEnd: () => stream.cut(),
      onClose: () => {
        timer.close();
        this.#refused--;
      },
    };
  }

  async prepare(): Promise<void> {
    // What is wrong is told with the first client.
    await this.#ready().catch(() => {});
  }

  #ready(): Promise<DoorServer> {
    return this.#loading ??= this.#load().catch((error) => {
      // It may be there again for the next client, as after npm ci.
      this.#loading = undefined;
      throw error;
    });
  }

  async #load(): Promise<DoorServer> {
    const [{ DoorServer }, routes] = await Promise.all([
      import("./server.ts"),
      this.#options.routes(),
    ]);
    const { readOnly, hosts, report } = this.#options;
    return this.#server = new DoorServer({
      routes,
      readOnly,
      hosts,
      overNetwork: this.#address.kind === "tcp",
      most: MOST,
      clock: this.#clock,
      report: (error) => report(`Cannot answer: ${messageOf(error)}`),
    });
  }

  async close(): Promise<void> {
    const server = this.#server;
    server?.close();
    const until = this.#clock.now() + CLOSE_MS;
    while (server?.busy && this.#clock.now() < until) {
      await new Promise<void>((resolve) =>
        void this.#clock.after(LOOK_MS, resolve)
      );
    }
    server?.cut();
  }
}

/** A client that came before the server was there. */
class Visitor implements StreamEvents {
  #events: StreamEvents | undefined;
  readonly #happened: ((events: StreamEvents) => void)[] = [];

  lead(events: StreamEvents): void {
    this.#events = events;
    for (const tell of this.#happened.splice(0)) tell(events);
  }

  #tell(tell: (events: StreamEvents) => void): void {
    if (this.#events === undefined) this.#happened.push(tell);
    else tell(this.#events);
  }

  onData(bytes: Uint8Array): void {
    this.#tell((events) => events.onData(bytes));
  }

  onEnd(): void {
    this.#tell((events) => events.onEnd());
  }

  onTaken(): void {
    this.#events?.onTaken?.();
  }

  onClose(): void {
    this.#tell((events) => events.onClose());
  }
}

function refusalBytes(code: string, message: string): Uint8Array {
  const body = `${JSON.stringify({ error: { code, message } })}\n`;
  return new TextEncoder().encode(
    `HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\n` +
      `content-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
  );
}

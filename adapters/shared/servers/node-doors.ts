/** TLS before `node:http`: sockets of secure sources are given to HTTP once their handshake is over. */
import type { Server as HttpServer } from "node:http";
import { createServer } from "node:net";
import type { Server, Socket } from "node:net";
import { summarisedFailures } from "../../../src/base/http/failed-handshakes.ts";
import { noteHandshake } from "../../../src/base/http/noted-handshake.ts";
import type {
  EngineOptions,
  Place,
  TlsMaterial,
} from "../../../src/runtime/runtime.ts";
import { clock } from "../machine/machine.ts";
import { peerOfSocket } from "../sockets/peer.ts";
import type { TlsDoor } from "./tls-door.ts";

/** What handshakes get that are under way when a drain begins, at least. */
const LAST_HANDSHAKES_MS = 500;

export interface NodeDoorsOptions
  extends Pick<EngineOptions, "tls" | "handshakeMs" | "report" | "place"> {
  /** Called after each handshake that failed: it may have been the last. */
  onFailed(): void;
}

export class NodeDoors {
  readonly #options: NodeDoorsOptions;
  readonly #doors: TlsDoor[] = [];
  readonly #onHandshakeFailure: ReturnType<typeof summarisedFailures>;
  #material: TlsMaterial | undefined;

  constructor(options: NodeDoorsOptions) {
    this.#options = options;
    this.#material = options.tls;
    this.#onHandshakeFailure = summarisedFailures({ ...options, clock });
  }

  /** True while handshakes are under way. */
  get shaking(): boolean {
    return this.#doors.some(({ size }) => size > 0);
  }

  /** A server whose sockets `http` gets once they are secure; undefined where there is nothing to speak TLS with. */
  async serve(http: HttpServer): Promise<Server | undefined> {
    const { handshakeMs, place } = this.#options;
    if (this.#material === undefined) return undefined;
    const { TlsDoor } = await import("./tls-door.ts");
    const door = new TlsDoor(this.#material, handshakeMs);
    this.#doors.push(door);
    // It sets its timers for heads and requests, as it does where it listens.
    http.emit("listening");
    return createServer({ noDelay: true }, (socket) => {
      this.#take(socket, { door, http, place });
    });
  }

  /** Lets handshakes take no longer than a drain, or a connection that is kept. */
  hurry(keepAliveMs: number): void {
    const ms = Math.max(keepAliveMs, LAST_HANDSHAKES_MS);
    for (const door of this.#doors) door.hurry(ms);
  }

  rekey(newer: TlsMaterial): void {
    for (const door of this.#doors) door.rekey(newer);
    this.#material = newer;
  }

  close(): void {
    for (const door of this.#doors) door.close();
  }

  #take(
    socket: Socket,
    { door, http, place }: {
      readonly door: TlsDoor;
      readonly http: HttpServer;
      readonly place: Place | undefined;
    },
  ): void {
    const peer = peerOfSocket(socket);
    place?.expect(socket);
    door.take(socket, {
      onSecure(secure, handshake) {
        place?.leave(socket);
        noteHandshake(secure, handshake);
        http.emit("connection", secure);
      },
      onFailed: (reason) => {
        place?.leave(socket);
        if (reason !== undefined) this.#onHandshakeFailure({ peer, reason });
        this.#options.onFailed();
      },
    });
  }
}

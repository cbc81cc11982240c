/** What becomes of the servers that the app makes for itself. */
import type {
  ListeningServer,
  ListenVerdict,
} from "../../runtime/listening.ts";

export interface CaptureRules {
  /** Ports that the app may open itself. */
  readonly allowed: readonly number[];
  /** True where a server is the app, whatever the module exports. */
  readonly insists: boolean;
}

/**
 * The first server that speaks HTTP is the app, or its author's way to serve
 * it: it is held, and its port is not opened. Another that asks for a port is
 * refused: each worker would open it, where only one can. A free port and a path
 * cannot collide.
 */
export class Capture {
  readonly #rules: CaptureRules;
  #held: ListeningServer | undefined;
  #hold: () => void = () => {};
  #letFree = false;
  /** True once a module's export is the app. */
  #beside = false;
  /** Resolves when a server is held. */
  readonly first: Promise<void> = new Promise((resolve) =>
    this.#hold = resolve
  );

  constructor(rules: CaptureRules) {
    this.#rules = rules;
  }

  /** The server that is held. */
  get server(): ListeningServer | undefined {
    return this.#held;
  }

  /** True where a server that speaks HTTP listens at a free port of its own. */
  get letFree(): boolean {
    return this.#letFree;
  }

  /** True where an export is the app. */
  get isBeside(): boolean {
    return this.#beside;
  }

  onListen(server: ListeningServer): ListenVerdict {
    const { port } = server;
    const { allowed, insists } = this.#rules;
    if (port !== undefined && allowed.includes(port)) return "let";
    const asks = port !== 0 && (port !== undefined || !this.#beside);
    if (
      this.#held === undefined && server.app !== undefined && (insists || asks)
    ) {
      this.#held = server;
      this.#hold();
      return "hold";
    }
    if (server.portless && this.#held !== undefined) {
      return this.#refusal(server);
    }
    if (port === 0 && server.app !== undefined) this.#letFree = true;
    return port === undefined || port === 0 ? "let" : this.#refusal(server);
  }

  /**
   * An export of the module is the app: what it listens at besides is not
   * opened, unless it cannot collide. The server itself may be that export.
   */
  yield(made?: unknown): ListeningServer | undefined {
    const server = this.#held;
    if (made !== undefined && made === server?.app?.server) return server;
    this.#beside = true;
    if (server === undefined || server.port !== undefined) return server;
    this.#held = undefined;
    server.release();
    return undefined;
  }

  /** For one that asks for a port, or that was told one which the address of a held server has not. */
  #refusal({ port, call }: ListeningServer): Error {
    const held = this.#held;
    const why = held === undefined
      ? "each worker of corn would, and corn can serve HTTP/1.1 alone in its place"
      : `corn serves ${held.asked} in its place, and this one each worker would open`;
    const by = call === undefined ? "" : ` by ${call}`;
    const text = port === undefined
      ? `Cannot listen on a port that is undefined: ${why}`
      : `Cannot listen on port ${port}${by}: ${why}; --allow-listen ${port} leaves it to the app`;
    return Object.assign(new Error(text), {
      code: "EACCES",
      syscall: "listen",
      port,
    });
  }
}

/** The line that says how a held server is served. */
export function describeCapture(
  server: ListeningServer,
  { text, url, exported, own }: {
    /** The app as it was asked for. */
    readonly text: string;
    /** Where corn serves. */
    readonly url: string;
    /** The port that corn serves at; undefined at a Unix socket. */
    readonly own: number | undefined;
    /** True where an export is served instead. */
    readonly exported: boolean;
  },
): string {
  const { asked, port, secure } = server;
  if (exported) {
    // By PORT most ask for corn's own, which nothing else can open.
    const way = port === own ? "" : ` (--allow-listen ${port} would)`;
    return `${text} exports its app and listens itself: the export is served, ${asked} is not opened${way}`;
  }
  const plain = secure ? ", as plain HTTP without its TLS" : "";
  return `${text} listens itself: its ${asked} is served at ${url}${plain}`;
}

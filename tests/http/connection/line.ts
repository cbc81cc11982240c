/** A connection of the wire engine whose bytes, clock and app are the test's. */
import { Buffer } from "node:buffer";
import { answerLater } from "../../../src/base/http/answer.ts";
import { Connection } from "../../../src/http/connection/connection.ts";
import { defaultLimits } from "../../../src/http/h1/limits.ts";
import type { ExchangeObserver } from "../../../src/exchange/exchange.ts";
import type { Peer } from "../../../src/runtime/runtime.ts";
import type { WireLimits } from "../../../src/http/h1/limits.ts";
import type { TlsHandshake } from "../../../src/runtime/tls.ts";
import type { Channel } from "../../../src/runtime/transport.ts";
import { Turns } from "../../../src/http/output/turns.ts";
import { installGlobals } from "../../../src/http/web/globals.ts";
import { runtimeName } from "../../support/process/command.ts";
import { optionsWith } from "../h1/read.ts";

installGlobals(globalThis, runtimeName === "bun" ? "memo" : "light");

export type App = (request: Request) => Response | Promise<Response>;

export interface LineOptions {
  readonly keepAliveMs?: number;
  readonly limits?: Partial<WireLimits>;
  readonly observer?: ExchangeObserver;
  /** What the channel comes from. */
  readonly peer?: Peer;
  /** What the handshake of TLS came to, where the channel speaks that; undefined until it is over. */
  readonly tls?: () => TlsHandshake | undefined;
}

/** What the client sees and does. */
export interface Line {
  /** What came out. */
  output(): string;
  /** How the server ended it. */
  readonly ending: () => "end" | "cut" | "reset" | undefined;
  readonly paused: () => boolean;
  /** What it reads and what it writes. */
  readonly state: () => string;
  readonly reports: readonly string[];
  /** How often the engine was told that it is closed. */
  readonly closes: () => number;
  /** How many writes there were. */
  readonly writes: () => number;
  /** Sends text, a byte each character. */
  send(text: string): void;
  /** Sends no more. */
  finish(): void;
  /** Leaves. */
  leave(): void;
  /** Is gone, which the connection is told by `leave`. */
  die(): void;
  /** Gives the time from now on, and what was lost of it. */
  clock(now: () => number, lost?: () => number): void;
  /** Takes nothing from now on, or all again. */
  stall(on: boolean): void;
  /** How much it has not taken, while it takes nothing. */
  pending(size: number): void;
  drain(): void;
  /** Ends it now, as the engine does. */
  cut(): void;
  /** Moves the clock, looking at the connection as often as the engine does. */
  pass(ms: number): void;
}

export function open(app: App, options: LineOptions = {}): Line {
  let output = "";
  let writes = 0;
  let closes = 0;
  let ending: "end" | "cut" | "reset" | undefined;
  let paused = false;
  let stalled = false;
  let pending = 1;
  let dead = false;
  let gone = false;
  let clock: (() => number) | undefined;
  let lost = () => 0;
  // As if the process had lived for long.
  let now = 1_000_000;
  let draining = false;
  const reports: string[] = [];
  const channel: Channel = {
    lends: true,
    ...(options.tls && { secure: true, tls: options.tls }),
    write(text, bytes, after = "") {
      if (dead) return false;
      writes++;
      output += text;
      if (bytes !== undefined) output += Buffer.from(bytes).toString("latin1");
      output += after;
      return !stalled;
    },
    pending: () => stalled ? pending : 0,
    pause: () => void (paused = true),
    resume: () => void (paused = false),
    end: () => void (ending ??= "end"),
    cut(reset) {
      ending = reset ? "reset" : "cut";
      gone = true;
      connection.onClose();
    },
    peer: () => options.peer,
    setPeer() {},
    env: () => ({}),
  };
  const limits = { ...defaultLimits, ...options.limits };
  const connection = new Connection(channel, {
    handler: {
      fetch(request, _env, finish) {
        const answer = app(request);
        if (!(answer instanceof Promise)) return answer;
        const settled = answer.catch(() => new Response("", { status: 500 }));
        return answerLater(settled, finish);
      },
    },
    observer: options.observer,
    limits,
    parser: optionsWith(limits),
    secureParser: {
      ...optionsWith(limits),
      origin: "https://localhost",
      secure: true,
    },
    transport: {
      byteLength: (text) => Buffer.byteLength(text),
      join: (pieces) => new Uint8Array(Buffer.concat(pieces)),
      soon: (run) => void setImmediate(run),
    },
    turns: new Turns((run) => void setImmediate(run)),
    keepAliveMs: options.keepAliveMs ?? 5000,
    get draining() {
      return draining;
    },
    now: () => clock?.() ?? now,
    lost: () => lost(),
    dateLine: () => "date: now\r\n",
    report: (text) => void reports.push(text),
    onClose: () => void closes++,
    onLeave() {},
  });
  return {
    output: () => output,
    ending: () => ending,
    paused: () => paused,
    state: () => `${connection.reading} × ${connection.writing}`,
    reports,
    closes: () => closes,
    writes: () => writes,
    send(text) {
      const bytes = new Uint8Array(Buffer.from(text, "latin1"));
      connection.onData(bytes);
      // They were lent.
      bytes.fill(0);
    },
    finish: () => connection.onEnd(),
    leave: () => connection.onClose(),
    die: () => void (dead = true),
    clock(given, lostBy = () => 0) {
      clock = given;
      lost = lostBy;
    },
    stall(on) {
      stalled = on;
      if (!on) connection.onDrain();
    },
    pending: (size) => void (pending = size),
    drain: () => void (draining = true),
    cut: () => connection.cut(),
    pass(ms) {
      for (const end = now + ms; now < end;) {
        now = Math.min(end, now + 250);
        // The engine forgets who is gone.
        if (!gone) connection.check(now);
      }
    },
  };
}

/** Lets everything that waits go on. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5));
}

/** A stream whose parts the test gives. */
export function gated(): {
  stream: ReadableStream<Uint8Array>;
  give: (text: string) => void;
  end: () => void;
  fail: (error: Error) => void;
  cancelled: () => unknown;
} {
  let controller: ReadableStreamDefaultController<Uint8Array>;
  let cancelled: unknown;
  const stream = new ReadableStream<Uint8Array>({
    start: (given) => void (controller = given),
    cancel: (reason) => void (cancelled = reason),
  });
  return {
    stream,
    give: (text) => controller.enqueue(Buffer.from(text)),
    end: () => controller.close(),
    fail: (error) => controller.error(error),
    cancelled: () => cancelled,
  };
}

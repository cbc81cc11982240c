/**
 * The channel between a process of corn and one that it started: a socket pair
 * of their own, with JSON in it, a line each. A runtime's own channel
 * (`process.send`) is open to the app, and each runtime's parent end of it
 * believes what comes.
 */
import type { ChildProcess as NodeChild } from "node:child_process";
import type { Socket } from "node:net";

/** Tells a child which of its descriptors the channel is; taken out of its environment at its start. */
export const CHANNEL_VARIABLE = "CORN_INTERNAL_CHANNEL";

/** Tells a child which descriptors came with it that are none of its business. */
export const FOREIGN_VARIABLE = "CORN_INTERNAL_FOREIGN";

/** More of a line without an end is not held, in bytes or UTF-16 units. */
const MAX_MESSAGE = 2 * 1024 * 1024;

/** What comes out of a channel. */
export interface ChannelEvents {
  /** Takes a message; a line that is no JSON is undefined. */
  onMessage(message: unknown): void;
  /** A line was longer than it may be: nothing more is read. */
  onOverlong?(): void;
}

/** One end of a channel. */
export interface ChannelEnd {
  readonly connected: boolean;
  /** Bytes that the system has not taken yet. */
  readonly waiting: number;
  /** Sends a message, at once where the system takes it; false where the channel is closed. */
  send(message: unknown): boolean;
  /** Runs once when the channel has closed and everything was read. */
  onceClosed(run: () => void): void;
  /** Lets go of it. */
  release(): void;
}

/** A channel to a child that is not started yet. */
export interface NewChannel {
  /** What the child is started with behind its streams. */
  readonly stdio: readonly "pipe"[];
  /** What the child must be told. */
  readonly env: Readonly<Record<string, string>>;
  /** Begins when the child is started. */
  attach(child: NodeChild, events: ChannelEvents): ChannelEnd;
  /** Lets go of it when the child could not be started. */
  cancel(): void;
}

// What an app puts in their place, such as one that indents, is not for the channel.
const { parse, stringify } = JSON;

/** Behind standard input, output and error. */
const FIRST = 3;

/** A pair that the runtime makes: what it calls a pipe is one. */
export function openPipe(): NewChannel {
  return {
    stdio: ["pipe"],
    env: { [CHANNEL_VARIABLE]: String(FIRST) },
    attach(child, events) {
      // There is none where the child could not be started, and no list of them
      // where no descriptor was left (EMFILE), whatever the types say.
      const streams = child.stdio as NodeChild["stdio"] | undefined;
      const socket = streams?.[FIRST] as Socket | null | undefined;
      return socket ? channelOver(socket, events) : CLOSED;
    },
    cancel() {},
  };
}

const CLOSED: ChannelEnd = {
  connected: false,
  waiting: 0,
  send: () => false,
  onceClosed: (run) => run(),
  release() {},
};

/** A failure of the socket is its end, which "close" tells. */
function ignoreError(): void {}

/** Speaks over a socket. */
export function channelOver(
  socket: Socket,
  { onMessage, onOverlong }: ChannelEvents,
): ChannelEnd {
  let connected = true;
  let rest = "";
  const closed: (() => void)[] = [];
  const close = () => {
    if (!connected) return;
    connected = false;
    rest = "";
    for (const run of closed.splice(0)) run();
  };
  const take = (text: string) => {
    const lines = text.split("\n");
    lines[0] = rest + lines[0];
    rest = lines.pop() as string;
    for (const line of lines) {
      if (line.length > MAX_MESSAGE) return refuse();
      onMessage(parsed(line));
    }
    if (rest.length > MAX_MESSAGE) refuse();
  };
  const refuse = () => {
    socket.off("data", take);
    socket.destroy();
    onOverlong?.();
    close();
  };
  socket.setEncoding("utf8");
  socket.on("data", take);
  socket.on("error", ignoreError);
  // "close" may wait for what was written and is never read.
  socket.on("end", close);
  socket.on("close", close);
  return {
    get connected() {
      return connected;
    },
    get waiting() {
      return connected ? socket.writableLength : 0;
    },
    send(message) {
      if (!connected || !socket.writable) return false;
      socket.write(`${textOf(message)}\n`);
      return true;
    },
    onceClosed(run) {
      if (connected) closed.push(run);
      else run();
    },
    release: () => void socket.destroy(),
  };
}

/** A message as JSON; an app may have given all arrays or objects a `toJSON`, as Prototype.js does. */
function textOf(message: unknown): string {
  return "toJSON" in [] ? plainTextOf(message) ?? "null" : stringify(message);
}

/** The same without asking any `toJSON`; undefined for what is no JSON. */
function plainTextOf(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) return stringify(value);
  if (Array.isArray(value)) {
    return `[${value.map((one) => plainTextOf(one) ?? "null").join()}]`;
  }
  const members = Object.entries(value).flatMap(([name, one]) => {
    const text = plainTextOf(one);
    return text === undefined ? [] : [`${stringify(name)}:${text}`];
  });
  return `{${members.join()}}`;
}

function parsed(line: string): unknown {
  try {
    return parse(line);
  } catch {
    return undefined;
  }
}

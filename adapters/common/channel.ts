/** The channel to a child: JSON, a line each, the only form that works between different runtimes. */
import type { ChildProcess as NodeChild } from "node:child_process";
import type { Socket } from "node:net";

/** One child's channel. */
export interface ChildChannel {
  readonly connected: boolean;
  /** Sends a message; false where the channel is closed. */
  send(message: unknown): boolean;
  /** Runs once when the channel has closed and everything was read. */
  onceClosed(run: () => void): void;
  /** Lets go of it. */
  release(): void;
}

/** A channel to a child that is not started yet. */
export interface NewChannel {
  /** What the child is started with behind its streams. */
  readonly stdio: readonly "ipc"[];
  /** What the child must be told. */
  readonly env: Readonly<Record<string, string>>;
  /** Begins when the child is started. */
  attach(child: NodeChild, onMessage: (message: unknown) => void): ChildChannel;
  /** Lets go of it when the child could not be started. */
  cancel(): void;
}

/** A send whose channel has closed meanwhile is reported to this instead of as an uncaught error. */
function ignoreError(): void {}

/** The runtime's own way. */
export function openIpc(): NewChannel {
  return { stdio: ["ipc"], env: {}, attach: attachIpc, cancel() {} };
}

function attachIpc(
  child: NodeChild,
  onMessage: (message: unknown) => void,
): ChildChannel {
  child.on("message", onMessage);
  return {
    get connected() {
      return child.connected;
    },
    send(message) {
      if (!child.connected) return false;
      try {
        child.send(message as object, ignoreError);
        return true;
      } catch {
        return false; // The channel closed between the check and the call.
      }
    },
    onceClosed: (run) => void child.once("disconnect", run),
    release() {},
  };
}

/** Speaks over a socket as a runtime does over its channel. */
export function channelOver(
  socket: Socket,
  onMessage: (message: unknown) => void,
): ChildChannel {
  let connected = true;
  let rest = "";
  const closed: (() => void)[] = [];
  socket.setEncoding("utf8");
  socket.on("data", (text: unknown) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) receive(line, onMessage);
  });
  socket.on("error", ignoreError);
  socket.on("close", () => {
    connected = false;
    for (const run of closed.splice(0)) run();
  });
  return {
    get connected() {
      return connected;
    },
    send(message) {
      if (!connected || !socket.writable) return false;
      socket.write(`${JSON.stringify(message)}\n`);
      return true;
    },
    onceClosed(run) {
      if (connected) closed.push(run);
      else run();
    },
    release: () => void socket.destroy(),
  };
}

/** Hands a line on that holds a message; what else an app writes into the channel says nothing to corn. */
function receive(line: string, onMessage: (message: unknown) => void): void {
  let message: unknown;
  try {
    message = JSON.parse(line);
  } catch {
    return;
  }
  onMessage(message);
}

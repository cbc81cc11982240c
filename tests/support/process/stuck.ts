/** Readers of a server's output that stop reading and go on when they are told. */
import { execFileSync, spawn } from "node:child_process";
import { closeSync, constants, openSync, readSync } from "node:fs";
import { createServer } from "node:net";
import type { Socket } from "node:net";
import { join } from "node:path";
import { fixture } from "../promise.ts";
import { until } from "../wait.ts";

/** A terminal is one that the command may not open anew; an own one is that of its session. */
export type ReaderKind = "pipe" | "socket" | "terminal" | "own-terminal";

/** A reader of a command's output; it does not read unless it is told. */
export interface StuckReader extends AsyncDisposable {
  /** What comes before a command whose output it gets. */
  readonly wrapper: readonly string[];
  /** Reads what there is now and gives all that it has read. */
  read(): string;
}

/** Makes a reader of what a command prints to these descriptors; its path is in the folder. */
export async function makeReader(
  kind: ReaderKind,
  folder: string,
  descriptors = "1,2",
): Promise<StuckReader> {
  const wrapperFor = (path: string) => [
    ...["python3", fixture("stdio.py"), kind, path, descriptors],
  ];
  const path = join(folder, "reader");
  if (kind === "pipe") return pipeReader(path, wrapperFor(path));
  if (kind === "socket") return await socketReader(path, wrapperFor(path));
  return await terminalReader(wrapperFor);
}

function pipeReader(path: string, wrapper: readonly string[]): StuckReader {
  execFileSync("mkfifo", [path]);
  const pipe = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const room = new Uint8Array(64 * 1024);
  let text = "";
  return {
    wrapper,
    read() {
      for (;;) {
        const count = some();
        if (count === 0) return text;
        text += new TextDecoder().decode(room.subarray(0, count));
      }
    },
    [Symbol.asyncDispose]: () => Promise.resolve(closeSync(pipe)),
  };

  function some(): number {
    try {
      return readSync(pipe, room);
    } catch {
      return 0; // EAGAIN: nothing is there.
    }
  }
}

async function socketReader(
  path: string,
  wrapper: readonly string[],
): Promise<StuckReader> {
  let socket: Socket | undefined;
  let text = "";
  const server = createServer({ pauseOnConnect: true }, (one) => {
    socket = one.setEncoding("utf8");
    one.on("data", (more: string) => text += more).pause();
    one.on("error", () => {});
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    wrapper,
    read() {
      socket?.resume();
      // What has arrived is read in this turn of the loop or in the next ones.
      setTimeout(() => socket?.pause(), 5);
      return text;
    },
    async [Symbol.asyncDispose]() {
      socket?.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function terminalReader(
  wrapperFor: (path: string) => readonly string[],
): Promise<StuckReader> {
  const holder = spawn("python3", [fixture("terminal.py")], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  let text = "";
  holder.stdout.setEncoding("utf8").on("data", (more: string) => text += more);
  const ended = new Promise<void>((resolve) => holder.on("exit", resolve));
  const [path = ""] = await until(
    "a terminal",
    () => /^\/dev\/.+(?=\n)/.exec(text),
  );
  return {
    wrapper: wrapperFor(path),
    read() {
      holder.stdin.write("?");
      return text;
    },
    async [Symbol.asyncDispose]() {
      holder.stdin.end();
      await ended;
    },
  };
}

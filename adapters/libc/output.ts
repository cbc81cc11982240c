/** Standard output and standard error by libc. */
import { Buffer } from "node:buffer";
import process from "node:process";
import { writeByFs } from "../shared/output/outflow.ts";
import type { OutputWays } from "../shared/output/standard.ts";
import { withNonBlocking } from "./descriptor.ts";
import type { Argument, Libc, SymbolName } from "./libc.ts";
import { clearInterval, setInterval } from "../shared/originals/originals.ts";

const MAC = process.platform === "darwin";

// Values of <fcntl.h> and <sys/socket.h>: macOS, Linux (the same on x86-64 and arm64).
const O_CLOEXEC = MAC ? 0x1000000 : 0x80000;
const MSG_DONTWAIT = MAC ? 0x80 : 0x40;

/** For a socket that has a peer already. */
const NO_ADDRESS = new Uint8Array(1);

/** How often it is looked whether a pipe has a reader. */
const LOOK_MS = 250;

// Of <poll.h>, the same on macOS and Linux.
const POLLERR = 0x8;
const POLLHUP = 0x10;

/** Asked for nothing, poll(2) tells of the other end alone. */
function hasReader(libc: Libc, descriptor: number): boolean {
  // struct pollfd: the descriptor, and twice a short.
  const entry = new DataView(new ArrayBuffer(8));
  entry.setInt32(0, descriptor, true);
  libc.attempt("poll", new Uint8Array(entry.buffer), 1n, 0);
  return (entry.getInt16(6, true) & (POLLERR | POLLHUP)) === 0;
}

/** How a runtime writes by libc. Without it, on Deno, what is shared holds its writer up. */
export function waysOf(libc: Libc | undefined): OutputWays {
  if (libc === undefined) {
    return {
      open() {
        // Deno would put a permission that is missing as a question.
        throw new Error("nothing is opened anew without FFI");
      },
      write: writeByFs,
      writeShared: writeByFs,
    };
  }
  const some = (name: SymbolName, ...args: Argument[]) => {
    try {
      return libc.call(name, ...args);
    } catch (error) {
      const { code } = error as { code?: string };
      if (code === "EAGAIN" || code === "EINTR") return 0;
      throw error;
    }
  };
  const write: OutputWays["write"] = (descriptor, bytes) =>
    some("write", descriptor, bytes, BigInt(bytes.length));
  return {
    open: (path, flags) =>
      libc.call("open", Buffer.from(`${path}\0`), flags | O_CLOEXEC),
    write,
    watchReader(descriptor, run) {
      const timer = setInterval(() => {
        if (hasReader(libc, descriptor)) return;
        clearInterval(timer);
        run();
      }, LOOK_MS);
      return { close: () => clearInterval(timer) };
    },
    writeShared(descriptor, bytes, kind) {
      if (kind === "socket") {
        const to = [descriptor, bytes, BigInt(bytes.length)] as const;
        return some("sendto", ...to, MSG_DONTWAIT, NO_ADDRESS, 0);
      }
      const run = () => write(descriptor, bytes);
      // On macOS nothing can be opened anew, and whatever shares a shell's
      // terminal would find that non-blocking.
      return kind === "terminal" && MAC
        ? run()
        : withNonBlocking(libc, descriptor, run);
    },
  };
}

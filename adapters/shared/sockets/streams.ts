/** Connections that a process takes for itself, on `node:net`, which all three runtimes have. */
import { createServer } from "node:net";
import type { ListenOptions, Server, Socket } from "node:net";
import type {
  AcceptOptions,
  Address,
  Stream,
  StreamEvents,
  StreamListener,
} from "../../../src/runtime/runtime.ts";
import { isAbstract } from "../../../src/base/addresses/unix-names.ts";
import { addressFrom, answers } from "./address.ts";
import { nameRemover, ownName, watchName } from "./unix-name.ts";

/** See `Runtime.acceptStreams`. */
export async function acceptStreams(
  address: Address,
  options: AcceptOptions,
): Promise<StreamListener> {
  const server = createServer(
    { allowHalfOpen: true },
    (socket) => take(socket, options),
  );
  if (address.kind === "tcp") {
    const { host, port } = address;
    const { reusePort = false } = options;
    const listen: ListenOptions = { host, port, reusePort };
    await listening(server, () => void server.listen(listen));
    return {
      address: addressFrom(server.address(), address),
      isNamed: () => true,
      close: () => void server.close(),
    };
  }
  const own = ownName(address.path, options);
  await listening(
    server,
    () => own.bind(() => void server.listen({ path: own.path })),
  );
  try {
    if (options.exclusive) {
      await own.publishAlone(() => answers(address));
    } else own.publish();
  } catch (error) {
    server.close();
    throw error;
  }
  const remove = nameRemover(address.path);
  const isNamed = isAbstract(address.path)
    ? () => true
    : watchName(address.path);
  return {
    address,
    isNamed: () => isNamed(),
    close() {
      remove();
      server.close();
    },
  };
}

function listening(server: Server, listen: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.once("listening", () => {
      server.off("error", reject);
      // A connection that cannot be taken is its client's matter.
      server.on("error", () => {});
      resolve();
    });
    listen();
  });
}

function take(socket: Socket, { accept }: AcceptOptions): void {
  const stream = streamOf(socket, () => events.onTaken?.());
  socket.on("error", () => {}); // "close" follows.
  const events = accept(stream);
  listenTo(socket, events);
}

/** Tells what happens on a socket. */
export function listenTo(socket: Socket, events: StreamEvents): void {
  socket.on("data", (bytes) => events.onData(bytes as Uint8Array));
  socket.on("end", () => events.onEnd());
  socket.on("close", () => events.onClose());
}

/** A socket as `src` has it; `onTaken` is called in later turns. */
export function streamOf(
  socket: Socket,
  onTaken: () => void = () => {},
): Stream {
  let pending = 0;
  // It is gone with the connection.
  const from = socket.remoteAddress;
  return {
    from,
    get pending() {
      return pending;
    },
    write(bytes) {
      // A write would only raise an error; "close" follows.
      if (!socket.writable) return;
      pending += bytes.length;
      socket.write(bytes, () => {
        pending -= bytes.length;
        onTaken();
      });
    },
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    end: () => void socket.end(),
    cut: () => void socket.destroy(),
  };
}

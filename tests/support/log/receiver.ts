/** Receivers of syslog and statsd: real sockets of every kind. */
import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { createServer } from "node:net";
import type { Socket } from "node:net";
import { within } from "../wait.ts";

/** A socket that takes messages until it is closed. */
export interface TestReceiver {
  /** 0 for a unix socket. */
  readonly port: number;
  /** Datagrams one by one, or all the text of streams in one piece, as it came. */
  readonly messages: string[];
  /** All of them in one text. */
  text(): string;
  /** Cuts the streams that are open. */
  cut(): void;
  close(): Promise<void>;
}

/** Receives UDP datagrams on loopback. */
export async function receiveUdp(port = 0): Promise<TestReceiver> {
  const messages: string[] = [];
  const socket = createSocket("udp4");
  socket.on("message", (bytes) => messages.push(bytes.toString()));
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.bind(port, "127.0.0.1", resolve);
  });
  return {
    port: socket.address().port,
    messages,
    text: () => messages.join("\n"),
    cut() {},
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

/** Receives streams on a port of loopback (0 for any) or a unix socket, or only lets them wait. */
export async function receiveStream(
  where: number | string = 0,
  { reads = true }: { reads?: boolean } = {},
): Promise<TestReceiver> {
  const messages: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    if (reads) {
      socket.setEncoding("utf8");
      socket.on("data", (text) => messages.push(text as unknown as string));
    }
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    socket.unref();
  });
  // A test that fails leaves it open, and must end all the same.
  server.unref();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    if (typeof where === "string") server.listen(where, resolve);
    else server.listen(where, "127.0.0.1", resolve);
  });
  const cut = () => sockets.forEach((socket) => socket.destroy());
  const address = server.address();
  return {
    port: typeof address === "object" ? address?.port ?? 0 : 0,
    messages,
    text: () => messages.join(""),
    cut,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        cut();
      }),
  };
}

/** Binds a unix datagram socket and prints what comes, a JSON string a line; no runtime can. */
const DATAGRAMS = `
import json, os, socket, sys
path = sys.argv[1]
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind(path if path[0] != "@" else "\\0" + path[1:])
print("ready", flush=True)
while len(sys.argv) < 3:
    print(json.dumps(receiver.recv(65536).decode()), flush=True)
sys.stdin.read()
`;

/** Receives unix datagrams, by a Python program, or only lets them wait. */
export async function receiveUnixDatagrams(
  path: string,
  { reads = true }: { reads?: boolean } = {},
): Promise<TestReceiver> {
  const messages: string[] = [];
  const child = spawn("python3", [
    ...["-c", DATAGRAMS, path],
    ...(reads ? [] : ["waits"]),
  ], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = new Promise<void>((resolve) =>
    child.on("close", () => resolve())
  );
  const ready = new Promise<void>((resolve) => {
    let rest = "";
    child.stdout.setEncoding("utf8").on("data", (text) => {
      const lines = `${rest}${text}`.split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        if (line === "ready") resolve();
        else messages.push(JSON.parse(line));
      }
    });
  });
  await within("the datagram receiver", ready);
  return {
    port: 0,
    messages,
    text: () => messages.join("\n"),
    cut() {},
    close() {
      child.kill("SIGKILL");
      return ended;
    },
  };
}

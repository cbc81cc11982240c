/** A broadcast to the clients of all workers, by Redis, as the libraries have it. */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { RuntimeName } from "../../src/runtime/runtime.ts";
import { SocketClient } from "../support/client/web-socket.ts";
import { freePort } from "../support/machine/ports.ts";
import { findProgram } from "../support/machine/program.ts";
import { killMarked } from "../support/process/audit.ts";
import { startServer } from "../support/process/server.ts";
import { until, within } from "../support/wait.ts";

const LONG_MS = 90_000;
const WORKERS = 3;
/** The kernel chooses the worker: after so many clients each has had one. */
const MOST_CLIENTS = 60;

/** A library with its way to reach all workers. */
export interface BroadcastCase {
  readonly name: string;
  readonly package: string;
  readonly how: string;
  readonly file: string;
}

export const broadcasts: readonly BroadcastCase[] = [
  {
    name: "Socket.IO, by Redis",
    package: "@socket.io/redis-adapter",
    how: "`io.adapter(createAdapter(pub, sub))` of @socket.io/redis-adapter",
    file: "socket-io-redis.mjs",
  },
  {
    name: "ws, by Redis",
    package: "redis",
    how: "`sub.subscribe()` in each worker, and `ws`",
    file: "ws-redis.mjs",
  },
];

/** A client that knows its worker. */
interface Client {
  readonly worker: string;
  /** What it heard since. */
  readonly heard: readonly unknown[];
  say(text: string): void;
  close(): void;
}

/** True where Debian's redis-server is there. */
export function hasRedis(): boolean {
  return findProgram("redis-server") !== undefined;
}

async function startRedis(): Promise<{ url: string; close(): void }> {
  const port = await freePort();
  const redis = spawn(
    findProgram("redis-server") as string,
    ["--port", String(port), "--bind", "127.0.0.1", "--save", ""],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  let said = "";
  redis.stdout.on("data", (bytes: Uint8Array) => said += bytes);
  await until("Redis", () => /Ready to accept/.test(said), LONG_MS);
  return {
    url: `redis://127.0.0.1:${port}`,
    close: () => void redis.kill("SIGKILL"),
  };
}

/** The part of its client that is used. */
interface IoClient {
  emit(name: string, value: string): void;
  on(name: string, listener: (value: unknown) => void): void;
  close(): void;
}

async function openSocketIo(url: string, folder: string): Promise<Client> {
  const require = createRequire(join(folder, "package.json"));
  const { io } = require("socket.io-client") as {
    io(url: string, options: unknown): IoClient;
  };
  const client = io(url, {
    transports: ["websocket"],
    reconnection: false,
    forceNew: true,
  });
  const heard: unknown[] = [];
  client.on("news", (text) => heard.push(text));
  const worker = await within(
    "a worker's name",
    new Promise<unknown>((resolve, reject) => {
      client.on("worker", resolve);
      client.on("connect_error", reject as () => void);
    }),
    LONG_MS,
  );
  return {
    worker: String(worker),
    heard,
    say: (text) => client.emit("to all", text),
    close: () => client.close(),
  };
}

async function openWs(url: string): Promise<Client> {
  const client = await SocketClient.open(`${url}/`);
  const { socket } = client;
  const worker = String(await client.next());
  const heard: unknown[] = [];
  socket.addEventListener("message", ({ data }) => heard.push(data));
  return {
    worker,
    heard,
    say: (text) => socket.send(text),
    close: () => socket.close(),
  };
}

/** Three workers, a client of each: what one says all hear, and once. @throws where one does not */
export async function tryBroadcast(
  { file }: BroadcastCase,
  { runtime, folder }: {
    readonly runtime: RuntimeName;
    readonly folder: string;
  },
): Promise<void> {
  const mark = randomUUID();
  const redis = await startRedis();
  const clients: Client[] = [];
  try {
    const { url } = await startServer(
      {
        app: file,
        args: ["-w", String(WORKERS)],
        env: { REDIS_URL: redis.url },
        cwd: folder,
        runtime,
        deadlineMs: LONG_MS,
      },
      mark,
      [],
    );
    const reached = () => new Set(clients.map(({ worker }) => worker)).size;
    while (reached() < WORKERS) {
      if (clients.length === MOST_CLIENTS) {
        throw new Error(`${MOST_CLIENTS} clients met ${reached()} workers`);
      }
      clients.push(
        file.startsWith("ws")
          ? await openWs(url)
          : await openSocketIo(url, folder),
      );
    }
    const texts = clients.map((_, index) => `news ${index}`);
    for (const [index, client] of clients.entries()) {
      client.say(texts[index] as string);
    }
    await until(
      "all news at all clients",
      () => clients.every(({ heard }) => heard.length >= texts.length),
      LONG_MS,
    );
    for (const { heard, worker } of clients) {
      const sorted = heard.map(String).sort().join();
      if (sorted !== texts.toSorted().join()) {
        throw new Error(`A client of worker ${worker} heard ${sorted}`);
      }
    }
  } finally {
    for (const client of clients) client.close();
    killMarked(mark);
    redis.close();
  }
}

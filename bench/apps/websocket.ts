/** Echoes what a WebSocket brings, in the form of each runtime; as a program with a port as its argument by the runtime's own server. */
import process from "node:process";

interface Peer {
  send(data: unknown, options?: object): void;
  on(event: string, run: (data: unknown, binary: boolean) => void): void;
}

interface Library {
  WebSocketServer: new (options: object) => {
    on(event: string, run: (socket: Peer) => void): void;
    handleUpgrade(...args: unknown[]): void;
  };
}

interface Globals {
  readonly Bun?: { serve(options: object): unknown };
  readonly Deno?: {
    serve(options: object, handler: (request: Request) => Response): unknown;
    upgradeWebSocket(
      request: Request,
    ): { readonly socket: WebSocket; readonly response: Response };
  };
}

const { Bun, Deno } = globalThis as unknown as Globals;
/** Served by handlers in the form of Bun's. */
const handled = Bun !== undefined || process.env.BENCH_SIDE === "codec";

function echo(socket: Peer): void {
  socket.on("message", (data, binary) => socket.send(data, { binary }));
}

/** Only where it is needed, and without its types, which are not installed. */
async function library(): Promise<Library> {
  const name = "ws";
  return await import(name) as Library;
}

const wss = !handled && Deno === undefined
  ? new (await library()).WebSocketServer({ noServer: true })
  : undefined;

export const upgrade = wss &&
  ((...args: unknown[]) => wss.handleUpgrade(...args, echo));

export const websocket = !handled ? undefined : {
  message: (socket: Peer, data: unknown) => socket.send(data),
};

function fetch(
  request: Request,
  server?: { upgrade(request: Request): boolean },
): Response | undefined {
  if (!request.headers.has("upgrade")) return new Response("Hello World");
  if (Deno === undefined) {
    return server?.upgrade(request) ? undefined : new Response("no");
  }
  const { socket, response } = Deno.upgradeWebSocket(request);
  socket.onmessage = ({ data }) => socket.send(data);
  return response;
}

export default { fetch };

if (import.meta.main) {
  const port = Number(process.argv[2]);
  const hostname = "127.0.0.1";
  if (Bun !== undefined) Bun.serve({ fetch, websocket, hostname, port });
  else if (Deno !== undefined) {
    Deno.serve({ hostname, port }, fetch as (request: Request) => Response);
  } else {
    const { createServer } = await import("node:http");
    const server = createServer((_, response) => response.end("Hello World"));
    server.on("upgrade", (...args) => upgrade?.(...args));
    server.listen(port, hostname);
  }
}

/** Ports to test with. */
import { type AddressInfo, createServer, type Server } from "node:net";

/** A port that somebody listens on until it is closed. */
export interface TakenPort {
  readonly port: number;
  close(): Promise<void>;
}

/** Listens on a free port of 127.0.0.1; with `group` twice, as an SO_REUSEPORT group. */
export async function takePort(
  { group = false }: { group?: boolean } = {},
): Promise<TakenPort> {
  const first = await listen(0, group);
  const { port } = first.address() as AddressInfo;
  const servers = group ? [first, await listen(port, group)] : [first];
  return {
    port,
    async close() {
      for (const server of servers) {
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
}

/** The system gives none of these to who asks for any port: nobody gets it meanwhile. */
const FIRST = 20_000;
const LAST = 30_000;

/** A port of 127.0.0.1 that was free a moment ago. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST));
    try {
      const server = await listen(port, false);
      await new Promise((resolve) => server.close(resolve));
      return port;
    } catch (error) {
      if ((error as { code?: string }).code !== "EADDRINUSE") throw error;
    }
  }
}

function listen(port: number, reusePort: boolean): Promise<Server> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(
      { host: "127.0.0.1", port, reusePort },
      () => resolve(server),
    );
  });
}

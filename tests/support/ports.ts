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

/** A port of 127.0.0.1 that was free a moment ago. */
export async function freePort(): Promise<number> {
  const { port, close } = await takePort();
  await close();
  return port;
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

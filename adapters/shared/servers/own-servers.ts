/** Which servers are corn's own: what the app makes is asked about, see `watchServers`. */

const own = new WeakSet<object>();

/** Marks a server before it listens. */
export function markOwn<Server extends object>(server: Server): Server {
  own.add(server);
  return server;
}

export function isOwn(server: object): boolean {
  return own.has(server);
}

/** What connections cost that are open and idle. */
import type { Socket } from "node:net";
import { memory } from "./proc.ts";
import { sleep } from "./server.ts";
import type { Server } from "./server.ts";

/** Clients that come at a time. */
const BATCH = 100;
/** Connections before those that count: the code that serves is warm then. */
const WARM = 500;
/** The loop, its timers and its collector settle for so long. */
const REST_MS = 3000;

/** Opens so many, a batch at a time. */
export async function openMany<Opened>(
  wanted: number,
  open: () => Promise<Opened>,
): Promise<Opened[]> {
  const opened: Opened[] = [];
  while (opened.length < wanted) {
    const length = Math.min(BATCH, wanted - opened.length);
    opened.push(...await Promise.all(Array.from({ length }, open)));
  }
  return opened;
}

/** KiB of resident memory for each of so many connections to a server. @throws where not all stay open */
export async function weighIdle(
  server: Server,
  count: number,
  open: () => Promise<Socket>,
): Promise<number> {
  const resident = () =>
    server.pids().reduce((sum, pid) => sum + memory(pid).rss, 0);
  for (const socket of await openMany(WARM, open)) socket.destroy();
  await sleep(REST_MS);
  const before = resident();
  const sockets = await openMany(count, open);
  await sleep(REST_MS);
  const left = sockets.filter((one) => !one.destroyed).length;
  if (left < count) throw new Error(`Only ${left} of ${count} stayed open`);
  const each = (resident() - before) / count / 1024;
  for (const socket of sockets) socket.destroy();
  return each;
}

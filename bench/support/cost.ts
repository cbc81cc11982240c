/** What a server's requests cost under load: how many a second, and the processor's time for each. */
import { load } from "./load.ts";
import type { LoadOptions } from "./load.ts";
import { runMs } from "./proc.ts";
import type { Server } from "./server.ts";

const WARM_SECONDS = 1;

export interface Cost {
  readonly perSecond: number;
  /** Processor time of all its processes, a request. */
  readonly cpuUs: number;
}

export interface CostOptions extends LoadOptions {
  /** Behind the server's URL. */
  readonly path?: string;
}

/** Loads a warm server. */
export async function measureCost(
  server: Server,
  { path = "", ...options }: CostOptions,
): Promise<Cost> {
  const pids = server.pids();
  const used = () => pids.reduce((sum, pid) => sum + runMs(pid), 0);
  const before = used();
  const { perSecond, requests } = await load(server.url + path, options);
  const cpuUs = (used() - before) * 1000 / requests;
  const now = server.pids();
  if (pids.some((pid) => !now.includes(pid))) {
    throw new Error(`Cannot measure "${server.url}": a process has ended`);
  }
  return { perSecond, cpuUs };
}

/** Warms a server with the same load for a second, then measures. */
export async function warmCost(
  server: Server,
  { path = "", ...options }: CostOptions,
): Promise<Cost> {
  await load(server.url + path, { ...options, seconds: WARM_SECONDS });
  return await measureCost(server, { ...options, path });
}

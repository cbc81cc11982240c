/** `corn examples/hooks.ts -c examples/hooks.config.ts`: an app that opens and closes what it needs. */
import type { HookWorker } from "corn";

const visits = new Map<string, number>();

/** Awaited before the worker is ready; what it throws fails the boot. */
export async function onStart(worker: HookWorker): Promise<void> {
  // A database would be connected to here.
  await Promise.resolve();
  worker.log.info(`Worker ${worker.slot} has its database`);
}

/** Awaited when every request is answered. */
export function onStop(worker: HookWorker): void {
  worker.log.info(`Worker ${worker.slot} closes it after ${visits.size} paths`);
}

export default {
  fetch(request: Request): Response {
    const { pathname } = new URL(request.url);
    const count = (visits.get(pathname) ?? 0) + 1;
    visits.set(pathname, count);
    return new Response(`${pathname}: ${count}\n`);
  },
};

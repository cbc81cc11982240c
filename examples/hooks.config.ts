/** A config file with hooks, for `examples/hooks.ts`. */
import type { CornConfig } from "corn";

export default {
  workers: 1,
  hookTimeout: "5s",

  // In the arbiter.
  preFork(_server, worker) {
    return { env: { SHARD: String(worker.slot) } };
  },
  whenReady(server) {
    server.log.info(`Serves at ${server.addresses.join(", ")}`);
  },
  childExit(server, worker, { code, signal }) {
    const how = signal ?? `code ${code}`;
    server.log.info(`Worker ${worker.slot} ended by ${how}`);
  },
  reloadFailed(server, error) {
    // Somebody could be called here.
    server.log.critical(`A deploy did not work: ${error.message}`);
  },

  // In each worker.
  postRequest(worker, request, { status, ms }) {
    if (status >= 500 || ms > 1000) {
      worker.log.warning(`${request.method} ${request.url}: ${status}`);
    } else worker.log.debug(`${request.url} in ${ms.toFixed(1)} ms`);
  },
} satisfies CornConfig;

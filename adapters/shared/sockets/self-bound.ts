/** Listening where the arbiter cannot make sockets to inherit: each worker binds for itself. */
import { createServer } from "node:net";
import type {
  Address,
  Listener,
  ListenOptions,
} from "../../../src/runtime/runtime.ts";
import { addressFrom, netOptions } from "./address.ts";

/**
 * Checks that the address is free by opening it once without SO_REUSEPORT, which
 * would hide another server, and closes it again: a listener that the arbiter
 * kept would be given connections by the kernel. Port 0 becomes a free port.
 */
export function reserve(
  address: Address,
  _options: ListenOptions,
): Promise<Listener> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(netOptions(address), () => {
      const found = addressFrom(probe.address(), address);
      probe.close(() => resolve({ address: found, queues: [], close() {} }));
    });
  });
}

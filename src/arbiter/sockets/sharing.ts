/** How the workers share an address. */
import { isAbstract } from "../../base/addresses/unix-names.ts";
import { formatAddress } from "../../config/values/address.ts";
import { BindError } from "../../base/errors.ts";
import type { Address, RuntimeName } from "../../runtime/runtime.ts";

/**
 * `held`: the arbiter opens `queues` sockets and workers inherit them.
 * Otherwise each worker binds the address itself, with SO_REUSEPORT.
 */
export interface Sharing {
  readonly held: boolean;
  readonly queues: number;
  /** Set SO_REUSEPORT on what the arbiter opens. */
  readonly reusePort: boolean;
}

export interface SharingQuery {
  readonly address: Address;
  /** True when the arbiter's runtime makes sockets to inherit. */
  readonly arbiterHolds: boolean;
  readonly workerRuntime: RuntimeName;
  readonly workers: number;
  /** `--reuse-port`, `--no-reuse-port`, or neither. */
  readonly reusePort: boolean | undefined;
  /** `--queues`. */
  readonly queues: number | "auto";
  /** True where workers had rather share one queue, where the arbiter can hold it. */
  readonly preferOne: boolean;
}

/** Decides; @throws BindError where the runtimes cannot do what is asked. */
export function decideSharing(query: SharingQuery): Sharing {
  const { address, workers, workerRuntime, reusePort } = query;
  const one = address.kind === "unix" || reusePort === false ||
    query.queues === 1;
  if (query.arbiterHolds) {
    const asked = query.queues === "auto" ? workers : query.queues;
    return {
      held: true,
      queues: one || query.preferOne ? 1 : asked,
      // For one queue as well: a reload may add to it, and a worker on Bun or
      // Deno that cannot use its descriptor binds beside it.
      reusePort: !one || workerRuntime !== "node",
    };
  }
  if (address.kind === "unix" && isAbstract(address.path)) {
    throw new BindError(
      `Cannot bind "${
        formatAddress(address)
      }": an abstract name must be opened ` +
        `by the arbiter, and ${workerRuntime} may not call libc here; permit FFI (deno run --allow-ffi)`,
    );
  }
  if (workers > 1 && one) {
    const what = address.kind === "unix"
      ? "a unix socket"
      : "an address without SO_REUSEPORT";
    throw new BindError(
      `Cannot share "${formatAddress(address)}" between ${workers} workers: ` +
        `${what} must be opened by the arbiter, and ${workerRuntime} may not call libc here; ` +
        "use --workers 1, or permit FFI (deno run --allow-ffi)",
    );
  }
  return { held: false, queues: 0, reusePort: true };
}

/** A few words for the log. */
export function describeSharing({ held, queues }: Sharing): string {
  if (!held) return "each worker binds it, with SO_REUSEPORT";
  return queues === 1
    ? "one accept queue, held by the arbiter"
    : `${queues} accept queues, held by the arbiter`;
}

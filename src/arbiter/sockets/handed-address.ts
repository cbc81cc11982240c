import type { Address } from "../../runtime/runtime.ts";

/** An address that is handed over. */
export interface HandedAddress {
  /** As it was asked for, see `formatAddress`. */
  readonly asked: string;
  readonly address: Address;
  /** Its sockets; none where workers bind for themselves. */
  readonly descriptors: readonly number[];
  /** True for a socket that a service manager passed. */
  readonly passed: boolean;
}

/** Why an address could not be opened, and what helps. */
import { codeOf, messageOf } from "../../base/errors.ts";
import type { Address, Files } from "../../runtime/runtime.ts";
import { describeProcess, findPortOwner } from "./socket-owner.ts";
import { explainUnix } from "./unix-path.ts";

export interface ExplainOptions {
  readonly files: Files;
  /** The flag that another address is given with. */
  readonly flag: string;
}

export function explainAddress(
  address: Address,
  cause: unknown,
  { files, flag }: ExplainOptions,
): string {
  if (address.kind === "unix") {
    return explainUnix(address.path, cause, { files, flag });
  }
  switch (codeOf(cause)) {
    case "EADDRINUSE": {
      // The adapter knows a process that has bound the port and does not listen yet.
      const { holder: pid } = cause as { holder?: number };
      const holder = pid === undefined
        ? findPortOwner(address.port, files)
        : describeProcess(pid, files);
      const by = holder === undefined ? "" : ` by ${holder}`;
      return `address in use${by}; stop it or choose another with ${flag}`;
    }
    case "EACCES":
    case "EPERM":
      return address.port < 1024
        ? "permission denied, ports below 1024 need root or CAP_NET_BIND_SERVICE; use a port from 1024 up"
        : "permission denied";
    case "EADDRNOTAVAIL":
      return "this machine has no such address; 0.0.0.0 stands for all it has";
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return "the host name is not known; give an IP address";
    default:
      return messageOf(cause);
  }
}

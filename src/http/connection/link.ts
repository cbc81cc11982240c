/** What a request needs of its connection. */
import type { Host } from "./host.ts";
import type { Output } from "../output/output.ts";
import type { Heir } from "../web/heir.ts";
import type { Channel } from "../../runtime/transport.ts";

export interface Link {
  readonly host: Host;
  readonly channel: Channel;
  readonly output: Output;
  /** Looks again whether data may come. */
  adjust(): void;
  /** Lets another protocol have the connection; gives what came after the head of the open request. */
  leaveTo(heir: Heir): Uint8Array;
}

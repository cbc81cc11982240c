/** What libc adds to a runtime that has an FFI, and what stands in for it where there is none. */
import process from "node:process";
import type { Runtime } from "../../src/runtime/runtime.ts";
import { dial } from "../shared/sockets/dial.ts";
import { clock } from "../shared/machine/machine.ts";
import { children } from "../shared/processes/processes.ts";
import { reserve } from "../shared/sockets/self-bound.ts";
import { systemClock } from "./clock.ts";
import { forbidCoreDumps } from "./core-dumps.ts";
import { dialUnixDatagram } from "./dial.ts";
import { gauge } from "./gauge.ts";
import { become } from "./identity.ts";
import { findInMemory } from "./memory.ts";
import { keepDescriptors } from "./keep.ts";
import type { Libc } from "./libc.ts";
import { notifyManager } from "./notify.ts";
import { reaper } from "./reap.ts";
import { inherit, listen } from "./listen.ts";
import { gaugeByInfo } from "./tcp-info.ts";

type Added =
  | "clock"
  | "notifyManager"
  | "sendsUnixDatagrams"
  | "dial"
  | "findInMemory"
  | "reap"
  | "holdsListeners"
  | "listen"
  | "inherit"
  | "gauge"
  | "servesDescriptors"
  | "become"
  | "keepDescriptors"
  | "forbidCoreDumps";

/** The part of Runtime that Bun and Deno share. */
export function machineWith(libc: Libc | undefined): Pick<Runtime, Added> {
  return {
    clock: systemClock(clock, libc),
    notifyManager: (socket, message) => notifyManager(libc, socket, message),
    sendsUnixDatagrams: libc !== undefined,
    dial: (receiver, events) =>
      libc !== undefined && receiver.kind === "unix-datagram"
        ? dialUnixDatagram(libc, receiver.path, events)
        : dial(receiver, events),
    findInMemory,
    reap: libc && reaper(libc, children),
    holdsListeners: libc !== undefined,
    listen: libc === undefined
      ? reserve
      : (address, options) => listen(libc, address, options),
    inherit: (address, descriptors) => inherit(libc, address, descriptors),
    gauge: libc !== undefined && process.platform === "linux"
      ? (descriptors) => gaugeByInfo(libc, descriptors)
      : gauge,
    // The native server is given a descriptor on Linux (adopt.ts); what serves
    // Node listeners takes one (Bun 1.4.0, Deno 2.9.0 and newer: BUN-NO-FD).
    servesDescriptors: (style) =>
      style === "node" || (libc !== undefined && process.platform === "linux"),
    become: (identity) => become(libc, identity),
    keepDescriptors: () => keepDescriptors(libc),
    forbidCoreDumps: () => forbidCoreDumps(libc),
  };
}

/** The part of Runtime that is the same on Node, Bun and Deno. */
import type { Runtime } from "../../src/runtime/runtime.ts";
import { answers } from "./sockets/address.ts";
import { converse } from "./sockets/converse.ts";
import { dial } from "./sockets/dial.ts";
import { certificates } from "./machine/certificates.ts";
import { createImportAnew } from "./machine/anew.ts";
import { clock, files, importModule } from "./machine/machine.ts";
import { onOtherEnd, onUncaught, signals } from "./machine/process-events.ts";
import { withoutExit } from "./machine/without-exit.ts";
import { forbidCoreDumps } from "./processes/core-dumps.ts";
import { post } from "./sockets/post.ts";
import { networkTest } from "./sockets/networks.ts";
import { parent } from "./processes/parent.ts";
import { spawn } from "./processes/processes.ts";
import { acceptStreams } from "./sockets/streams.ts";
import { watch } from "./files/watch.ts";

type Shared =
  | "certificates"
  | "clock"
  | "forbidCoreDumps"
  | "files"
  | "signals"
  | "random"
  | "spawn"
  | "watch"
  | "answers"
  | "networkTest"
  | "sendsUnixDatagrams"
  | "dial"
  | "acceptStreams"
  | "converse"
  | "post"
  | "screen"
  | "acceptsStreams"
  | "importModule"
  | "importAnew"
  | "withoutExit"
  | "parent"
  | "onUncaught"
  | "onOtherEnd";

/** A runtime puts what it does differently beside or above it. */
export const base: Pick<Runtime, Shared> = {
  certificates,
  clock,
  forbidCoreDumps,
  files,
  signals,
  random: Math.random,
  spawn,
  watch,
  answers,
  networkTest,
  sendsUnixDatagrams: false,
  dial,
  acceptStreams,
  converse,
  post,
  screen: async () => (await import("./output/screen.ts")).screen,
  acceptsStreams: () => true,
  importModule,
  importAnew: createImportAnew(importModule),
  withoutExit,
  parent: () => parent(),
  onUncaught,
  onOtherEnd,
};

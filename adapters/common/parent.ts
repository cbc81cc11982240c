/** The channel to the process of corn that started this one. */
import { fstatSync } from "node:fs";
import { Socket } from "node:net";
import process from "node:process";
import type { ParentLink } from "../../src/runtime.ts";
import { CHANNEL_VARIABLE, channelOver } from "./channel.ts";
import type { ChannelEnd } from "./channel.ts";

/** Taken at the start, so that neither an app nor what it starts is told of it. */
const descriptor = takeDescriptor();

let link: ParentLink | undefined;

function takeDescriptor(): number | undefined {
  const text = process.env[CHANNEL_VARIABLE];
  if (text === undefined) return undefined;
  delete process.env[CHANNEL_VARIABLE];
  return /^\d{1,7}$/.test(text) ? Number(text) : undefined;
}

/** What a descriptor is read and written by. */
export type OpenSocket = (descriptor: number) => Socket;

const openSocket: OpenSocket = (fd) =>
  new Socket({ fd, readable: true, writable: true });

/** The same channel at each call; undefined in a process that has none. */
export function parent(open = openSocket): ParentLink | undefined {
  if (descriptor === undefined) return undefined;
  return link ??= linkOver(open, descriptor);
}

/** False for what is no socket for sure. */
function maySpeak(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isSocket();
  } catch {
    // Deno knows no descriptors but those that it opened itself (2.9.6).
    return process.versions.deno !== undefined;
  }
}

function linkOver(
  open: OpenSocket,
  descriptor: number,
): ParentLink | undefined {
  let take: (message: unknown) => void = () => {};
  let end: ChannelEnd;
  if (!maySpeak(descriptor)) return undefined;
  try {
    end = channelOver(open(descriptor), {
      onMessage: (message) => take(message),
    });
  } catch {
    return undefined; // No such descriptor: the variable is somebody else's.
  }
  return {
    get waiting() {
      return end.waiting;
    },
    send: (message) => end.send(message),
    onMessage(run) {
      take = run;
    },
    onClose: (run) => end.onceClosed(run),
  };
}

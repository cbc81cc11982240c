/** The channel to the process of corn that started this one. */
import { fstatSync } from "node:fs";
import { Socket } from "node:net";
import process from "node:process";
import type { ParentLink } from "../../../src/runtime/runtime.ts";
import { linkOf } from "../machine/link.ts";
import { CHANNEL_VARIABLE, channelOver, FOREIGN_VARIABLE } from "./channel.ts";
import type { ChannelEnd } from "./channel.ts";

/** Taken at the start, so that neither an app nor what it starts is told of it. */
const [descriptor] = takeNumbers(CHANNEL_VARIABLE);
let foreign = takeTexts(FOREIGN_VARIABLE);

let link: ParentLink | undefined;

function takeTexts(variable: string): readonly string[] {
  const text = process.env[variable];
  if (text === undefined) return [];
  delete process.env[variable];
  return text.split(",");
}

function takeNumbers(variable: string): readonly number[] {
  return takeTexts(variable).filter((one) => /^\d{1,7}$/.test(one)).map(Number);
}

/** Names a descriptor and what it leads to, for a child that inherits it. */
export function markForeign(descriptor: number): string {
  return `${descriptor}=${encodeURIComponent(linkOf(descriptor))}`;
}

/** A descriptor that is still what its mark says; under the number may be something of this process's own. */
function foreignOf(mark: string): number[] {
  const [number = "", link = ""] = mark.split("=");
  if (!/^\d{1,7}$/.test(number) || link === "") return [];
  const descriptor = Number(number);
  const same = encodeURIComponent(linkOf(descriptor)) === link;
  return same && !link.startsWith("anon_inode") ? [descriptor] : [];
}

/** The descriptors that came with this process and are none of its business, for the caller to close. */
export function takeForeign(): readonly number[] {
  // Later the numbers may be of something else.
  const taken = descriptor === undefined ? [] : foreign;
  foreign = [];
  return taken.flatMap(foreignOf);
}

/** What a descriptor is read and written by. */
export type OpenSocket = (descriptor: number) => Socket;

const openSocket: OpenSocket = (fd) =>
  new Socket({ fd, readable: true, writable: true });

/** What keeps this process alive, or this thread. */
interface Holder {
  ref(): unknown;
  unref(): unknown;
}

let holder: Holder | undefined;

/** The channel is another one. */
export function useHolder(one: Holder): void {
  holder = one;
}

/** Whether the channel keeps this process alive. */
export function holdLink(on: boolean): void {
  if (on) holder?.ref();
  else holder?.unref();
}

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
    // Deno knows no descriptors but those that it opened itself (2.9.6,
    // DENO-FOREIGN-FD).
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
    const socket = open(descriptor);
    useHolder(socket);
    end = channelOver(socket, {
      onMessage: (message) => take(message),
    });
  } catch {
    return undefined; // No such descriptor: the variable was not set for this process.
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

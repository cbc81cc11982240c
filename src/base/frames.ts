/** The frames of a stack as V8 writes it, short enough for a line of the log. */
import { OWN_MODULES } from "./own-modules.ts";

/** Frames that are told. */
export const MAX_FRAMES = 8;
/** Characters of one. */
const MAX_LENGTH = 160;

/** What is named of a stack. */
export interface NamedFrames {
  /** The innermost first, as `render (src/report.ts:41)`. */
  readonly frames: readonly string[];
  /** The seat of the request that waits for the innermost, see `seatName`; undefined where none does. */
  readonly seat: number | undefined;
}

/** The name of what waits for the answer to the request of a seat, so that a stack tells the request. */
export function seatName(seat: number): string {
  return `corn seat ${seat}`;
}

/** Reads a stack; files in `folder` are named from there. */
export function readFrames(stack: string, folder: string): NamedFrames {
  const frames: string[] = [];
  let seat: number | undefined;
  for (const line of stack.split("\n")) {
    const [, found] = /^\s*at async .*\bcorn seat (\d+)\b/.exec(line) ?? [];
    if (found !== undefined) seat ??= Number(found);
    const frame = readFrame(line, folder);
    if (frame !== undefined && frames.length < MAX_FRAMES) frames.push(frame);
  }
  return { frames, seat };
}

/** A frame of the app, or a call of what the language has; undefined for the runtime's own, corn's and evaluated code. */
function readFrame(line: string, folder: string): string | undefined {
  const [, text] = /^\s*at (?:async )?(.+)$/.exec(line) ?? [];
  if (text === undefined || text.includes("eval at ")) return undefined;
  const [, native] = /^([\w.]+) \(<anonymous>\)$/.exec(text) ?? [];
  if (native !== undefined) return native;
  const [, name, file, row] = /^(?:(.*) \()?(\/.*|file:\/\/.*):(\d+):\d+\)?$/
    .exec(text) ?? [];
  return file === undefined || isOwn(file)
    ? undefined
    : frameText({ name, file, line: Number(row), folder });
}

/** One frame in words. */
export function frameText(
  { name = "", file, line, folder }: {
    readonly name?: string | undefined;
    /** A path or a URL. */
    readonly file: string;
    readonly line: number;
    readonly folder: string;
  },
): string {
  const path = pathOf(file);
  const place = `${
    path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : path
  }:${line}`;
  const text = name === "" ? place : `${name} (${place})`;
  return text.slice(-MAX_LENGTH);
}

/** True for a module of corn's. */
export function isOwn(file: string): boolean {
  const path = pathOf(file);
  return OWN_MODULES.some((url) => path.startsWith(pathOf(url)));
}

function pathOf(file: string): string {
  if (!file.startsWith("file://")) return file;
  try {
    return decodeURIComponent(new URL(file).pathname);
  } catch {
    return file;
  }
}

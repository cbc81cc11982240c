/** What a worker says of itself while its event loop is blocked, when it is asked by a debugger. */
import { replaceControls } from "../base/controls.ts";
import type { OpenRequest } from "../exchange/open-request.ts";

/** The function that answers, among the symbols of a worker's global object. */
export const LOOK = "corn.look";

/**
 * What a debugger evaluates once it has stopped a worker, in no frame of it
 * (`Runtime.evaluate`): what is named in the innermost may be the app's own, or
 * not be there, as in Node's own functions.
 */
export const LOOK_EXPRESSION = `globalThis[Symbol.for("${LOOK}")]?.()`;

/** A longer answer is none. */
const MAX_TEXT = 16_384;
const MAX_FRAMES = 16;

export interface Look {
  /** The request that has the event loop; undefined where that is not known. */
  readonly by: OpenRequest | undefined;
  /** Requests that began so far: where it is the same, no other one came between. */
  readonly begun: number;
  /** The app's frames, the innermost first. */
  readonly frames: readonly string[];
}

/** Reads an answer; undefined where it is none. An app may have put anything in its place. */
export function readLook(text: unknown): Look | undefined {
  if (typeof text !== "string" || text.length > MAX_TEXT) return undefined;
  try {
    const { by, begun, frames } = JSON.parse(text) as Record<string, unknown>;
    if (!Number.isSafeInteger(begun) || !Array.isArray(frames)) {
      return undefined;
    }
    return {
      by: readRequest(by),
      begun: begun as number,
      frames: readFrames(frames),
    };
  } catch {
    return undefined;
  }
}

/** Frames as an app may have made them. */
export function readFrames(frames: readonly unknown[]): string[] {
  return frames.slice(0, MAX_FRAMES).map(printable);
}

function readRequest(value: unknown): OpenRequest | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { method, path, ms } = value as Record<string, unknown>;
  return { method: printable(method), path: printable(path), ms: Number(ms) };
}

/** One line, with nothing in it that a terminal obeys. */
function printable(value: unknown): string {
  return replaceControls(String(value), () => "?").replaceAll("\t", "?");
}

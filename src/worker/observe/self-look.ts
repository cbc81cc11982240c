/** A blocked worker says where it stands and for which request, to a debugger that stops it and asks. */
import { readFrames } from "../../base/frames.ts";
import { readFlightRecord } from "../../exchange/flight-record.ts";
import type { FlightRecorder } from "../../exchange/flight-record.ts";
import { LOOK } from "../../protocol/look.ts";

/** Frames that are looked through: what waits for the innermost is among the outermost. */
const DEPTH = 100;

export interface SelfLookOptions {
  /** The global object. */
  readonly globals: object;
  readonly recorder: FlightRecorder;
  /** The working folder, from which files are named. */
  readonly folder: string;
}

/** Lets debuggers ask; see `LOOK_EXPRESSION`. */
export function answerLooks(options: SelfLookOptions): void {
  Object.defineProperty(options.globals, Symbol.for(LOOK), {
    value: () => lookAtSelf(options),
    configurable: true,
  });
}

/** What has the event loop now, as JSON of a `Look`. */
export function lookAtSelf(
  { recorder, folder }: Omit<SelfLookOptions, "globals">,
): string {
  const { frames, seat } = readFrames(stackHere(), folder);
  const { atWork, begun = 0 } = readFlightRecord(recorder.copy()) ?? {};
  const by = atWork ??
    (seat === undefined ? undefined : recorder.waitingAt(seat));
  return JSON.stringify({ by, begun, frames });
}

/** The stack as the runtime writes it, whatever the app has made of that. */
function stackHere(): string {
  const v8 = Error as unknown as {
    stackTraceLimit: number;
    prepareStackTrace?: unknown;
  };
  const { stackTraceLimit } = v8;
  const prepare = Object.getOwnPropertyDescriptor(v8, "prepareStackTrace");
  try {
    v8.stackTraceLimit = DEPTH;
    delete v8.prepareStackTrace;
    return String(new Error().stack);
  } finally {
    v8.stackTraceLimit = stackTraceLimit;
    if (prepare !== undefined) {
      Object.defineProperty(v8, "prepareStackTrace", prepare);
    }
  }
}

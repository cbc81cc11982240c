/** What corn uses of the runtime, as it is before an app puts something else in its place, such as fake timers. */
import process from "node:process";
import * as timers from "node:timers";

const { performance } = globalThis;

/** Milliseconds since the process began. */
export const now: () => number = performance.now.bind(performance);

/** Nanoseconds of the runtime's own clock. */
export const hrtime: () => bigint = process.hrtime.bigint.bind(process.hrtime);

export const DateTime: DateConstructor = Date;

/** Ends this process. */
export const exit: (code?: number) => never = process.exit.bind(process);

// What is imported by name may change too, see `syncBuiltinESMExports()`.
export const setTimeout: typeof timers.setTimeout = timers.setTimeout;
export const clearTimeout: typeof timers.clearTimeout = timers.clearTimeout;
export const setInterval: typeof timers.setInterval = timers.setInterval;
export const clearInterval: typeof timers.clearInterval = timers.clearInterval;
export const setImmediate: typeof timers.setImmediate = timers.setImmediate;

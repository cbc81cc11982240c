/** Promises, where an app may have put others in the place of the runtime's: zone.js and bluebird do. */

/** What async functions return, whatever the global `Promise` is by now: what a runtime's own server is given must be one. */
export const OwnPromise: PromiseConstructor = (async () => {})()
  .constructor as PromiseConstructor;

/** True for a promise of any kind. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | undefined)?.then ===
    "function";
}

/** A promise, and what settles it. */
export function deferred<T>(): PromiseWithResolvers<T> {
  return OwnPromise.withResolvers<T>();
}

/** Calls soon after what runs now, whatever the global `queueMicrotask` is by now: fake timers have one that waits. */
export const microtask: (run: () => void) => void = queueMicrotask;

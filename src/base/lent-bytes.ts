/** Memory that is lent: bytes whose owner wants to use it again once they are sent. */

/**
 * A property of the array, not a WeakMap: V8 frees the values of a WeakMap in
 * major collections only, and many parts are never given back.
 */
const BACK: unique symbol = Symbol("back");

type MaybeLent = Uint8Array & { [BACK]?: (() => void) | undefined };

/** Lends bytes: `back` is called once nobody reads them any more, or never. */
export function lendBytes(bytes: Uint8Array, back: () => void): void {
  (bytes as MaybeLent)[BACK] = back;
}

/** True for bytes that are lent, and were not given back. */
export function isLent(bytes: Uint8Array): boolean {
  return (bytes as MaybeLent)[BACK] !== undefined;
}

/** Gives lent bytes back: their content is another's from now on. */
export function giveBack(bytes: Uint8Array): void {
  const back = (bytes as MaybeLent)[BACK];
  (bytes as MaybeLent)[BACK] = undefined;
  back?.();
}

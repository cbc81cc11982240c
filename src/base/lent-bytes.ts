/** Memory that is lent: bytes whose owner wants to use it again once they are sent. */

/**
 * On the bytes themselves: V8 frees what a WeakMap has in its great collections
 * alone, and parts that nobody gives back are many.
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

/** Memory that is lent: bytes whose owner wants to use it again once they are sent. */

const owners = new WeakMap<Uint8Array, () => void>();

/** Lends bytes: `back` is called once nobody reads them any more, or never. */
export function lendBytes(bytes: Uint8Array, back: () => void): void {
  owners.set(bytes, back);
}

/** True for bytes that are lent, and were not given back. */
export function isLent(bytes: Uint8Array): boolean {
  return owners.has(bytes);
}

/** Gives lent bytes back: their content is another's from now on. */
export function giveBack(bytes: Uint8Array): void {
  const back = owners.get(bytes);
  owners.delete(bytes);
  back?.();
}

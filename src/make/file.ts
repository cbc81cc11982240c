/** Files that were made, not written yet. */
export interface MadeFile {
  /** Its name in the folder that takes it. */
  readonly name: string;
  readonly text: string;
}

/** Puts lines together, without those that are left out; an empty one is kept. */
export function lines(
  ...given: readonly (string | undefined | readonly string[])[]
): string {
  return `${given.flat().filter((line) => line !== undefined).join("\n")}\n`;
}

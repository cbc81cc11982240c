/** What a shell may complete. */

/** A word that is no flag, and what it does. */
export interface Word {
  readonly name: string;
  readonly meaning: string;
}

export interface FlagWord {
  /** With its dashes. */
  readonly name: string;
  readonly short?: string | undefined;
  readonly meaning: string;
  /** What follows: nothing, one of some words, a file, or anything. */
  readonly value: "none" | "file" | "any" | readonly string[];
}

export interface CompletionWords {
  readonly commands: readonly Word[];
  /** The words that may follow commands, in place of a file. */
  readonly arguments: Readonly<Record<string, readonly Word[]>>;
  readonly flags: readonly FlagWord[];
}

/** Flags by what follows them, without those that nothing follows. */
export function flagsByValue(
  flags: readonly FlagWord[],
): ReadonlyMap<string, readonly FlagWord[]> {
  const groups = new Map<string, FlagWord[]>();
  for (const flag of flags) {
    if (flag.value === "none") continue;
    const key = typeof flag.value === "string"
      ? flag.value
      : flag.value.join(" ");
    const group = groups.get(key) ?? [];
    group.push(flag);
    groups.set(key, group);
  }
  return groups;
}

/** The names of a flag, the short one with its dash. */
export function namesOf({ name, short }: FlagWord): string[] {
  return short === undefined ? [name] : [`-${short}`, name];
}

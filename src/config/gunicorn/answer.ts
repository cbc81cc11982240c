import type { HookName } from "../../hooks/names.ts";
import type { SettingName } from "../table/settings.ts";

/** What stands in front of an answer: how corn has the thing. */
export type Kind = "same" | "instead" | "not in this version" | "not in corn";

/**
 * What corn has for one of Gunicorn's settings. Texts name corn's flags with
 * their dashes, and each one must exist.
 */
export interface Answer {
  /** The flags as Gunicorn spells them; none where only its config file has it. */
  readonly flags: readonly string[];
  /** How corn has it. */
  readonly kind: Kind;
  /** The setting of corn that is the same, or that takes its place. */
  readonly setting?: SettingName;
  /** The hook of corn that is the same. */
  readonly hook?: HookName;
  /** Where corn differs, why it does not have it, what to do instead; one line without a period. */
  readonly text: string;
}

/** The settings of one of Gunicorn's sections, by Gunicorn's names. */
export type Answers = Readonly<Record<string, Answer>>;

/** corn has it, under this name; the text says where it differs, if it does. */
export function same(flags: string, setting: SettingName, text = ""): Answer {
  return { flags: split(flags), kind: "same", setting, text };
}

/** corn calls the hook, under this name; the text says where it differs. */
export function sameHook(hook: HookName, text: string): Answer {
  return { flags: [], kind: "same", hook, text };
}

/** Something else takes its place: the text says what, and the setting where there is one. */
export function instead(
  flags: string,
  text: string,
  setting?: SettingName,
): Answer {
  return {
    flags: split(flags),
    kind: "instead",
    text,
    ...(setting && { setting }),
  };
}

/** It is not there yet: the text says what to do until then. */
export function later(flags: string, text: string): Answer {
  return { flags: split(flags), kind: "not in this version", text };
}

/** It has no place in corn: the text says why. */
export function never(flags: string, text: string): Answer {
  return { flags: split(flags), kind: "not in corn", text };
}

function split(flags: string): string[] {
  return flags.split(" ").filter((flag) => flag !== "");
}

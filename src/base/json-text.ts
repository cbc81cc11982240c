/** JSON that a terminal may be shown. */
import { escapeUnit, replaceControls } from "./controls.ts";

/** A value as JSON of one line, in which every control character is escaped, those too that JSON lets stand; undefined as nothing. */
export function jsonText(value: unknown): string {
  return replaceControls(JSON.stringify(value) ?? "", escapeUnit);
}

/** Patterns for files: `*` and `?` within a name, `**` across folders. */

/** A pattern, ready to be asked. */
export interface Glob {
  /** The folder above the first wildcard. */
  readonly base: string;
  /** True where files in folders below `base` may match. */
  readonly deep: boolean;
  matches(path: string): boolean;
}

/** Reads an absolute path that may hold wildcards. */
export function parseGlob(pattern: string): Glob {
  const parts = pattern.split("/").slice(1);
  const wild = parts.findIndex((part) => /[*?]/.test(part));
  const fixed = parts.slice(0, wild < 0 ? -1 : wild);
  const last = parts.length - 1;
  const shape = parts.map((part, index) => {
    if (part !== "**") return segment(part) + (index < last ? "/" : "");
    // Any number of folders, none too.
    return index < last ? "(?:[^/]+/)*" : ".+";
  });
  const whole = new RegExp(`^/${shape.join("")}$`);
  return {
    base: `/${fixed.join("/")}`,
    deep: wild >= 0 && (wild < last || parts[wild] === "**"),
    matches: (path) => whole.test(path),
  };
}

function segment(part: string): string {
  return part.replace(/[.*+?^${}()|[\]\\]/g, (character) => {
    if (character === "*") return "[^/]*";
    return character === "?" ? "[^/]" : `\\${character}`;
  });
}

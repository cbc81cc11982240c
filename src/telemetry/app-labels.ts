/** Labels of samples, as an app writes them. */

export interface LabelSet {
  /** What stands between the braces. */
  readonly text: string;
  /** The same for labels that are the same, in whichever order they are written. */
  readonly key: string;
  /** By their names, each value as it is written. */
  readonly values: ReadonlyMap<string, string>;
}

const LABEL = /\s*([a-zA-Z_]\w*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(?:,|$)/y;

/** Undefined where they are none that Prometheus takes. */
export function readLabels(text: string): LabelSet | undefined {
  const values = new Map<string, string>();
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < text.length) {
    const at = LABEL.lastIndex;
    const [, name, value = ""] = LABEL.exec(text) ?? [];
    if (name === undefined) {
      // A comma may stand at the end, and space behind it, or space alone.
      if (text.slice(at).trim() === "") break;
      return undefined;
    }
    if (values.has(name)) return undefined;
    values.set(name, value);
  }
  return labelSet(values);
}

/** All of them but one. */
export function withoutLabel(
  { values }: LabelSet,
  name: string,
): LabelSet {
  return labelSet(new Map([...values].filter(([one]) => one !== name)));
}

function labelSet(values: ReadonlyMap<string, string>): LabelSet {
  const parts = [...values].map(([name, value]) => `${name}="${value}"`);
  const text = parts.join(",");
  return { text, key: parts.sort().join(","), values };
}

/**
 * Metrics of the app: the texts of all workers as one. What counts is added,
 * what is a state gets the worker's slot as a label.
 */
import type { Format } from "./exposition.ts";

/** A metric, with its samples by their names and labels. */
export interface Merged {
  readonly type: string;
  readonly help: string;
  /** By the sample's name and the text of its labels. */
  readonly samples: Map<string, number>;
}

/** A line of a text: its name, what stands between its braces, and its value. */
interface Line {
  readonly name: string;
  readonly labels: string;
  readonly value: number;
}

/** Types whose samples are counts but for quantiles. */
const ADDED = ["counter", "histogram", "summary"];

/** Names that are corn's own. */
const OWN =
  /^(corn_|http_server_(request_duration_seconds|active_requests)(_|$))/;

const SAMPLE =
  /^([a-zA-Z_:][\w:]*)(?:\{((?:[^"}]|"(?:[^"\\]|\\.)*")*)\})?\s+(\S+)/;

export class MergedMetrics {
  readonly #families = new Map<string, Merged>();
  /** Names that were left out, for they are corn's own. */
  readonly refused: Set<string> = new Set();
  /** True once samples were left out that would have been too much. */
  full = false;
  /** Characters of all names, labels and helps. */
  #length = 0;
  readonly #label: string;
  readonly #labelled: RegExp;

  /** `label` tells the states apart of those that are added. */
  constructor(label: "worker" | "thread" = "worker") {
    this.#label = label;
    this.#labelled = new RegExp(`(^|,)\\s*${label}=`);
  }

  /** Tells whose a sample is, unless it says so itself. */
  #addLabel(labels: string, value: number | undefined): string {
    if (this.#labelled.test(labels)) return labels;
    const label = `${this.#label}="${value}"`;
    return labels === "" ? label : `${labels},${label}`;
  }

  /**
   * Adds the text of a worker; undefined for one that is gone, of which only
   * counts stay. Counts that are not there yet are left out beyond `most`
   * characters in all.
   */
  add(text: string, worker: number | undefined, most = Infinity): void {
    let family = "";
    let type = "untyped";
    const helps = new Map<string, string>();
    for (const line of text.split("\n")) {
      const [, kind, name = "", rest = ""] =
        /^#\s+(HELP|TYPE)\s+(\S+)\s?(.*)$/.exec(line) ?? [];
      if (kind === "HELP") helps.set(name, rest);
      if (kind === "TYPE") [family, type] = [name, rest.trim()];
      if (line === "" || line.startsWith("#")) continue;
      const sample = readSample(line);
      if (sample === undefined) continue;
      const within = isOf(sample.name, { family, type });
      const own = within ? family : sample.name;
      if (OWN.test(own)) {
        this.refused.add(own);
        continue;
      }
      this.#put(own, sample, {
        type: within ? type : "untyped",
        help: helps.get(own) ?? "",
        worker,
        most,
      });
    }
  }

  #put(
    family: string,
    { name, labels, value }: Line,
    { type, help, worker, most }: {
      readonly type: string;
      readonly help: string;
      readonly worker: number | undefined;
      readonly most: number;
    },
  ): void {
    const added = ADDED.includes(type) &&
      !(type === "summary" && name === family);
    if (!added && worker === undefined) return;
    const key = labels === "" ? name : `${name}{${labels}}`;
    let merged = this.#families.get(family);
    if (merged?.samples.has(key) !== true) {
      const more = key.length +
        (merged === undefined ? family.length + help.length : 0);
      if (this.#length + more > most) return void (this.full = true);
      this.#length += more;
    }
    if (merged === undefined) {
      merged = { type, help, samples: new Map() };
      this.#families.set(family, merged);
    }
    // Two workers that disagree are of two releases: the first one counts.
    if (merged.type !== type) return;
    if (!added) {
      const all = this.#addLabel(labels, worker);
      merged.samples.set(`${name}{${all}}`, value);
      return;
    }
    merged.samples.set(key, (merged.samples.get(key) ?? 0) + value);
  }

  /** The lines of all, in the order they came in. */
  lines(format: Format): string[] {
    const lines: string[] = [];
    for (const [name, { type, help, samples }] of this.#families) {
      const [written, kind] = nameIn(format, { name, type, samples });
      if (help !== "") lines.push(`# HELP ${written} ${help}`);
      lines.push(`# TYPE ${written} ${kind}`);
      for (const [sample, value] of samples) {
        lines.push(`${sample} ${numberText(value)}`);
      }
    }
    return lines;
  }
}

function readSample(line: string): Line | undefined {
  const [, name, labels = "", text = ""] = SAMPLE.exec(line) ?? [];
  if (name === undefined) return undefined;
  const value = /^\+?inf$/i.test(text)
    ? Infinity
    : /^-inf$/i.test(text)
    ? -Infinity
    : Number(text);
  if (Number.isNaN(value) && !/^nan$/i.test(text)) return undefined;
  return { name, labels: labels.replace(/,\s*$/, "").trim(), value };
}

/** True where a sample belongs to the family that was named last. */
function isOf(
  name: string,
  { family, type }: { readonly family: string; readonly type: string },
): boolean {
  if (family === "" || !name.startsWith(family)) return false;
  switch (name.slice(family.length)) {
    case "":
      return true;
    case "_total":
      return type === "counter";
    case "_bucket":
      return type === "histogram";
    case "_sum":
    case "_count":
      return type === "histogram" || type === "summary";
  }
  return false;
}

/** A counter of OpenMetrics is named without `_total`, which its samples end in; one that has none is no counter there. */
function nameIn(
  format: Format,
  { name, type, samples }: {
    readonly name: string;
    readonly type: string;
    readonly samples: ReadonlyMap<string, number>;
  },
): [name: string, type: string] {
  const open = format === "openmetrics";
  if (type === "untyped" || type === "unknown") {
    return [name, open ? "unknown" : "untyped"];
  }
  if (type !== "counter") return [name, type];
  const bare = name.replace(/_total$/, "");
  const total = [...samples.keys()].every((sample) =>
    sample.replace(/\{.*/s, "") === `${bare}_total`
  );
  if (!total) return [name, open ? "unknown" : "counter"];
  return [open ? bare : `${bare}_total`, "counter"];
}

function numberText(value: number): string {
  if (value === Infinity) return "+Inf";
  if (value === -Infinity) return "-Inf";
  return String(value);
}

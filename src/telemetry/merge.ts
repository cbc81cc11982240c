/**
 * Metrics of the app: the texts of all workers as one. What counts is added,
 * what is a state gets the worker's slot as a label.
 */
import { readLabels, withoutLabel } from "./app-labels.ts";
import type { LabelSet } from "./app-labels.ts";
import { metricOf, numberOf, readAppText } from "./app-text.ts";
import type { AppLine, Heading, MetricType, SampleOf } from "./app-text.ts";
import { numberText } from "./exposition.ts";
import type { Format } from "./exposition.ts";
import { MergedBuckets } from "./merged-buckets.ts";

/** A line. */
interface Single {
  readonly line: string;
  value: number;
}

/** A metric of one type. */
interface Merged {
  readonly name: string;
  readonly type: MetricType;
  readonly help: string;
  /** By what is the same for the same of all workers. */
  readonly values: Map<string, Single | MergedBuckets>;
  /** True where a worker that is not gone has it. */
  lives: boolean;
}

/** What lines that are written the same are of. */
interface Place extends SampleOf {
  readonly name: string;
  readonly labels: LabelSet;
  readonly kind: "state" | "count" | "bucket";
  readonly key: string;
  /** The upper bound of a bucket. */
  readonly bound: number;
  /** What counts; undefined where none has told it yet. */
  known?: Single | MergedBuckets | undefined;
  metric?: Merged | undefined;
}

/** Types whose samples are counts but for quantiles. */
const ADDED: readonly MetricType[] = ["counter", "histogram", "summary"];

/** Names that are corn's own. */
const OWN =
  /^(corn_|http_server_(request_duration_seconds|active_requests)(_|$))/;

/** So many places are remembered below a heading. */
const MOST_PLACES = 16_384;

export class MergedMetrics {
  /** By their names and types. */
  readonly #families = new Map<string, Merged>();
  /** By the heading, then by what stands before the value: the texts of all workers are mostly the same. Null for what is left out. */
  readonly #places = new Map<string, Map<string, Place | null>>();
  /** Names that were left out, for they are corn's own. */
  readonly refused: Set<string> = new Set();
  /** True once samples were left out that would have been too much. */
  full = false;
  /** Characters of all names, labels and helps. */
  #length = 0;
  readonly #label: string;

  /** `label` tells the states apart of those that are added. Names that are corn's own are left out where workers are added, once for all. */
  constructor(label: "worker" | "thread" = "worker") {
    this.#label = label;
  }

  /**
   * Adds the text of a worker; undefined for one that is gone, of which only
   * counts stay. Counts that are not there yet are left out beyond `most`
   * characters in all.
   */
  add(text: string, worker: number | undefined, most = Infinity): void {
    const buckets: MergedBuckets[] = [];
    let heading: Heading | undefined;
    let places: Map<string, Place | null>;
    readAppText(text, (line, helps) => {
      if (line.heading !== heading) {
        heading = line.heading;
        places = this.#placesBelow(heading);
      }
      const place = this.#placeOf(line, places);
      if (place === null) return;
      if (place.kind === "state") {
        if (worker !== undefined) this.#set(place, line.value, worker, helps);
        return;
      }
      if (!Number.isFinite(line.value)) return;
      const known = this.#countOf(place, helps, most);
      if (known === undefined) return;
      if (worker !== undefined && place.metric) place.metric.lives = true;
      if (!(known instanceof MergedBuckets)) known.value += line.value;
      else if (known.note(place.bound, line.value)) buckets.push(known);
    });
    for (const one of buckets) one.add();
  }

  #placesBelow({ family, type }: Heading): Map<string, Place | null> {
    const key = `${family} ${type}`;
    let places = this.#places.get(key);
    if (places === undefined) this.#places.set(key, places = new Map());
    return places;
  }

  #placeOf(line: AppLine, places: Map<string, Place | null>): Place | null {
    const written = line.labels === ""
      ? line.name
      : `${line.name}{${line.labels}`;
    let place = places.get(written);
    if (place === undefined) {
      if (places.size === MOST_PLACES) places.clear();
      places.set(written, place = this.#find(line));
    }
    return place;
  }

  #find({ name, labels: written, heading }: AppLine): Place | null {
    const labels = readLabels(written);
    if (labels === undefined) return null;
    const sample = metricOf(name, heading);
    const { family, type } = sample;
    if (this.#label === "worker" && OWN.test(family)) {
      this.refused.add(family);
      return null;
    }
    if (!ADDED.includes(type) || (type === "summary" && name === family)) {
      const key = `${name}{${labels.key}`;
      return { ...sample, name, labels, kind: "state", key, bound: NaN };
    }
    const le = labels.values.get("le");
    if (type !== "histogram" || le === undefined || !name.endsWith("_bucket")) {
      const key = `${name}{${labels.key}`;
      return { ...sample, name, labels, kind: "count", key, bound: NaN };
    }
    const bound = numberOf(le);
    if (bound === undefined || Number.isNaN(bound)) return null;
    const others = withoutLabel(labels, "le");
    const key = `${name}{${others.key} by bound`;
    return { ...sample, name, labels: others, kind: "bucket", key, bound };
  }

  #set(
    place: Place,
    value: number,
    worker: number,
    helps: ReadonlyMap<string, string>,
  ): void {
    const metric = this.#metricOf(place, helps);
    metric.lives = true;
    const { name, labels: { text, values }, key } = place;
    // Unless the app says itself whose it is.
    const own = values.has(this.#label) ? "" : `${this.#label}="${worker}"`;
    const all = text === "" || own === "" ? text + own : `${text},${own}`;
    metric.values.set(`${key},${own}`, { line: `${name}{${all}}`, value });
  }

  /** What a count is added to; undefined where that would be too much. */
  #countOf(
    place: Place,
    helps: ReadonlyMap<string, string>,
    most: number,
  ): Single | MergedBuckets | undefined {
    const { kind, key, name, labels: { text }, bound } = place;
    place.known ??= this.#families.get(familyKey(place))?.values.get(key);
    const isNew = place.known === undefined ||
      (place.known instanceof MergedBuckets && !place.known.has(bound));
    if (isNew && !this.#hasRoom(place, helps, most)) return undefined;
    place.metric ??= this.#metricOf(place, helps);
    if (place.known === undefined) {
      place.known = kind === "bucket"
        ? new MergedBuckets(name, text)
        : { line: text === "" ? name : `${name}{${text}}`, value: 0 };
      place.metric.values.set(key, place.known);
    }
    return place.known;
  }

  /** Takes the room that a line needs; false where there is none. */
  #hasRoom(
    place: Place,
    helps: ReadonlyMap<string, string>,
    most: number,
  ): boolean {
    const { key, family, named } = place;
    const head = this.#families.has(familyKey(place))
      ? 0
      : family.length + (helps.get(named)?.length ?? 0);
    if (this.#length + key.length + head > most) {
      this.full = true;
      return false;
    }
    this.#length += key.length + head;
    return true;
  }

  #metricOf(place: Place, helps: ReadonlyMap<string, string>): Merged {
    const key = familyKey(place);
    let metric = this.#families.get(key);
    if (metric === undefined) {
      const { family: name, type, named } = place;
      const help = helps.get(named) ?? "";
      metric = { name, type, help, values: new Map(), lives: false };
      this.#families.set(key, metric);
    }
    return metric;
  }

  /** The lines of all, in the order they came in. Of a metric that is of several types, as two releases of an app have it, the last that lives. */
  lines(format: Format): string[] {
    const chosen = new Map<string, Merged>();
    for (const metric of this.#families.values()) {
      const { name, lives } = metric;
      if (lives || chosen.get(name)?.lives !== true) chosen.set(name, metric);
    }
    return [...chosen.values()].flatMap((metric) => linesOf(metric, format));
  }

  /** All that was counted, as a text that may be added. */
  get text(): string {
    return [...this.#families.values()]
      .flatMap((metric) => linesOf(metric, "text")).join("\n");
  }
}

function familyKey({ family, type }: SampleOf): string {
  return `${family} ${type}`;
}

function linesOf(metric: Merged, format: Format): string[] {
  const { help, values } = metric;
  const [name, type] = nameIn(format, metric);
  const lines: string[] = [];
  if (help !== "") lines.push(`# HELP ${name} ${help}`);
  lines.push(`# TYPE ${name} ${type}`);
  for (const one of values.values()) {
    if (one instanceof MergedBuckets) one.write(lines, format);
    else lines.push(`${one.line} ${numberText(one.value)}`);
  }
  return lines;
}

/** A counter of OpenMetrics is named without `_total`, which its samples end in; one that has none is no counter there. */
function nameIn(
  format: Format,
  { name, type }: Pick<Merged, "name" | "type">,
): [name: string, type: string] {
  if (format === "text") return [name, type];
  if (type === "untyped") return [name, "unknown"];
  if (type !== "counter") return [name, type];
  const bare = name.replace(/_total$/, "");
  return bare === name ? [name, "unknown"] : [bare, "counter"];
}

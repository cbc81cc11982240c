/** The log, as it is written. */
import type { LogLine } from "../../src/control/chronicle.ts";
import type { Told } from "../../src/control/dashboard/feed.ts";
import { byId, make, write } from "./dom.ts";

const KEPT = 500;
const LEVELS = ["debug", "info", "warning", "error", "critical"];

export class Log {
  readonly #lines: { readonly told: Told; readonly line: LogLine }[] = [];
  readonly #box = byId("log");
  readonly #level = byId<HTMLSelectElement>("level");
  readonly #filter = byId<HTMLInputElement>("filter");
  #slot: number | undefined;

  constructor() {
    this.#level.addEventListener("change", () => this.#showAll());
    this.#filter.addEventListener("input", () => this.#showAll());
  }

  /** Begins anew. */
  begin(lines: readonly Told[]): void {
    this.#lines.length = 0;
    this.#keep(lines);
    this.#showAll();
  }

  add(told: Told): void {
    if (told.event !== "log") return;
    this.#keep([told]);
    const line = told.data as LogLine;
    if (!this.#wants(line)) return;
    // One who reads further up is left there.
    const follows = this.#follows();
    this.#box.querySelector(".empty")?.remove();
    this.#box.append(element(told, line));
    while (this.#box.children.length > KEPT) this.#box.firstChild?.remove();
    if (follows) this.#box.scrollTop = this.#box.scrollHeight;
  }

  /** Shows the lines of a worker alone, or all. */
  choose(slot: number | undefined): void {
    this.#slot = slot;
    write(byId("chosen"), slot === undefined ? "" : `worker ${slot} only`);
    this.#showAll();
  }

  #keep(lines: readonly Told[]): void {
    for (const told of lines) {
      if (told.event !== "log") continue;
      this.#lines.push({ told, line: told.data as LogLine });
      if (this.#lines.length > KEPT) this.#lines.shift();
    }
  }

  #follows(): boolean {
    const { scrollTop, scrollHeight, clientHeight } = this.#box;
    return scrollHeight - scrollTop - clientHeight < 24;
  }

  #wants({ level, slot, text }: LogLine): boolean {
    return LEVELS.indexOf(level) >= LEVELS.indexOf(this.#level.value) &&
      (this.#slot === undefined || slot === this.#slot ||
        new RegExp(`\\bWorker ${this.#slot}\\b`).test(text)) &&
      text.toLowerCase().includes(this.#filter.value.toLowerCase());
  }

  #showAll(): void {
    const shown = this.#lines.filter(({ line }) => this.#wants(line));
    this.#box.replaceChildren(
      ...shown.map(({ told, line }) => element(told, line)),
      ...shown.length === 0 ? [make("p", { class: "empty" }, "No lines")] : [],
    );
    this.#box.scrollTop = this.#box.scrollHeight;
  }
}

function element({ time }: Told, { level, slot, text }: LogLine): HTMLElement {
  return make(
    "p",
    { class: level },
    make("time", { datetime: time }, new Date(time).toTimeString().slice(0, 8)),
    make(
      "span",
      { class: "slot" },
      slot === undefined ? "" : `W${slot}`,
    ),
    make("span", {}, text),
  );
}

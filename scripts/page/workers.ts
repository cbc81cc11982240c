/** The workers, a row each, and which generations they are of. */
import { lagOf } from "../../src/control/dashboard/points.ts";
import type { Look } from "../../src/control/dashboard/points.ts";
import { span } from "../../src/control/commands/text.ts";
import { limps, threadsText } from "../../src/control/commands/threads.ts";
import type { WorkerStatus } from "../../src/control/snapshot.ts";
import { byId, make, write } from "./dom.ts";
import { bytes, count, millis, percent } from "./format.ts";

/** A worker's row; its cells are written anew, so that what has the focus keeps it. */
interface Row {
  readonly row: HTMLTableRowElement;
  readonly button: HTMLButtonElement;
  readonly cells: Readonly<Record<string, HTMLElement>>;
}

const CELLS = [
  "pid",
  "gen",
  "state",
  "for",
  "rate",
  "share",
  "open",
  "sockets",
  "threads",
  "p99",
  "lag",
  "cpu",
  "memory",
  "restarts",
  "why",
];
/** The classes of cells that do not just hold a number. */
const KINDS: Readonly<Record<string, string>> = {
  state: "",
  share: "share",
  why: "why",
  sockets: "n sockets",
  threads: "n threads",
};

export class Workers {
  /** Whose slot is chosen. */
  chosen: number | undefined;
  readonly #rows = new Map<number, Row>();
  readonly #onChoose: () => void;

  constructor(onChoose: () => void) {
    this.#onChoose = onChoose;
  }

  show(look: Look): void {
    const { workers } = look.status;
    const ages = new Set(workers.map(({ age }) => age));
    for (const [age, { row }] of this.#rows) {
      if (ages.has(age)) continue;
      row.remove();
      this.#rows.delete(age);
    }
    const sorted = workers.toSorted((one, other) =>
      one.slot - other.slot || one.age - other.age
    );
    const most = Math.max(
      1,
      ...workers.map(({ live }) => live?.perSecond ?? 0),
    );
    byId("workers").classList.toggle(
      "switched",
      workers.some(({ live }) => (live?.websockets ?? 0) > 0),
    );
    byId("workers").classList.toggle(
      "threaded",
      workers.some(({ live }) => live?.threads !== undefined),
    );
    const body = byId("rows");
    for (const [at, worker] of sorted.entries()) {
      const row = this.#rows.get(worker.age) ?? this.#add(worker);
      if (body.children[at] !== row.row) {
        body.insertBefore(row.row, body.children[at] ?? null);
      }
      this.#fill(row, worker, { most, now: look.at });
    }
    this.#showGenerations(sorted);
    showQueues(look);
  }

  #add({ slot, age }: WorkerStatus): Row {
    const button = make("button", {
      type: "button",
      title: `Only lines and requests of worker ${slot}`,
    }, String(slot));
    button.addEventListener("click", () => this.choose(slot));
    const cells = Object.fromEntries(
      CELLS.map((name) => [name, make("td", { class: KINDS[name] ?? "n" })]),
    );
    cells.share?.append(make("meter", { min: "0", "aria-hidden": "true" }));
    cells.state?.append(make("span"));
    const row = make(
      "tr",
      {},
      make("th", { scope: "row" }, button),
      ...Object.values(cells),
    );
    const made = { row, button, cells };
    this.#rows.set(age, made);
    return made;
  }

  /** Chooses a slot, or none where it is chosen. */
  choose(slot: number | undefined): void {
    this.chosen = this.chosen === slot ? undefined : slot;
    this.#onChoose();
  }

  #fill(
    { row, button, cells }: Row,
    worker: WorkerStatus,
    { most, now }: {
      readonly most: number;
      readonly now: number;
    },
  ): void {
    const chosen = this.chosen === worker.slot;
    button.setAttribute("aria-pressed", String(chosen));
    row.classList.toggle("chosen", chosen);
    row.classList.toggle("bad", worker.state === "late" || limps(worker));
    const { live, restarts: { total, last } } = worker;
    const why = last === undefined
      ? ""
      : `${span(Math.max(0, now - Date.parse(last.time)))} ago: ${last.reason}`;
    const texts: Record<string, string> = {
      pid: String(worker.pid ?? "–"),
      gen: String(worker.generation),
      for: span(worker.stateMs),
      rate: count(live?.perSecond),
      open: count(worker.open),
      sockets: count(live?.websockets),
      threads: live?.threads === undefined ? "–" : threadsText(worker),
      p99: millis(live?.p99Ms),
      lag: millis(lagOf(worker)),
      cpu: percent(live?.cpu),
      memory: bytes(live?.rssBytes),
      restarts: String(total),
      why,
    };
    for (const [name, text] of Object.entries(texts)) {
      write(cells[name] as HTMLElement, text);
    }
    cells.why?.setAttribute("title", why);
    const state = cells.state?.firstElementChild as HTMLElement;
    state.className = `state ${worker.state}`;
    write(state, worker.state);
    const meter = cells.share?.firstElementChild as HTMLMeterElement;
    meter.max = most;
    meter.value = live?.perSecond ?? 0;
  }

  #showGenerations(workers: readonly WorkerStatus[]): void {
    const groups = Object.groupBy(workers, ({ generation }) => generation);
    byId("generations").replaceChildren(
      ...Object.entries(groups).map(([generation, of = []]) =>
        make(
          "li",
          {},
          `generation ${generation}`,
          ...of.map(({ slot, state }) =>
            make("span", { class: state, title: `worker ${slot}: ${state}` })
          ),
        )
      ),
    );
  }
}

/** How many wait in each queue, where there are several and the system tells. */
function showQueues({ status }: Look): void {
  const box = byId("queues");
  const lists = status.listeners.filter(({ queues }) => queues.length > 1);
  box.hidden = lists.length === 0;
  box.replaceChildren(...lists.map(({ address, queues }) =>
    make(
      "span",
      {},
      `Accept queues of ${address}: `,
      ...queues.flatMap(({ waiting }, at) => [
        at === 0 ? "" : " · ",
        make("b", { class: waiting > 0 ? "warn" : "" }, String(waiting)),
      ]),
    )
  ));
}

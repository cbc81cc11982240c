/** The requests that are open, the oldest first. */
import type { Look } from "../../src/control/dashboard/points.ts";
import { byId, make } from "./dom.ts";
import { millis } from "./format.ts";

const MOST = 100;
/** From when on one is worth a look. */
const SLOW_MS = 1000;

/** Shows those of a worker alone, or all. */
export function showRequests({ open }: Look, chosen: number | undefined): void {
  const shown = open.requests.filter(({ worker }) =>
    chosen === undefined || worker.slot === chosen
  ).slice(0, MOST);
  const more = open.requests.length + open.more - shown.length;
  const rest = shown.length === 0
    ? "No open requests"
    : chosen === undefined && more > 0
    ? `and ${more} more`
    : "";
  byId("requests").replaceChildren(
    ...shown.map(({ method, path, ms, state, client, thread, worker }) =>
      make(
        "li",
        client === null ? {} : { title: `from ${client}` },
        make("span", { class: ms >= SLOW_MS ? "slow" : "" }, millis(ms)),
        make("span", { class: "path" }, `${method} ${path}`),
        ...state === "running"
          ? [make("span", { class: "slow" }, "has the loop")]
          : [],
        make(
          "span",
          { class: "who" },
          `W${worker.slot}${thread === undefined ? "" : ` T${thread}`}`,
        ),
      )
    ),
    ...rest === "" ? [] : [make("li", { class: "empty" }, rest)],
  );
}

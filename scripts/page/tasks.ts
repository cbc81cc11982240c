/** The pools of tasks, a row each; hidden where there are none. */
import type { Look } from "../../src/control/dashboard/points.ts";
import { byId, make } from "./dom.ts";
import { count } from "./format.ts";

export function showTasks({ status }: Look): void {
  // An older corn tells of none.
  const pools = status.tasks ?? [];
  byId("tasks").hidden = pools.length === 0;
  byId("pools").replaceChildren(
    ...pools.map(({ name, ready, wanted, open, calls, pids }) =>
      make(
        "tr",
        { class: ready < wanted ? "bad" : "" },
        make("th", { scope: "row" }, name),
        make("td", { class: "n" }, `${ready} / ${wanted}`),
        make("td", { class: "n" }, count(open)),
        make("td", { class: "n" }, count(calls)),
        make("td", {}, pids.join(" ")),
      )
    ),
  );
}

/** The page of `corn dashboard`: what a corn does, second by second. */
import type { Start, Told } from "../../src/control/dashboard/feed.ts";
import type { Look, Point } from "../../src/control/dashboard/points.ts";
import { span } from "../../src/control/commands/text.ts";
import type { News } from "../../src/control/subject.ts";
import { showCertificates } from "./certificates.ts";
import { Chart } from "./chart.ts";
import type { ChartSpec, Mark } from "./chart.ts";
import { byId, make, write } from "./dom.ts";
import { bytes, count, millis, percent } from "./format.ts";
import { Log } from "./log.ts";
import { showRequests } from "./requests.ts";
import { showTasks } from "./tasks.ts";
import { Workers } from "./workers.ts";

const POINTS = 300;

const CHARTS: readonly ChartSpec[] = [
  {
    title: "Requests a second",
    series: [{ label: "", color: "one", value: (one) => one.perSecond }],
    format: count,
    least: 5,
  },
  {
    title: "Duration",
    series: [
      { label: "p50", color: "two", value: (one) => one.p50Ms },
      { label: "p99", color: "one", value: (one) => one.p99Ms },
    ],
    format: millis,
    least: 5,
  },
  {
    title: "In flight",
    series: [
      { label: "open", color: "one", value: (one) => one.open },
      { label: "queued", color: "two", value: (one) => one.queued },
    ],
    format: count,
    least: 4,
  },
  {
    title: "Accept queues",
    series: [
      { label: "waiting", color: "one", value: (one) => one.waiting },
      { label: "fullest", color: "two", value: (one) => one.fullest },
    ],
    format: count,
    least: 4,
  },
  {
    title: "Event loop",
    series: [{ label: "longest lag", color: "one", value: (one) => one.lagMs }],
    format: millis,
    least: 20,
  },
  {
    title: "Memory",
    series: [{
      label: "workers",
      color: "three",
      value: (one) => one.rssBytes,
    }],
    format: bytes,
    least: 32 * 2 ** 20,
    steps: Array.from({ length: 24 }, (_, at) => 2 ** (20 + at)),
  },
];

const STATES: Readonly<Record<string, string>> = {
  serving: "good",
  starting: "warn",
  reloading: "warn",
  paused: "warn",
  stopping: "bad",
};

/** What is marked in red. */
const FAILURES = new Set(["crash", "boot-failed", "rollout-failed"]);

const marks: Mark[] = [];
const charts = CHARTS.map((spec) => new Chart(spec, marks));
const log = new Log();
const workers = new Workers(() => {
  log.choose(workers.chosen);
  show();
});
const points: Point[] = [];
let look: Look | undefined;
let paused = false;

/** Shows all that is known. */
function show(): void {
  if (look === undefined) return;
  showHead(look);
  showTiles(look);
  workers.show(look);
  showCertificates(look);
  showTasks(look);
  showRequests(look, workers.chosen);
  for (const chart of charts) chart.show(points);
}

function showHead({ status }: Look): void {
  const { app, state, version, runtime, pid, generation, rollout } = status;
  document.title = `${app} – corn`;
  write(byId("app"), app);
  write(byId("state"), state);
  byId("state").className = `pill ${STATES[state] ?? ""}`;
  write(
    byId("where"),
    status.listeners.map(({ address }) => address).join("  "),
  );
  write(
    byId("about"),
    `corn ${version}, ${runtime.name} ${runtime.version}, pid ${pid}`,
  );
  const { failed } = generation;
  const [text, kind] = rollout !== undefined
    ? [rolloutText(rollout), ""]
    : failed !== undefined
    ? [failed.message, "bad"]
    : [state === "serving" ? "" : `corn is ${state}`, ""];
  const banner = byId("banner");
  banner.hidden = text === "";
  banner.className = kind;
  write(banner, text);
}

function rolloutText(
  { generation, ready, wanted, canary }: NonNullable<
    Look["status"]["rollout"]
  >,
): string {
  const judged = canary ? ", its first one is judged" : "";
  return `Reload: generation ${generation} has ${ready} of ${wanted} workers ready${judged}`;
}

function showTiles({ status }: Look): void {
  const point = points.at(-1);
  const { ready, wanted, generation, waiting, totals, scale } = status;
  const failed = totals.live?.failed;
  const size = scale.min === null ? "" : `${scale.min}–${scale.max}`;
  const tiles: readonly (readonly [string, string, string?])[] = [
    ["Requests / s", count(point?.perSecond)],
    ["5xx", percent(failed), failed ? "warn" : ""],
    ["p50", millis(point?.p50Ms)],
    ["p99", millis(point?.p99Ms)],
    ["In flight", count(totals.open)],
    ...point?.websockets
      ? [["WebSockets", count(point.websockets)] as const]
      : [],
    ["Waiting", count(waiting), waiting ? "warn" : ""],
    [
      size === "" ? "Ready" : `Ready, of ${size}`,
      `${ready} / ${wanted}`,
      ready < wanted ? "bad" : "",
    ],
    ["CPU", percent(point?.cpu)],
    ["Memory", bytes(point?.rssBytes)],
    ["Generation", String(generation.number)],
    ["Restarts", count(totals.restarts)],
    ["Up", span(status.uptimeMs)],
  ];
  const list = byId("tiles");
  for (const [at, [name, value, kind = ""]] of tiles.entries()) {
    const tile = list.children[at] ??
      list.appendChild(make("div", {}, make("dt", {}, name), make("dd")));
    const shown = tile.lastElementChild as HTMLElement;
    shown.className = kind;
    write(shown, value);
    write(tile.firstElementChild as HTMLElement, name);
  }
  while (list.children.length > tiles.length) list.lastElementChild?.remove();
}

function showLink(link: "up" | "down" | "gone"): void {
  const [text, kind] = {
    up: ["live", "good"],
    down: ["corn does not answer, looking for it", "bad"],
    gone: ["corn dashboard has ended", "bad"],
  }[link] as [string, string];
  write(byId("link"), text);
  byId("link").className = `pill ${kind}`;
}

function take(told: Told): void {
  log.add(told);
  mark(told);
}

/** Marks new generations and crashes in the charts. */
function mark({ event, time, data }: Told): void {
  if (event !== "note") return;
  const { about, pool } = data as News;
  const kind = about === "rolled-out" && pool === undefined
    ? "generation"
    : FAILURES.has(about)
    ? "failure"
    : undefined;
  if (kind !== undefined) marks.push({ at: Date.parse(time), kind });
  if (marks.length > POINTS) marks.shift();
}

async function begin(): Promise<void> {
  const answer = await fetch("start");
  const start: Start = await answer.json();
  points.splice(0, points.length, ...start.points);
  marks.length = 0;
  start.lines.forEach(mark);
  log.begin(start.lines);
  look = start.look;
  showLink(start.link);
  show();
  listen(start.last);
}

function listen(after: number): void {
  const source = new EventSource(`events?after=${after}`);
  const on = (name: string, run: (data: unknown) => void) =>
    source.addEventListener(name, ({ data }) => run(JSON.parse(data)));
  on("look", (data) => {
    const { look: next, point } = data as { look: Look; point: Point };
    look = next;
    points.push(point);
    if (points.length > POINTS) points.shift();
    if (!paused) show();
  });
  on("told", (data) => take(data as Told));
  on("link", (data) => showLink((data as { link: "up" | "down" }).link));
  on("again", () => {
    source.close();
    void begin();
  });
  source.addEventListener("open", () => showLink("up"));
  source.addEventListener("error", () => showLink("gone"));
}

function pause(): void {
  paused = !paused;
  byId("pause").setAttribute("aria-pressed", String(paused));
  if (!paused) show();
}

byId("charts").append(...charts.map(({ figure }) => figure));
byId("pause").addEventListener("click", pause);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  for (const chart of charts) chart.repaint();
});
document.addEventListener("keydown", (event) => {
  const { key, ctrlKey, metaKey, altKey, target } = event;
  if (ctrlKey || metaKey || altKey) return;
  const types = target instanceof HTMLInputElement ||
    target instanceof HTMLSelectElement;
  if (key === "Escape") {
    if (types) (target as HTMLElement).blur();
    else if (workers.chosen !== undefined) workers.choose(undefined);
  } else if (types) return;
  else if (key === "p") pause();
  else if (key === "/") {
    event.preventDefault();
    byId("filter").focus();
  } else if (/^[1-9]$/.test(key)) workers.choose(Number(key));
});
void begin();

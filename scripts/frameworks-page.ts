/** docs/frameworks.md: what the last run of scripts/frameworks.ts found. */
import type { RuntimeName } from "../src/runtime/runtime.ts";
import { builds, cases } from "../tests/frameworks/cases.ts";
import type { FrameworkCase, Question } from "../tests/frameworks/cases.ts";
import { readResults } from "../tests/frameworks/results.ts";
import type { Result, Results } from "../tests/frameworks/results.ts";
import { tracers } from "../tests/frameworks/tracing.ts";
import { socketIoCases } from "../tests/frameworks/socket-io.ts";
import { broadcasts } from "../tests/frameworks/broadcast.ts";
import { table } from "./markdown.ts";

const RUNTIMES: readonly RuntimeName[] = ["node", "bun", "deno"];
const TITLES: Readonly<Record<RuntimeName, string>> = {
  node: "Node",
  bun: "Bun",
  deno: "Deno",
};

/** A question, as what does not work. */
const WORDS: Readonly<Record<Question, string>> = {
  answers: "answers",
  files: "files",
  streams: "streams",
  uploads: "uploads",
  websocket: "WebSockets",
  reload: "reload",
  stop: "stop",
  spans: "spans",
  broadcast: "broadcasts",
  clients: "all that clients do",
};

function wordsFor(questions: readonly string[]): string {
  return questions.map((question) => WORDS[question as Question]).join(", ");
}

/** What a runtime's column says of one. */
function cellOf(result: Result | undefined): string {
  if (result === undefined) return "not tried";
  const bad = Object.entries(result.verdicts)
    .filter(([, verdict]) => verdict !== "ok")
    .map(([question]) => question);
  if (bad.includes("answers")) return "no";
  return bad.length === 0 ? "yes" : `but for ${wordsFor(bad)}`;
}

/** What else it was asked for, beside answers. */
function extrasOf(one: FrameworkCase): string {
  const has = [
    one.file && "files",
    one.stream && "streams",
    one.upload && "uploads",
    one.echo && "WebSockets",
  ];
  return has.filter((word) => word !== undefined).join(", ") || "";
}

function rowsOf({ results }: Results): string[][] {
  return [...cases, ...builds].map((one) => {
    const found = results.filter(({ name }) => name === one.name);
    const version = found[0]?.version ?? "";
    return [
      `${one.name} ${version}`.trim(),
      one.how,
      extrasOf(one),
      ...RUNTIMES.map((name) =>
        // Empty where the form is not for that runtime.
        one.start[name] === undefined
          ? ""
          : cellOf(found.find(({ runtime }) => runtime === name))
      ),
    ];
  });
}

function tracerRows({ results }: Results): string[][] {
  return tracers.map(({ name, how }) => {
    const found = results.filter((one) => one.name === name);
    return [
      name,
      how,
      ...RUNTIMES.map((runtime) => {
        const one = found.find((result) => result.runtime === runtime);
        if (one === undefined) return "not tried";
        return one.verdicts.spans === "ok" ? `yes, ${one.version}` : "no";
      }),
    ];
  });
}

function broadcastRows({ results }: Results): string[][] {
  return broadcasts.map(({ name, how }) => {
    const found = results.filter((one) => one.name === name);
    return [
      `${name} ${found[0]?.version ?? ""}`.trim(),
      how,
      ...RUNTIMES.map((runtime) =>
        cellOf(found.find((result) => result.runtime === runtime))
      ),
    ];
  });
}

function clientRows({ results }: Results): string[][] {
  return socketIoCases.map(({ name, how, start }) => {
    const found = results.filter((one) => one.name === name);
    return [
      `${name} ${found[0]?.version ?? ""}`.trim(),
      how,
      ...RUNTIMES.map((runtime) =>
        start[runtime] === undefined
          ? ""
          : cellOf(found.find((result) => result.runtime === runtime))
      ),
    ];
  });
}

function tracerNotes(): string[] {
  return tracers.flatMap(({ name, lacks = {} }) =>
    RUNTIMES.filter((runtime) => lacks[runtime] !== undefined)
      .map((runtime) => `- ${name} on ${TITLES[runtime]}: ${lacks[runtime]}.`)
  );
}

function notes(): string[] {
  return [...cases, ...builds].flatMap(({ name, lacks = {}, note }) => [
    ...(note === undefined ? [] : [`- ${name}: ${note}.`]),
    ...RUNTIMES.flatMap((runtime) =>
      Object.entries(lacks[runtime] ?? {}).map(([question, why]) =>
        `- ${name} on ${TITLES[runtime]}, ${wordsFor([question])}: ${why}.`
      )
    ),
  ]);
}

/** The whole page. */
export function frameworksPage(): string {
  const results = readResults();
  const versions = RUNTIMES.map((name) =>
    `${TITLES[name]} ${results.runtimes[name] ?? "(not run)"}`
  );
  return [
    "# Frameworks",
    "",
    "Written by `scripts/docs.ts` from what `npm run test:frameworks -- --write` and `-- --builds --write` found last; change it there.",
    "",
    "Each is the example of the framework's own documentation, started by `corn FILE` as it is. It answers, streams, takes an upload of a",
    "mebibyte and echoes over a WebSocket, where it has these; a reload under load loses no request, and TERM lets an open request end.",
    `With ${versions.join(", ")}.`,
    "",
    table(
      ["Framework", "Started as", "Beside answers", "Node", "Bun", "Deno"],
      rowsOf(results),
    ),
    "",
    "## Tracers",
    "",
    "Each request of a fetch app is one span, the last before a reload, a recycling and a stop too: [apps.md](apps.md#tracing).",
    "",
    table(["Tracer", "Loaded as", "Node", "Bun", "Deno"], tracerRows(results)),
    "",
    ...tracerNotes(),
    "",
    "## Several workers",
    "",
    "Three workers with a client of each, and Debian's redis-server: what one client says comes to all of them, once.",
    "",
    table(
      ["Library", "By", "Node", "Bun", "Deno"],
      broadcastRows(results),
    ),
    "",
    "## All that clients do",
    "",
    "The client of Socket.IO, by long polling, by WebSocket and by both: acks, bytes, namespaces, rooms, middleware, heartbeats, recovery after a",
    "break, a reload, and requests as no client sends them. With one worker, which long polling wants.",
    "",
    table(["Server", "Started as", "Node", "Bun", "Deno"], clientRows(results)),
    "",
    "## What to know",
    "",
    ...notes(),
    "",
    "What a module may be, and what corn does with a server that it starts, is in [apps.md](apps.md); WebSockets are in",
    "[websockets.md](websockets.md).",
    "",
  ].join("\n");
}

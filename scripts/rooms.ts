/** The rooms of the house, and which of them may import which. */
import { posix } from "node:path";
import { findImports } from "./source.ts";

/** A file to judge, its path relative to the repository. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** A room: a folder, and the question that its files answer. */
export interface Room {
  readonly path: string;
  readonly question: string;
}

function room(path: string, question: string): Room {
  return { path, question };
}

/**
 * The folders of `src`, from the ground up: an import goes to the same room or
 * to one that stands before it. Types count.
 */
export const ROOMS: readonly Room[] = [
  room("src/runtime", "what corn needs of the machine, as interfaces"),
  room("src/base", "words without a machine: errors, and how things are said"),
  room("src/base/addresses", "addresses, networks and names of sockets"),
  room("src/base/files", "which files a pattern or an app means"),
  room("src/base/http", "what is agreed on of HTTP, whoever speaks it"),
  room("src/shared", "memory that the threads of a worker have"),
  room("src/tasks", "how a task is called: its frames, and its client"),
  room("src/exchange", "what is seen of a request and its response"),
  room("src/hooks", "what hooks are, and how one is called"),
  room("src/outbox", "messages to a receiver that may be gone"),
  room("src/log", "what an event is, and how it is written"),
  room("src/log/syslog", "events as RFC 5424"),
  room("src/log/error", "where events go"),
  room("src/log/access", "a line for each request"),
  room("src/http/h1", "bytes to a request: the parser, framing, limits"),
  room("src/http/web", "Request, Response and Headers over those bytes"),
  room("src/http/proxy-protocol", "the header before a connection"),
  room("src/http/websocket", "frames of WebSockets, and one that is open"),
  room("src/http/tls", "what a client's certificate says"),
  room("src/http/output", "how a response is written"),
  room("src/http/connection", "one connection's life"),
  room("src/http/engine", "which connections there are, and whose they become"),
  room("src/gateway/app", "which export is the app"),
  room("src/gateway/call", "how it is called"),
  room("src/gateway/proxies", "which client and URL a proxy tells of"),
  room("src/gateway/files", "which files are served before the app"),
  room("src/gateway/limits", "what is refused, queued or cut around it"),
  room("src/gateway/sockets", "which WebSockets are open, and who serves them"),
  room("src/gateway/observe", "how a native engine's exchanges are seen"),
  room("src/telemetry", "what is counted, and who is told"),
  room("src/config/values", "how a value is read"),
  room("src/config/table/settings", "what settings there are"),
  room("src/config/table", "what a setting is, and what holds them all"),
  room("src/config/checks", "which settings exclude each other"),
  room("src/config", "what is printed of them"),
  room("src/config/sources", "who gave them: file, environment, flags"),
  room(
    "src/config/gunicorn",
    "what takes the place of a setting of Gunicorn's",
  ),
  room("src/protocol", "what arbiter and worker say to each other"),
  room("src/plan", "from settings to what each part is given"),
  room("src/control/door", "requests to corn itself: a small HTTP server"),
  room("src/control/admin", "what anybody may read of a running corn"),
  room("src/control", "what a running corn tells and does when it is asked"),
  room("src/control/client", "how a running corn is found and asked"),
  room("src/control/dashboard", "the page that shows a running corn"),
  room("src/control/commands", "what each command asks, prints and exits with"),
  room("src/worker/classes", "how many requests a worker has in hand"),
  room("src/worker/tasks", "how a worker runs tasks"),
  room("src/worker/observe", "what is told of a worker and its requests"),
  room("src/worker", "a worker's life"),
  room("src/worker/threads", "workers that are threads of one process"),
  room("src/arbiter/pool/rules", "when a size fits, and when a canary is bad"),
  room("src/arbiter/pool", "what is to be done, as pure functions"),
  room("src/arbiter/telling", "how the log words what was decided"),
  room("src/arbiter/command", "how a worker is started"),
  room("src/arbiter/sockets", "which sockets are open"),
  room(
    "src/arbiter/certificates",
    "which certificates are served, and when they are renewed",
  ),
  room("src/arbiter/generations", "what one load of config and code is"),
  room("src/arbiter/workers", "the workers' processes"),
  room("src/arbiter/loop", "events to steps of a pool, one after the other"),
  room(
    "src/arbiter/lookout",
    "how busy workers are, and what a canary answers",
  ),
  room("src/arbiter/figures", "what was counted of a pool, for metrics"),
  room("src/arbiter/tasks", "pools of tasks, each a pool of its own"),
  room("src/arbiter/upgrade", "how another arbiter takes over"),
  room("src/arbiter/host", "signals, pid file, service manager"),
  room("src/arbiter/watch", "which files --reload watches"),
  room("src/arbiter", "who does what was decided"),
  room("src/launch", "from a config to a running arbiter"),
  room("src/make", "files that fit a config, for what runs corn or watches it"),
  room("src/make/completion", "what a shell completes"),
  room("src/cli", "from arguments to an exit code"),
];

/** The same for `adapters`. */
export const ADAPTER_ROOMS: readonly Room[] = [
  room("adapters/shared/originals", "the runtime as it is before an app"),
  room("adapters/shared/files", "files where others may put things"),
  room("adapters/shared/sockets", "addresses, names and sockets to them"),
  room("adapters/shared/output", "what is written, and may have to wait"),
  room("adapters/shared/machine", "clock, files, signals and this process"),
  room("adapters/shared/processes", "child, parent and the end of a process"),
  room("adapters/shared/servers", "servers on node:http and node:net"),
  room("adapters/shared", "what node: modules do on all three runtimes"),
  room("adapters/libc", "what the kernel and libc add, by FFI and /proc"),
  room("adapters/swap", "native servers on inherited sockets"),
  room("adapters/node", "Node"),
  room("adapters/bun", "Bun"),
  room("adapters/deno", "Deno"),
  room("adapters", "which runtime this is"),
];

/** The rooms as a picture, the ground floor at the bottom. */
export function drawRooms(rooms: readonly Room[] = ROOMS): string {
  const width = Math.max(...rooms.map(({ path }) => path.length));
  return [...rooms].reverse()
    .map(({ path, question }) => `${path.padEnd(width)}   ${question}`)
    .join("\n");
}

/** Rooms beside each other: neither imports the other, nor what is inside it. */
const APART: readonly (readonly string[])[] = [
  ["src/worker", "src/arbiter", "src/control"],
  ["adapters/node", "adapters/bun", "adapters/deno"],
];

/** The room that a path is in: its folder. */
export function roomOf(path: string): string {
  return posix.dirname(path);
}

/** Says what is wrong with an import from one file of `src`, or of `adapters`, to another; undefined where nothing is. */
export function judgeRooms(from: string, to: string): string | undefined {
  const rooms = (from.startsWith("src/") ? ROOMS : ADAPTER_ROOMS)
    .map(({ path }) => path);
  const [own, other] = [roomOf(from), roomOf(to)];
  for (const room of [own, other]) {
    if (!rooms.includes(room)) {
      return `${room} is not in the list of rooms (scripts/rooms.ts)`;
    }
  }
  for (const group of APART) {
    const [one, two] = [own, other].map((room) =>
      group.find((name) => room === name || room.startsWith(`${name}/`))
    );
    if (one !== undefined && two !== undefined && one !== two) {
      return `${own} must not import ${other}: they stand beside each other`;
    }
  }
  return rooms.indexOf(other) > rooms.indexOf(own)
    ? `${own} must not import ${other}, which stands above it`
    : undefined;
}

/** Finds circles of files that import each other, types included; each as the paths on its way round. */
export function findCircles(files: readonly SourceFile[]): string[][] {
  const targets = new Map(files.map(({ path, text }) => [
    path,
    findImports(text)
      .filter(({ specifier }) => specifier.startsWith("."))
      .map(({ specifier }) => posix.join(posix.dirname(path), specifier)),
  ]));
  const circles: string[][] = [];
  const done = new Set<string>();
  const visit = (path: string, way: readonly string[]) => {
    const at = way.indexOf(path);
    if (at >= 0) circles.push([...way.slice(at), path]);
    if (at >= 0 || done.has(path)) return;
    for (const target of targets.get(path) ?? []) visit(target, [...way, path]);
    done.add(path);
  };
  for (const path of targets.keys()) visit(path, []);
  return circles;
}

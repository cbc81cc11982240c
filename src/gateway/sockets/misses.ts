/** Requests for WebSockets that the app does not take: most runtimes do not say why. */
import type { Runtime, SocketApp } from "../../runtime/runtime.ts";
import { pathOf } from "../../exchange/path.ts";
import { asksForSocket } from "../../base/http/field-list.ts";

/** A request that asks in vain. */
interface Missed {
  readonly method?: string;
  readonly url?: string;
}

/** What serves them, and what is told of misses. */
export interface MissOptions {
  readonly engine: "native" | "wire";
  readonly runtime: Pick<Runtime, "name">;
  say(level: "warning", text: string): void;
}

/** True where what the app has for WebSockets is never called here. */
function isUnused(
  sockets: SocketApp | undefined,
  { engine, runtime: { name } }: MissOptions,
): boolean {
  // What serves them there stands in no export.
  if (name === "deno") return false;
  const style = sockets?.style;
  if (style === "bun") return name === "node" && engine === "native";
  return style !== "node" || name !== "node";
}

/** What says once that a request asks for a WebSocket in vain; undefined where the app may have its reasons. */
export function createMisses(
  sockets: SocketApp | undefined,
  options: MissOptions,
): ((request: Missed) => void) | undefined {
  if (!isUnused(sockets, options)) return undefined;
  const { engine, runtime, say } = options;
  let told = false;
  return ({ method = "GET", url = "/" }) => {
    if (told) return;
    told = true;
    const why = sockets === undefined
      ? "the app exports nothing that serves one"
      : `what the app exports for them is not for the ${engine} engine on ${runtime.name}`;
    say(
      "warning",
      `${method} ${
        pathOf(url)
      } asks for a WebSocket, and ${why}: see docs/websockets.md`,
    );
  };
}

/** Tells of those among the requests that a fetch app refuses. */
export function amongRefused(
  onMiss: (request: Missed) => void,
): (request: Request) => void {
  return (request) => {
    if (asksForSocket(request.headers.get("upgrade"))) onMiss(request);
  };
}

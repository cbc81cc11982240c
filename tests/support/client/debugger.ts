/** A debugger: the inspector's protocol over a WebSocket, V8's and WebKit's alike. */
import { get } from "./curl.ts";
import { until, within } from "../wait.ts";

export interface Debugger {
  /** Calls a method and gives its result. */
  call(method: string, params?: object): Promise<unknown>;
  /** Waits for an event. */
  event(method: string, ms?: number): Promise<void>;
  close(): void;
}

/** The address of the inspector at a port: as it lists it, or, on Bun, as it printed it. */
export async function inspectorUrl(
  port: number,
  printed: () => string,
): Promise<string> {
  return await until("an inspector", async () => {
    const shown = new RegExp(`ws://127\\.0\\.0\\.1:${port}/[\\w-]+`)
      .exec(printed())?.[0];
    if (shown === undefined) return undefined;
    await get(`http://127.0.0.1:${port}/json/version`);
    return shown;
  }, 20_000);
}

/** Attaches to an inspector. */
export async function attach(url: string): Promise<Debugger> {
  const socket = new WebSocket(url);
  const answers = new Map<number, (result: unknown) => void>();
  const events: string[] = [];
  let calls = 0;
  socket.onmessage = ({ data }) => {
    const { id, method, result } = JSON.parse(String(data));
    if (method !== undefined) events.push(method);
    else answers.get(id)?.(result);
  };
  await within(
    "the debugger's connection",
    new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = () => reject(new Error(`Cannot attach to ${url}`));
    }),
  );
  return {
    call(method, params = {}) {
      const id = ++calls;
      const answer = new Promise((resolve) => answers.set(id, resolve));
      socket.send(JSON.stringify({ id, method, params }));
      return within(`an answer to ${method}`, answer);
    },
    async event(method, ms = 20_000) {
      await until(`the event ${method}`, () => events.includes(method), ms);
    },
    close: () => socket.close(),
  };
}

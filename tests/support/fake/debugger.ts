/** A worker's debugger that answers what the test says. */
import type { Talk, TalkEvents } from "../../../src/runtime/runtime.ts";

/** What it was told. */
export interface DebuggerCall {
  readonly id: number;
  readonly method: string;
  readonly params: object;
}

export class FakeDebugger {
  readonly told: DebuggerCall[] = [];
  /** What it evaluates, one after the other; undefined once there is nothing left. */
  readonly values: unknown[];
  /** The method that it says nothing to; `paused` for one that does not stop. */
  silent = "";
  open = true;
  /** Those of the last that has called it. */
  events: TalkEvents = { onOpen() {}, onText() {}, onClose() {} };

  constructor(values: readonly unknown[] = []) {
    this.values = [...values];
  }

  /** Methods that it was told, without their domains. */
  methods(): (string | undefined)[] {
    return this.told.map(({ method }) => method.split(".")[1]);
  }

  readonly converse = (_url: string, events: TalkEvents): Talk => {
    this.events = events;
    this.open = true;
    return {
      send: (text) => this.#take(JSON.parse(text)),
      close: () => void (this.open = false),
    };
  };

  #take(call: DebuggerCall): void {
    const { id, method } = call;
    this.told.push(call);
    if (method === this.silent) return;
    const value = method === "Runtime.evaluate"
      ? this.values.shift()
      : undefined;
    this.#say({ id, result: { result: { value } } });
    if (method !== "Debugger.pause" || this.silent === "paused") return;
    this.#say({ method: "Debugger.paused", params: {} });
  }

  #say(message: object): void {
    this.events.onText(JSON.stringify(message));
  }
}

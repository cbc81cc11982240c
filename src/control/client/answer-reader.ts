/** Reads what a control socket answers: a body with its length, or events. */

/** One event. */
export interface HeardEvent {
  readonly id?: number;
  readonly event: string;
  // deno-lint-ignore no-explicit-any
  readonly data: any;
}

/** A whole answer. */
export interface WholeAnswer {
  readonly status: number;
  readonly text: string;
}

const HEAD_END = "\r\n\r\n";

export class AnswerReader {
  #bytes = new Uint8Array(0);
  #head: { status: number; length: number | undefined } | undefined;
  readonly #decoder = new TextDecoder();
  #text = "";

  push(bytes: Uint8Array): void {
    const joined = new Uint8Array(this.#bytes.length + bytes.length);
    joined.set(this.#bytes);
    joined.set(bytes, this.#bytes.length);
    this.#bytes = joined;
    if (this.#head === undefined) this.#readHead();
    if (this.#head !== undefined && this.#head.length === undefined) {
      this.#text += this.#decoder.decode(this.#bytes, { stream: true });
      this.#bytes = new Uint8Array(0);
    }
  }

  /** The answer; undefined before its end, and for events. */
  get whole(): WholeAnswer | undefined {
    const { status = 0, length } = this.#head ?? {};
    if (length === undefined || this.#bytes.length < length) return undefined;
    const text = new TextDecoder().decode(this.#bytes.subarray(0, length));
    return { status, text };
  }

  /** The events that came since the last call. */
  *events(): Generator<HeardEvent> {
    if (this.#head?.length !== undefined) return;
    while (true) {
      const end = this.#text.indexOf("\n\n");
      if (end === -1) return;
      const event = readEvent(this.#text.slice(0, end));
      this.#text = this.#text.slice(end + 2);
      if (event !== undefined) yield event;
    }
  }

  #readHead(): void {
    const text = new TextDecoder("latin1").decode(this.#bytes);
    const end = text.indexOf(HEAD_END);
    if (end === -1) return;
    const head = text.slice(0, end);
    const length = /^content-length: (\d+)$/im.exec(head)?.[1];
    this.#bytes = this.#bytes.slice(end + HEAD_END.length);
    this.#head = {
      status: Number(head.slice(9, 12)),
      length: length === undefined ? undefined : Number(length),
    };
  }
}

/** Undefined for a comment. */
function readEvent(text: string): HeardEvent | undefined {
  const fields = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [, name = "", value = ""] = /^([^:]*): ?(.*)$/.exec(line) ?? [];
    fields.set(name, value);
  }
  const event = fields.get("event");
  if (event === undefined) return undefined;
  const id = fields.get("id");
  return {
    event,
    data: JSON.parse(fields.get("data") ?? "null"),
    ...id !== undefined && { id: Number(id) },
  };
}

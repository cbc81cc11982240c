/** The text of an object that was thrown, or is a cause, and has no text of its own. */
import { shorten } from "./shorten.ts";

/** How deep it is looked into, how many members are told in all, and how much of a text. */
const MAX_DEPTH = 3;
const MAX_MEMBERS = 40;
const MAX_TEXT = 200;

/** What is in an object, such as `{ code: "E1", status: 404 }`. @throws what a getter throws */
export function objectText(value: object): string {
  return new Describer().object(value, 0);
}

class Describer {
  #left = MAX_MEMBERS;

  object(value: object, depth: number): string {
    if (ArrayBuffer.isView(value)) {
      return `${nameOf(value)}(${value.byteLength})`;
    }
    const list = Array.isArray(value);
    const [open, close] = list ? ["[", "]"] : ["{ ", " }"];
    const name = list ? "Object" : nameOf(value);
    const before = name === "Object" ? "" : `${name} `;
    const keys = Object.keys(value);
    if (keys.length === 0) return `${before}${open.trim()}${close.trim()}`;
    const members: string[] = [];
    for (const key of keys) {
      if (depth === MAX_DEPTH || this.#left === 0) {
        members.push("…");
        break;
      }
      this.#left--;
      const member = (value as Record<string, unknown>)[key];
      const text = this.#member(member, depth + 1);
      members.push(list ? text : `${labelOf(key)}: ${text}`);
    }
    return `${before}${open}${members.join(", ")}${close}`;
  }

  #member(value: unknown, depth: number): string {
    if (typeof value === "string") return quoted(value);
    if (typeof value === "bigint") return `${value}n`;
    if (typeof value === "function") return "a function";
    if (typeof value !== "object" || value === null) return String(value);
    if (value instanceof Error || value instanceof Date) {
      return quoted(String(value));
    }
    return this.object(value, depth);
  }
}

function labelOf(key: string): string {
  return /^[\w$]+$/.test(key) ? key : quoted(key);
}

function quoted(text: string): string {
  return JSON.stringify(shorten(text, MAX_TEXT));
}

function nameOf(value: object): string {
  const { constructor } = value;
  return typeof constructor === "function" && constructor.name || "Object";
}

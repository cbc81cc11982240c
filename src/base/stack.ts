/** The text of anything that was thrown. */
import { objectText } from "./object-text.ts";
import { OWN_MODULES } from "./own-modules.ts";

/** A build error of Bun, which has no stack. */
interface BuildError {
  readonly message: string;
  readonly position?: {
    readonly file: string;
    readonly line: number;
    readonly column: number;
    readonly lineText: string;
  } | null;
}

/** Frames of the runtime itself, which say nothing about the app. */
const RUNTIME_FRAME = /^\s+at .*\(?(node:internal\/|ext:|bun:)/;

/** Where corn's own modules are, as frames name it. */
const OWN_PATHS = OWN_MODULES.map((url) =>
  decodeURIComponent(new URL(url).pathname)
);

const NO_TEXT = "something that has no text";

/** Causes that are told; an error may be its own cause. */
const MAX_DEPTH = 8;

/** The stack of anything thrown, with what caused it, or its text; what is thrown may throw when it is looked at. */
export function stackOf(thrown: unknown, depth: number = 0): string {
  try {
    return describe(thrown, depth);
  } catch {
    return textOf(thrown);
  }
}

function describe(thrown: unknown, depth: number): string {
  const built = positionOf(thrown);
  if (built !== undefined) return built;
  if (!isError(thrown)) return thingText(thrown);
  const lines = usefulLines(ownStack(thrown));
  if (depth === MAX_DEPTH) return lines.join("\n");
  if (thrown instanceof AggregateError) {
    for (const error of thrown.errors) lines.push(stackOf(error, depth + 1));
  }
  if (thrown.cause !== undefined) {
    lines.push(`Caused by: ${stackOf(thrown.cause, depth + 1)}`);
  }
  return lines.join("\n");
}

/** One of another realm, as of `node:vm`, is an error too. */
function isError(thrown: unknown): thrown is Error {
  return thrown instanceof Error ||
    Object.prototype.toString.call(thrown) === "[object Error]";
}

/** The text of what is no error; what is in an object whose text is `[object Object]` or none. */
function thingText(thing: unknown): string {
  const text = textOf(thing);
  return typeof thing === "object" && thing !== null &&
      (text === NO_TEXT || text.startsWith("[object "))
    ? objectText(thing)
    : text;
}

/** The text of anything; an object need not have one. */
export function textOf(value: unknown): string {
  try {
    return String(value);
  } catch {
    return NO_TEXT;
  }
}

function ownStack({ name, message, stack = "" }: Error): string {
  // JavaScriptCore leaves name and message out of the stack.
  if (stack.includes(message)) return stack;
  return `${name}: ${message}\n${stack}`.trimEnd();
}

/** The frames of the app in a stack; there may be none, since JavaScriptCore forgets a function that ends with a call. */
export function appFrames(stack: string): string[] {
  return stack.split("\n").filter((line) =>
    isFrame(line) && !RUNTIME_FRAME.test(line) && !isOwn(line)
  );
}

/** The lines of a stack that say something about the app; corn's own frames where there are no others. */
function usefulLines(stack: string): string[] {
  const lines = stack.split("\n").filter((line) => !RUNTIME_FRAME.test(line));
  const others = lines.filter((line) => !(isFrame(line) && isOwn(line)));
  return others.some(isFrame) ? others : lines;
}

function isFrame(line: string): boolean {
  return /^\s+at /.test(line);
}

function isOwn(line: string): boolean {
  return OWN_PATHS.some((path) => line.includes(path));
}

function positionOf(thrown: unknown): string | undefined {
  const { message, position } = (thrown ?? {}) as Partial<BuildError>;
  if (message === undefined || !position) return undefined;
  const { file, line, column, lineText } = position;
  return `${file}:${line}:${column}: ${message}\n  ${lineText}`;
}

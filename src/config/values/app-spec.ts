import { ConfigError, messageOf } from "../../base/errors.ts";
import { quote } from "../../base/refusal.ts";

/** Where the app is: a module, the export to take of it, and what to call it with. */
export interface AppSpec {
  /** As it was given. */
  readonly text: string;
  /** A path, a URL or a specifier such as `npm:my-app`. */
  readonly path: string;
  /** Undefined for the default export. */
  readonly exportName?: string;
  /** Present when the export is to be called and its result is the app. */
  readonly args?: readonly unknown[];
}

/** Schemes that a runtime imports by; a folder may be named like any other. */
const SCHEME = /^(?:file|https?|npm|jsr|node|bun|data|blob):/;

/** True for a module that is no file of its own path: a URL, or a specifier such as `npm:my-app`. */
export function isSpecifier(path: string): boolean {
  return SCHEME.test(path);
}

const NAME = String.raw`[\p{ID_Start}$_][\p{ID_Continue}$]*`;

/** The first colon with an export behind it that reaches to the end, so colons in the JSON do no harm. */
const EXPORT = new RegExp(`^(.+?):(${NAME})(?:\\((.*)\\))?$`, "su");

/**
 * Reads `app.ts`, `app.ts:name` or `app.ts:create({"debug":true}, 3)`; the
 * arguments are JSON.
 *
 * @throws ConfigError
 */
export function parseAppSpec(text: string): AppSpec {
  const scheme = SCHEME.exec(text)?.[0] ?? "";
  const rest = text.slice(scheme.length);
  if (rest === "") throw refuse(text, "give a module, such as app.ts");
  const [, path, exportName, inside] = EXPORT.exec(rest) ?? [];
  if (path === undefined) return { text, path: scheme + checkPath(rest, text) };
  const spec = { text, path: scheme + path, exportName: exportName! };
  return inside === undefined
    ? spec
    : { ...spec, args: parseArgs(inside, text) };
}

function parseArgs(inside: string, text: string): unknown[] {
  try {
    return JSON.parse(`[${inside}]`);
  } catch (cause) {
    throw refuse(
      text,
      `its arguments must be JSON (${messageOf(cause)})`,
      cause,
    );
  }
}

function checkPath(path: string, text: string): string {
  if (new RegExp(`:${NAME}\\(`, "u").test(path)) {
    throw refuse(text, 'its arguments must end with ")"');
  }
  const colon = path.lastIndexOf(":");
  const name = path.slice(colon + 1);
  // A slash behind it makes it a colon of the path, such as that of a port.
  if (colon === -1 || name.includes("/")) return path;
  throw refuse(text, `"${name}" is not the name of an export`);
}

function refuse(text: string, reason: string, cause?: unknown): ConfigError {
  return new ConfigError(`Cannot use app ${quote(text)}: ${reason}`, { cause });
}

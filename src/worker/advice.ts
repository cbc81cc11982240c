/** What to do about an app that cannot be read: above all by Node, which takes types away and compiles nothing (NODE-STRIPS-ONLY). */
import { findModules } from "../base/module-graph.ts";
import { urlPath } from "../base/path.ts";
import { stackOf } from "../base/stack.ts";
import type { Files } from "../runtime/runtime.ts";
import type { ServingRuntime } from "../runtime/serving.ts";

/** The app that failed. */
export interface FailedApp {
  /** As it was asked for. */
  readonly text: string;
  readonly url: string;
}

type Machine = Pick<ServingRuntime, "name" | "locateSyntaxError"> & {
  readonly files: Pick<Files, "readText" | "kind">;
};

/** What V8 says of a module's words in a file that Node takes for CommonJS. */
const MODULE_WORDS =
  /Cannot use import statement outside a module|Unexpected token 'export'|Cannot use 'import\.meta' outside a module/;

/** What a name begins with that a tsconfig gives a path to. */
const ALIAS = /^(?:@\/|~)/;

const ENDINGS = [
  ...[".ts", ".tsx", ".mts", ".js", ".mjs", ".jsx"],
  ...["/index.ts", "/index.tsx", "/index.js"],
];

/** What went wrong and the way out, to follow a colon; undefined where there is none to name. */
export async function adviceFor(
  error: unknown,
  app: FailedApp,
  machine: Machine,
): Promise<string | undefined> {
  if (!(error instanceof Error)) return undefined;
  const { message } = error;
  if (machine.name === "deno") {
    return error.name === "ReferenceError" &&
        /^(?:exports|module|require) is not defined/.test(message)
      ? 'Deno takes it for a module, write "type": "commonjs" into the nearest package.json'
      : undefined;
  }
  if (machine.name !== "node") return undefined;
  if (error instanceof SyntaxError && MODULE_WORDS.test(message)) {
    return 'Node takes it for CommonJS, write "type": "module" into the nearest package.json';
  }
  const way = wayOut(app);
  switch ((error as { code?: string }).code) {
    case "ERR_UNKNOWN_FILE_EXTENSION": {
      const [, ending] = /"(\.[jt]sx)"/.exec(message) ?? [];
      return ending && `Node knows no JSX, nor ${ending}; ${way}`;
    }
    case "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX": {
      const [, word = "this"] =
        /TypeScript (.+?) is not supported/.exec(message) ?? [];
      return `${word} is not erasable${inBrackets(placeIn(error))}; ${way}`;
    }
    case "ERR_MODULE_NOT_FOUND": {
      const found = lost(message, machine.files);
      return found && `${found}; ${way}`;
    }
    case "ERR_IMPORT_ATTRIBUTE_MISSING":
      return `write with { type: "json" } behind the import; or ${way}`;
  }
  if (error.name !== "SyntaxError" || hasPlace(error)) return undefined;
  return await locate(error, app, machine);
}

/** Of a syntax error in an ES module Node keeps the place to itself until nothing catches it (NODE-SYNTAX-PLACE). */
async function locate(
  error: Error,
  app: FailedApp,
  { files, locateSyntaxError }: Machine,
): Promise<string | undefined> {
  if (!app.url.startsWith("file://")) return undefined;
  const modules = [...findModules(urlPath(app.url), files)]
    .filter((path) => /\.[cm]?[jt]s$/.test(path));
  const frame = await locateSyntaxError?.(modules, error.message);
  const [, path, line, source = ""] = /^(\/.*):(\d+)\n(.*)/.exec(frame ?? "") ??
    [];
  if (frame === undefined || path === undefined) return undefined;
  const place = `${path}:${line}`;
  if (/^\s*@[\p{ID_Start}$_]/u.test(source)) {
    return `Node knows no decorators (${place}); ${wayOut(app)}`;
  }
  error.stack = `${frame}\n${error.stack}`;
  return `syntax error in ${place}`;
}

function wayOut({ text }: FailedApp): string {
  const app = /^[\w./:@-]+$/.test(text) ? text : "APP";
  return `install tsx and give --import tsx, as in corn ${app} --import tsx, or --runtime bun or deno`;
}

/** The place that Node puts before some errors' stacks. */
function placeIn({ stack = "" }: Error): string | undefined {
  const [, url, line] = /^((?:file:\/\/)?\/.*):(\d+)$/m.exec(stack) ?? [];
  if (url === undefined) return undefined;
  return `${url.startsWith("file:") ? urlPath(url) : url}:${line}`;
}

function hasPlace(error: Error): boolean {
  return /(?:file:\/\/|[(\s]\/|^\/)\S+:\d+/m.test(stackOf(error));
}

/** Why an import leads nowhere, where a compiler would have followed it. */
function lost(
  message: string,
  files: Pick<Files, "readText" | "kind">,
): string | undefined {
  const [, name = "", importer = ""] =
    /^Cannot find (?:module|package) '(.+?)' imported from (.+)$/m
      .exec(message) ?? [];
  const place = inBrackets(lineOf(name, importer, files));
  if (ALIAS.test(name)) {
    return `Node reads no paths of a tsconfig, such as "${name}"${place}`;
  }
  if (!name.startsWith("/")) return undefined;
  const bare = name.replace(/\.[cm]?jsx?$/, "");
  const ending = ENDINGS.find((one) => files.kind(bare + one) === "file");
  return ending &&
    `Node takes the name of an import as it is, write ${bare}${ending}${place}`;
}

/** The line of a file that imports what a name ends with. */
function lineOf(
  name: string,
  importer: string,
  files: Pick<Files, "readText">,
): string | undefined {
  const last = ALIAS.test(name) ? name : name.slice(name.lastIndexOf("/"));
  const lines = (readOr(importer, files) ?? "").split("\n");
  const index = lines.findIndex((line) =>
    ['"', "'"].some((quote) => line.includes(`${last}${quote}`))
  );
  return index === -1 ? importer || undefined : `${importer}:${index + 1}`;
}

function readOr(
  path: string,
  files: Pick<Files, "readText">,
): string | undefined {
  try {
    return files.readText(path);
  } catch {
    return undefined;
  }
}

function inBrackets(place: string | undefined): string {
  return place === undefined ? "" : ` (${place})`;
}

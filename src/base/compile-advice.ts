/** What to do about a module that Node cannot read: it takes types away and compiles nothing (NODE-STRIPS-ONLY). */
import type { Files } from "../runtime/runtime.ts";
import { urlPath } from "./path.ts";

/** What V8 says of a module's words in a file that Node takes for CommonJS. */
const MODULE_WORDS =
  /Cannot use import statement outside a module|Unexpected token 'export'|Cannot use 'import\.meta' outside a module/;

/** What a name begins with that a tsconfig gives a path to. */
const ALIAS = /^(?:@\/|~)/;

const ENDINGS = [
  ...[".ts", ".tsx", ".mts", ".js", ".mjs", ".jsx"],
  ...["/index.ts", "/index.tsx", "/index.js"],
];

export interface CompileAdviceOptions {
  /** What helps, such as to load a compiler. */
  readonly way: string;
  readonly files: Pick<Files, "readText" | "kind">;
}

/** What went wrong and the way out; undefined where there is none to name. */
export function compileAdvice(
  error: Error,
  { way, files }: CompileAdviceOptions,
): string | undefined {
  const { message } = error;
  // `npm init` writes "type": "commonjs".
  if (error instanceof SyntaxError && MODULE_WORDS.test(message)) {
    return 'Node takes it for CommonJS, write "type": "module" into the nearest package.json';
  }
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
      const found = lost(message, files);
      return found && `${found}; ${way}`;
    }
    case "ERR_IMPORT_ATTRIBUTE_MISSING":
      return `write with { type: "json" } behind the import; or ${way}`;
  }
  return undefined;
}

/** The place that Node puts before some errors' stacks. */
function placeIn({ stack = "" }: Error): string | undefined {
  const [, url, line] = /^((?:file:\/\/)?\/.*):(\d+)$/m.exec(stack) ?? [];
  if (url === undefined) return undefined;
  return `${url.startsWith("file:") ? urlPath(url) : url}:${line}`;
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

/** What to do about an app that Node cannot read, which takes types away and compiles nothing (NODE-STRIPS-ONLY). */
import { urlPath } from "../base/path.ts";
import type { Runtime } from "../runtime/runtime.ts";

/** What V8 says of a module's words in a file that Node takes for CommonJS. */
const MODULE_WORDS =
  /Cannot use import statement outside a module|Unexpected token 'export'|Cannot use 'import\.meta' outside a module/;

const ELSEWHERE =
  'install tsx and give --worker-args "--import tsx", or --runtime bun or deno';

/** The way out, to follow a colon; undefined where there is none to name. */
export function adviceFor(
  error: unknown,
  url: string,
  { name, files }: Pick<Runtime, "name" | "files">,
): string | undefined {
  if (name !== "node" || !(error instanceof Error)) return undefined;
  const { code, message } = error as Error & { code?: string };
  if (error instanceof SyntaxError && MODULE_WORDS.test(message)) {
    return 'Node takes it for CommonJS, write "type": "module" into the nearest package.json';
  }
  if (code === "ERR_UNKNOWN_FILE_EXTENSION" && /"\.[jt]sx"/.test(message)) {
    return `Node knows no JSX, ${ELSEWHERE}`;
  }
  if (code === "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX") {
    return `Node only takes types away, write it without the ${
      /TypeScript (.+?) is not supported/.exec(message)?.[1] ?? "syntax"
    }, ${ELSEWHERE}`;
  }
  if (
    error instanceof SyntaxError && message === "Invalid or unexpected token"
  ) {
    const place = decoratorIn(url, files);
    return place && `Node knows no decorators (${place}), ${ELSEWHERE}`;
  }
  return undefined;
}

/** The first line of the app's file that begins with a decorator; V8 does not tell where it was. */
function decoratorIn(
  url: string,
  files: Pick<Runtime["files"], "readText">,
): string | undefined {
  if (!url.startsWith("file://")) return undefined;
  const path = urlPath(url);
  const lines = (files.readText(path) ?? "").split("\n");
  const index = lines.findIndex((line) => /^\s*@[\p{ID_Start}$_]/u.test(line));
  return index === -1 ? undefined : `${path}:${index + 1}`;
}

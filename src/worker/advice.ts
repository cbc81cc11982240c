/** What to do about an app that cannot be read. */
import { compileAdvice } from "../base/compile-advice.ts";
import { findModules } from "../base/files/module-graph.ts";
import { urlPath } from "../base/path.ts";
import { stackOf } from "../base/stack.ts";
import type { Files } from "../runtime/runtime.ts";
import type { ServingRuntime } from "../runtime/serving.ts";

/** The app that failed. */
export interface FailedApp {
  /** As it was asked for. */
  readonly text: string;
  readonly url: string;
  /** "app" unless given. */
  readonly what?: "app" | "tasks";
}

type Machine = Pick<ServingRuntime, "name" | "locateSyntaxError"> & {
  readonly files: Pick<Files, "readText" | "kind" | "realPath">;
};

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
  // It takes what follows for a query (1.4.5, BUN-QUESTION-MARK).
  if (machine.name === "bun" && app.url.includes("%3F")) {
    return 'Bun finds no file that has a "?" in its path, rename it';
  }
  if (machine.name !== "node") return undefined;
  const way = wayOut(app);
  const advice = compileAdvice(error, { way, files: machine.files });
  if (advice !== undefined) return advice;
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

function wayOut({ text, what }: FailedApp): string {
  if (what === "tasks") {
    return 'install tsx and give corn --import tsx, or give the pool runtime: "bun" or "deno"';
  }
  const app = /^[\w./:@-]+$/.test(text) ? text : "APP";
  return `install tsx and give --import tsx, as in corn ${app} --import tsx, or --runtime bun or deno`;
}

function hasPlace(error: Error): boolean {
  return /(?:file:\/\/|[(\s]\/|^\/)\S+:\d+/m.test(stackOf(error));
}

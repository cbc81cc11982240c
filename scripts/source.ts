/** Reads TypeScript far enough to tell code from comments and strings. */
import { posix } from "node:path";

/** An import or export of another module. */
export interface ModuleImport {
  readonly specifier: string;
  readonly typeOnly: boolean;
  /** True for `import()`. */
  readonly lazy: boolean;
  readonly line: number;
}

/**
 * Replaces comments, regular expressions and the insides of strings by spaces,
 * so that positions and line numbers stay. Code in `${}` stays code.
 */
export function blank(source: string): string {
  let out = "";
  let at = 0;
  /** Open braces for each template literal that the scanner is inside of. */
  const templates: number[] = [];
  const copy = (length: number) => {
    out += source.slice(at, at + length);
    at += length;
  };
  const hide = (end: number) => {
    out += source.slice(at, end).replace(/[^\n]/g, " ");
    at = end;
  };
  const endOf = (pattern: RegExp) => {
    pattern.lastIndex = at;
    return pattern.test(source) ? pattern.lastIndex : source.length;
  };
  const text = () => {
    hide(endOf(/(?:\\[^]|\$(?!\{)|[^\\`$])*/gy));
    if (source[at] === "$") templates.push(0);
    copy(source[at] === "$" ? 2 : 1);
  };

  while (at < source.length) {
    const char = source[at];
    if (source.startsWith("//", at)) hide(endOf(/[^\n]*/gy));
    else if (source.startsWith("/*", at)) hide(endOf(/\/\*[^]*?\*\//gy));
    else if (char === '"' || char === "'") {
      const end = endOf(
        char === '"' ? /"(?:\\[^]|[^\\"\n])*"?/gy : /'(?:\\[^]|[^\\'\n])*'?/gy,
      );
      copy(1);
      hide(Math.max(at, end - 1));
      copy(end - at);
    } else if (char === "`") {
      copy(1);
      text();
    } else if (char === "/" && startsRegExp(out)) {
      hide(endOf(/\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])*\/?[a-z]*/gy));
    } else {
      const depth = templates.length - 1;
      if (depth >= 0 && char === "{") templates[depth]!++;
      if (depth >= 0 && char === "}" && templates[depth]!-- === 0) {
        templates.pop();
        copy(1);
        text();
      } else copy(1);
    }
  }
  return out;
}

/** True when a slash after this code begins a regular expression, not a division. */
function startsRegExp(before: string): boolean {
  const code = before.trimEnd();
  return code === "" || /[=(,:[!&|?{};<>+\-*%~^]$/.test(code) ||
    /\b(return|typeof|case|of|in|else|do|yield|await)$/.test(code);
}

const STATIC = /(?:^|[;}\s])(?:import|export)\b([^;"'`()=]*?)\bfrom\s*["']/g;
const BARE = /(?:^|[;}\s])import\s*["']/g;
const DYNAMIC = /\bimport\s*\(\s*["'`]/g;

/** Lists what a file imports and re-exports, dynamic imports of a literal included. */
export function findImports(source: string): ModuleImport[] {
  const code = blank(source);
  const found: ModuleImport[] = [];
  for (const pattern of [STATIC, BARE, DYNAMIC]) {
    for (const match of code.matchAll(pattern)) {
      const start = match.index + match[0].length;
      const quote = source[start - 1]!;
      found.push({
        specifier: source.slice(start, source.indexOf(quote, start)),
        lazy: pattern === DYNAMIC,
        typeOnly: /^\s*type\b(?!\s*(?:,|$))/.test(match[1] ?? ""),
        line: lineOf(source, start),
      });
    }
  }
  return found.sort((a, b) => a.line - b.line);
}

/** The line number, from 1, of a position. */
export function lineOf(source: string, position: number): number {
  return source.slice(0, position).split("\n").length;
}

/**
 * Some files and all that they load, by their paths: types do not count, and
 * what is behind an `import()` only with `lazy`.
 */
export function loadedBy(
  roots: readonly string[],
  read: (path: string) => string,
  { lazy }: { readonly lazy: boolean },
): Set<string> {
  const found = new Set<string>();
  const visit = (path: string) => {
    if (found.has(path)) return;
    found.add(path);
    for (const one of findImports(read(path))) {
      if (one.typeOnly || (one.lazy && !lazy)) continue;
      if (!one.specifier.startsWith(".")) continue;
      visit(posix.join(posix.dirname(path), one.specifier));
    }
  };
  roots.forEach(visit);
  return found;
}

/** The files that load a file, whether themselves or by others; types do not count. */
export function loadersOf(
  files: readonly { readonly path: string; readonly text: string }[],
  file: string,
): Set<string> {
  const importers = new Map<string, string[]>();
  for (const { path, text } of files) {
    for (const { specifier, typeOnly } of findImports(text)) {
      if (typeOnly || !specifier.startsWith(".")) continue;
      const target = posix.join(posix.dirname(path), specifier);
      importers.set(target, [...importers.get(target) ?? [], path]);
    }
  }
  const found = new Set<string>();
  const queue = [file];
  for (let one = queue.pop(); one !== undefined; one = queue.pop()) {
    for (const importer of importers.get(one) ?? []) {
      if (found.has(importer)) continue;
      found.add(importer);
      queue.push(importer);
    }
  }
  return found;
}

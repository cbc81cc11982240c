/** Whether what the pages point at is there: files, headings, paths of the source. */
import { posix } from "node:path";

/** A page of Markdown, its path relative to the repository. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

/** Whether a file, a folder or a pattern of them is in the repository. */
export type Exists = (path: string) => boolean;

/** Judges the relative links of pages and the source files that they name. */
export function judgeLinks(pages: readonly Page[], exists: Exists): string[] {
  const anchors = new Map(
    pages.map(({ path, text }) => [path, anchorsOf(text)]),
  );
  return pages.flatMap((page) => [
    ...linksOf(page.text).flatMap(({ line, target }) => {
      const [to = "", anchor] = target.split("#");
      const path = to === ""
        ? page.path
        : posix.normalize(posix.join(posix.dirname(page.path), to));
      const found = to === "" || exists(path);
      if (found && (anchor === undefined || anchors.get(path)?.has(anchor))) {
        return [];
      }
      const lost = found ? `no heading of ${path}` : "not there";
      return [`${page.path}:${line}: "${target}" is ${lost}`];
    }),
    ...sourcesOf(page.text).filter(({ target }) =>
      !exists(target) && !exists(`src/${target}`)
    ).map(({ line, target }) =>
      `${page.path}:${line}: \`${target}\` is not there`
    ),
  ]);
}

/** The pages of a folder that its index does not lead to. */
export function judgeIndex(index: Page, paths: readonly string[]): string[] {
  const folder = posix.dirname(index.path);
  const linked = new Set(
    linksOf(index.text).map(({ target }) =>
      posix.join(folder, target.split("#")[0] as string)
    ),
  );
  return paths.filter((path) => path !== index.path && !linked.has(path))
    .map((path) => `${index.path} has no link to ${path}`);
}

interface Mention {
  readonly line: number;
  readonly target: string;
}

function linksOf(text: string): Mention[] {
  return mentions(blankCode(text), /\[[^\]]*\]\(([^)\s]+)\)/g)
    .filter(({ target }) => !/^[a-z]+:/.test(target));
}

function sourcesOf(text: string): Mention[] {
  return mentions(
    blankBlocks(text),
    /`([\w.-]+(?:\/[\w.*{},-]+)+\.ts)`|`((?:src|adapters|tests|scripts|bench|examples|decisions)(?:\/[\w.*{},-]+)+)`|\b((?:src|adapters)\/[\w.*{},/-]+\.ts)\b/g,
  );
}

function mentions(text: string, pattern: RegExp): Mention[] {
  return text.split("\n").flatMap((one, index) =>
    [...one.matchAll(pattern)].map(([, ...targets]) => ({
      line: index + 1,
      target: targets.find((one) => one !== undefined) as string,
    }))
  );
}

/** The anchors that GitHub gives to the headings of a page. */
export function anchorsOf(text: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const [, heading] of blankBlocks(text).matchAll(/^#+ +(.+)$/gm)) {
    const name = (heading as string).trim()
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-");
    let anchor = name;
    for (let copy = 1; anchors.has(anchor); copy++) anchor = `${name}-${copy}`;
    anchors.add(anchor);
  }
  for (const [, id] of text.matchAll(/<a (?:id|name)="([^"]+)">/g)) {
    anchors.add(id as string);
  }
  return anchors;
}

/** A page without its fenced and indented blocks, its lines where they were. */
function blankBlocks(text: string): string {
  let fence: string | undefined;
  return text.split("\n").map((line) => {
    const mark = /^\s*(```+|~~~+)/.exec(line)?.[1];
    if (fence === undefined && mark === undefined) {
      return /^ {4}/.test(line) ? "" : line;
    }
    if (fence === undefined) fence = mark;
    else if (mark?.startsWith(fence)) fence = undefined;
    return "";
  }).join("\n");
}

function blankCode(text: string): string {
  return blankBlocks(text).replaceAll(/`[^`\n]*`/g, "");
}

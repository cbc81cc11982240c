/** The answer to a request for a file. */
import { nameIn } from "../../base/path.ts";
import type { FoundFile, ServedFiles } from "../../runtime/served-files.ts";
import {
  acceptedCodings,
  CODINGS,
  conditionOf,
  rangeOf,
} from "./conditions.ts";
import type { Header } from "./conditions.ts";
import type { ServedFolder } from "./files-plan.ts";
import { mediaTypeOf } from "./media-types.ts";
import { below, namesOf, rawPathOf } from "./path.ts";

/** What is asked. */
export interface FileRequest {
  readonly method: string;
  readonly url: string;
  readonly header: Header;
}

export interface FileAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body:
    | Uint8Array<ArrayBuffer>
    | ReadableStream<Uint8Array<ArrayBuffer>>
    | null;
}

/** No descriptor is left to look for the file with. Not the app's 404, which caches may store. */
const LATER: FileAnswer = {
  status: 503,
  headers: { "retry-after": "1" },
  body: null,
};

const FOREVER = "public, max-age=31536000, immutable";
const ASK_AGAIN = "no-cache";

/** How long a browser may keep a file without asking: a name with a hash of its content is another file when that changes. */
function cacheControl(name: string): string {
  return hasHash(name) ? FOREVER : ASK_AGAIN;
}

/** True for a name with a hash before its ending, as bundlers write them: hex, base64url of eight, or base32 of eight. */
export function hasHash(name: string): boolean {
  const [, hash = ""] = /[-.~_]([\w-]+?)(?:\.\w+){1,2}$/.exec(name) ?? [];
  const parts = hash.split(/[-_]/);
  const last = parts.at(-1) ?? "";
  if (/^[0-9a-f]{8,}$/.test(last)) return /\d/.test(last) && /[a-f]/.test(last);
  if (/^[A-Z2-7]{8}$/.test(last)) return /\d/.test(last) && /[A-Z]/.test(last);
  const eight = hash.slice(-8);
  return eight.length === 8 && /\d/.test(eight) && /[A-Z]/.test(eight) &&
    /[a-z]/.test(eight);
}

/** Answers with a file of these folders; undefined where none of them has one, which is the app's matter. */
export function answerByFile(
  request: FileRequest,
  folders: readonly ServedFolder[],
  files: ServedFiles,
): FileAnswer | undefined {
  const { method, url, header } = request;
  if (method !== "GET" && method !== "HEAD") return undefined;
  // Where a page is, its WebSocket may be too.
  if (header("upgrade")?.toLowerCase() === "websocket") return undefined;
  const path = rawPathOf(url);
  if (path === undefined) return undefined;
  for (const { root, prefix } of folders) {
    const rest = below(prefix, path);
    const names = rest === undefined ? undefined : namesOf(rest);
    if (names === undefined) continue;
    const isFolder = names.at(-1) === "";
    const name = isFolder ? "index.html" : names.at(-1)!;
    const inner = [...names.slice(0, -1), name].join("/");
    const found = files.find(root, inner);
    if (found === undefined) continue;
    if (found === "later") return LATER;
    if (found === true) {
      const index = isFolder
        ? undefined
        : files.find(root, `${inner}/index.html`);
      if (index === undefined || index === true) continue;
      return index === "later" ? LATER : redirect(path, url);
    }
    const answer = send(request, { root, inner, name, found }, files);
    if (answer !== undefined) return answer;
  }
  return undefined;
}

/** To the folder's own path, where the links of its index lead to the right places; relative, since a proxy may serve it elsewhere. */
function redirect(path: string, url: string): FileAnswer {
  const last = nameIn(path);
  const query = url.indexOf("?");
  const location = `./${last}/${query === -1 ? "" : url.slice(query)}`;
  return { status: 301, headers: { location }, body: null };
}

interface Sought {
  readonly root: string;
  /** The path below it. */
  readonly inner: string;
  readonly name: string;
  readonly found: FoundFile;
}

function send(
  { method, header }: FileRequest,
  { root, inner, name, found }: Sought,
  files: ServedFiles,
): FileAnswer | undefined {
  const { type, compressible } = mediaTypeOf(name);
  const headers: Record<string, string> = {
    "content-type": type,
    "cache-control": cacheControl(name),
    "x-content-type-options": "nosniff",
    "accept-ranges": "bytes",
  };
  let file = found;
  let tail = "";
  if (compressible) {
    const copies = copiesOf(root, inner, files);
    if (copies.size > 0) headers.vary = "accept-encoding";
    const coding = copies.size === 0
      ? undefined
      : acceptedCodings(header("accept-encoding"))
        .find((one) => copies.has(one));
    if (coding !== undefined) {
      file = copies.get(coding)!;
      tail = `-${coding}`;
      headers["content-encoding"] = coding;
    }
  }
  const modifiedMs = Math.floor(file.modifiedMs / 1000) * 1000;
  const etag = `"${Math.floor(file.modifiedMs).toString(36)}-${
    file.size.toString(36)
  }${tail}"`;
  headers.etag = etag;
  headers["last-modified"] = new Date(modifiedMs).toUTCString();
  const validators = { etag, modifiedMs };
  const status = conditionOf(header, validators);
  if (status !== undefined) {
    for (const one of ["content-type", "content-encoding", "accept-ranges"]) {
      delete headers[one];
    }
    return { status, headers, body: null };
  }
  const { size } = file;
  const range = method === "GET"
    ? rangeOf(header, size, validators)
    : undefined;
  if (range === "none") {
    return {
      status: 416,
      headers: { "content-range": `bytes */${size}`, "accept-ranges": "bytes" },
      body: null,
    };
  }
  const [from, to] = range ?? [0, size];
  headers["content-length"] = String(to - from);
  if (range !== undefined) {
    headers["content-range"] = `bytes ${from}-${to - 1}/${size}`;
  }
  const body = method === "HEAD" ? null : files.read(file, from, to);
  if (body === undefined) return undefined;
  return { status: range === undefined ? 200 : 206, headers, body };
}

/** Compressed copies that lie beside a file, by their codings. */
function copiesOf(
  root: string,
  inner: string,
  files: ServedFiles,
): ReadonlyMap<string, FoundFile> {
  const copies = new Map<string, FoundFile>();
  for (const [coding, ending] of CODINGS) {
    const copy = files.find(root, inner + ending);
    if (typeof copy === "object") copies.set(coding, copy);
  }
  return copies;
}

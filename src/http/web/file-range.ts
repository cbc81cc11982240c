/** A part of a file, as the client's Range asks for it: RFC 9110 section 14, as Bun's own server answers it (1.4.5, BUN-FILE-RANGE). */
import type { Head } from "../h1/head.ts";
import { MemoResponse } from "./memo-response.ts";
import type { Parts } from "./response-parts.ts";

/** First and last byte. */
type Bounds = readonly [from: number, to: number];

/** The one range that a field asks for; undefined where it is to be ignored, "none" where there is no such part. */
function boundsOf(field: string, size: number): Bounds | "none" | undefined {
  const [, first = "", last = ""] =
    /^bytes[ \t]*=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(field) ?? [];
  if (first === "") {
    if (last === "") return undefined;
    const length = Math.min(Number(last), size);
    return length === 0 ? "none" : [size - length, size - 1];
  }
  const from = Number(first);
  const to = last === "" ? Infinity : Number(last);
  if (to < from) return undefined;
  return from >= size ? "none" : [from, Math.min(to, size - 1)];
}

/**
 * What is sent in place of a whole file where the client asks for a part of it;
 * undefined for any other response. `fileSize` tells the size of the file
 * behind a Blob, which is more than that of a slice.
 */
export function filePart(
  response: Response,
  { head, fileSize }: {
    readonly head: Pick<Head, "method"> & Partial<Pick<Head, "field">>;
    readonly fileSize?: ((blob: Blob) => number | undefined) | undefined;
  },
): Parts | undefined {
  const blob = MemoResponse.blob(response);
  if (blob === undefined || head.method !== "GET") return undefined;
  const field = head.field?.("range");
  if (field === undefined || response.status !== 200) return undefined;
  // It cannot be told here whether the client's part is of this file.
  if (head.field?.("if-range") !== undefined) return undefined;
  const { size } = blob;
  if (size === 0 || fileSize?.(blob) !== size) return undefined;
  const bounds = boundsOf(field, size);
  const { headers } = response;
  if (bounds === undefined || headers.has("content-range")) return undefined;
  const none = bounds === "none";
  const dropped = new Set(["content-length", "accept-ranges"]);
  if (none) dropped.add("content-type");
  const list = [...headers].filter(([name]) => !dropped.has(name)).flat();
  list.push("accept-ranges", "bytes", "content-range");
  if (none) {
    list.push(`bytes */${size}`);
    return { status: 416, statusText: "", list, body: null };
  }
  const [from, to] = bounds;
  list.push(`bytes ${from}-${to}/${size}`);
  return {
    status: 206,
    statusText: "",
    list,
    body: blob.slice(from, to + 1).stream(),
    size: to + 1 - from,
  };
}

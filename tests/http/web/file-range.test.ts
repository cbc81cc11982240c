import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { filePart } from "../../../src/http/web/file-range.ts";
import { MemoResponse } from "../../../src/http/web/memo-response.ts";

const ranges = suite("filePart()");

const file = new Blob(["0123456789"], { type: "text/x-digits" });

interface Asked {
  readonly range?: string;
  readonly method?: string;
  readonly ifRange?: string;
  readonly init?: ResponseInit;
  readonly body?: Blob;
  /** Of the file behind it. */
  readonly fileSize?: number;
}

/** What is sent for a file of ten bytes, in short; undefined for all of it. */
async function asked(
  { range, method = "GET", ifRange, init, body = file, fileSize = 10 }: Asked,
) {
  const response = new MemoResponse(body, init) as unknown as Response;
  const part = filePart(response, {
    head: {
      method,
      field: (name) =>
        name === "range" ? range : name === "if-range" ? ifRange : undefined,
    },
    fileSize: () => fileSize,
  });
  if (part === undefined) return undefined;
  const { status, list, size } = part;
  const sent = part.body as ReadableStream | null;
  const fields = new Headers();
  for (let at = 0; at < list.length; at += 2) {
    fields.append(list[at] as string, list[at + 1] as string);
  }
  return {
    status,
    text: sent === null ? "" : await new Response(sent).text(),
    size,
    range: fields.get("content-range"),
    type: fields.get("content-type"),
  };
}

ranges("gives the bytes that are asked for, and what they are", async () => {
  for (
    const [range, text, said] of [
      ["bytes=2-4", "234", "2-4"],
      ["bytes=0-0", "0", "0-0"],
      ["bytes=8-", "89", "8-9"],
      ["bytes=8-99", "89", "8-9"],
      ["bytes=-3", "789", "7-9"],
      ["bytes=-99", "0123456789", "0-9"],
      ["BYTES = 1-1", "1", "1-1"],
    ]
  ) {
    assert.equal(await asked({ range }), {
      status: 206,
      text,
      size: text?.length,
      range: `bytes ${said}/10`,
      type: "text/x-digits",
    }, range);
  }
});

ranges("gives all of a file of one byte", async () => {
  const part = { body: new Blob(["a"]), fileSize: 1, range: "bytes=0-" };
  assert.is((await asked(part))?.text, "a");
});

ranges("says of what is not there how large the file is", async () => {
  for (const range of ["bytes=10-", "bytes=10-12", "bytes=-0"]) {
    assert.equal(await asked({ range }), {
      status: 416,
      text: "",
      size: undefined,
      range: "bytes */10",
      type: null,
    }, range);
  }
});

ranges("leaves all else whole", async () => {
  const range = "bytes=2-4";
  for (
    const one of [
      {},
      { range: "bytes=4-2" },
      { range: "bytes=-" },
      { range: "bytes=0-1,3-4" },
      { range: "lines=1-2" },
      { range, method: "HEAD" },
      { range, ifRange: '"tag"' },
      { range, init: { status: 404 } },
      { range, init: { headers: { "content-range": "bytes 0-1/10" } } },
      { range, body: file.slice(2, 5) },
      { range, body: new Blob([]) },
      { range: "bytes=0-", body: new Blob([]), fileSize: 0 },
    ]
  ) {
    assert.is(await asked(one), undefined, JSON.stringify(one));
  }
});

ranges.run();

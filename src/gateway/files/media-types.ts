/** The media type of a file by its ending. */

const TEXT = "; charset=utf-8";

/** Those that are worth a compressed copy. */
const COMPRESSIBLE: Readonly<Record<string, string>> = {
  css: `text/css${TEXT}`,
  csv: `text/csv${TEXT}`,
  eot: "application/vnd.ms-fontobject",
  geojson: "application/geo+json",
  htm: `text/html${TEXT}`,
  html: `text/html${TEXT}`,
  ico: "image/x-icon",
  ics: `text/calendar${TEXT}`,
  js: `text/javascript${TEXT}`,
  json: "application/json",
  jsonld: "application/ld+json",
  map: "application/json",
  md: `text/markdown${TEXT}`,
  mjs: `text/javascript${TEXT}`,
  otf: "font/otf",
  rss: "application/rss+xml",
  svg: "image/svg+xml",
  ttf: "font/ttf",
  txt: `text/plain${TEXT}`,
  wasm: "application/wasm",
  webmanifest: "application/manifest+json",
  xhtml: "application/xhtml+xml",
  xml: "application/xml",
};

const OTHERS: Readonly<Record<string, string>> = {
  aac: "audio/aac",
  apng: "image/apng",
  avif: "image/avif",
  br: "application/x-brotli",
  bmp: "image/bmp",
  flac: "audio/flac",
  gif: "image/gif",
  gz: "application/gzip",
  jpeg: "image/jpeg",
  jpg: "image/jpeg",
  jxl: "image/jxl",
  m4a: "audio/mp4",
  mp3: "audio/mpeg",
  mp4: "video/mp4",
  oga: "audio/ogg",
  ogg: "audio/ogg",
  ogv: "video/ogg",
  opus: "audio/ogg",
  pdf: "application/pdf",
  png: "image/png",
  tar: "application/x-tar",
  wav: "audio/wav",
  weba: "audio/webm",
  webm: "video/webm",
  webp: "image/webp",
  woff: "font/woff",
  woff2: "font/woff2",
  zip: "application/zip",
};

/** What the ending of a name tells. */
export interface MediaType {
  readonly type: string;
  readonly compressible: boolean;
}

export function mediaTypeOf(name: string): MediaType {
  const ending = name.slice(name.lastIndexOf(".") + 1).toLowerCase();
  const compressible = Object.hasOwn(COMPRESSIBLE, ending)
    ? COMPRESSIBLE[ending]
    : undefined;
  if (compressible !== undefined) {
    return { type: compressible, compressible: true };
  }
  const type = Object.hasOwn(OTHERS, ending) ? OTHERS[ending] : undefined;
  return { type: type ?? "application/octet-stream", compressible: false };
}

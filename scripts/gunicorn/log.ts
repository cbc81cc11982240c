/** What stands for Gunicorn's access log atoms and figures, for `docs/from-gunicorn.md`. */

/** What stands above the atoms. */
export const atomsIntro =
  "There is no access log in this version. A proxy in front has one, and so have the frameworks; where an app writes its own, this is where Gunicorn's atoms are:";

/** What stands above the figures. */
export const figuresIntro =
  "Gunicorn sends figures to statsd, which corn does not in this version. A program that starts corn by `serve()` can ask `workers()`.";

/** An atom of Gunicorn's access log, what it is, and where it is in corn. */
export interface AtomAnswer {
  /** As it stands between `%(` and `)s`. */
  readonly atom: string;
  readonly meaning: string;
  readonly corn: string;
}

/** Every atom of Gunicorn's. */
export const atoms: readonly AtomAnswer[] = [
  {
    atom: "h",
    meaning: "the client's address, the proxy's where there is one",
    corn:
      "`env`, as on the bare runtime; Hono's `getConnInfo()` reads it on all three",
  },
  { atom: "l", meaning: "always `-`", corn: "`-`" },
  {
    atom: "u",
    meaning: "user of Basic authentication",
    corn: '`request.headers.get("authorization")`',
  },
  { atom: "t", meaning: "time of the line", corn: "`new Date()`" },
  {
    atom: "r",
    meaning: "request line",
    corn: "`request.method` and `request.url`; the version is not known",
  },
  { atom: "m", meaning: "method", corn: "`request.method`" },
  { atom: "U", meaning: "path", corn: "`new URL(request.url).pathname`" },
  { atom: "q", meaning: "query", corn: "`new URL(request.url).search`" },
  {
    atom: "H",
    meaning: "HTTP version",
    corn: "nothing; a Node listener has `req.httpVersion`",
  },
  { atom: "s", meaning: "status", corn: "`response.status`" },
  {
    atom: "B",
    meaning: "bytes of the body",
    corn: '`response.headers.get("content-length")` where the app sets it',
  },
  { atom: "b", meaning: "the same, or `-`", corn: "as `B`" },
  {
    atom: "f",
    meaning: "referrer",
    corn: '`request.headers.get("referer")`',
  },
  {
    atom: "a",
    meaning: "user agent",
    corn: '`request.headers.get("user-agent")`',
  },
  {
    atom: "T",
    meaning: "duration in seconds",
    corn: "`performance.now()` before and after",
  },
  { atom: "M", meaning: "duration in milliseconds", corn: "as `T`" },
  { atom: "D", meaning: "duration in microseconds", corn: "as `T`" },
  {
    atom: "L",
    meaning: "duration in seconds, with decimals",
    corn: "as `T`",
  },
  {
    atom: "p",
    meaning: "the worker's process id",
    corn: "`process.pid`; `CORN_WORKER_ID` is its stable number",
  },
  {
    atom: "{name}i",
    meaning: "a header of the request",
    corn: "`request.headers.get(name)`",
  },
  {
    atom: "{name}o",
    meaning: "a header of the response",
    corn: "`response.headers.get(name)`",
  },
  {
    atom: "{name}e",
    meaning: "a variable of the WSGI environment",
    corn: "there is none: take request, `env` or `process.env`",
  },
];

/** Gunicorn's statsd figures, and where corn has the like. */
export const figures: readonly (readonly [string, string])[] = [
  ["gunicorn.requests", "each worker's `requests` in `workers()`"],
  ["gunicorn.request.duration", "a middleware"],
  ["gunicorn.request.status.NNN", "a middleware"],
  ["gunicorn.workers", "the length of `workers()`"],
  ["gunicorn.backlog", "`ss -ltn`"],
  ["gunicorn.log.*", "the log"],
];

/** What stands for Gunicorn's access log atoms and figures, for `docs/from-gunicorn.md`. */

/** What stands above the atoms. */
export const atomsIntro =
  "`--access-log-format` takes a format of Gunicorn's as it is. [logs.md](logs.md) says what each atom is; here is what differs. What a client sends cannot end a field, a quote or a line: `\"` and `\\` have a backslash before them, all else that could is written as JSON has it, so a format that looks like JSON is JSON. An atom that Gunicorn writes as `-` because it does not know it is refused at the start.";

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
    meaning: "the peer's address",
    corn: "the client's, by a trusted proxy's word",
  },
  { atom: "l", meaning: "always `-`", corn: "the same" },
  { atom: "u", meaning: "user of Basic authentication", corn: "the same" },
  {
    atom: "t",
    meaning: "time of the line",
    corn: "time at which the request came, in UTC",
  },
  {
    atom: "r",
    meaning: "request line",
    corn: "the same; `-` where none could be read",
  },
  { atom: "m", meaning: "method", corn: "the same" },
  { atom: "U", meaning: "path", corn: "the same" },
  { atom: "q", meaning: "query", corn: "the same; `-` where it is empty" },
  {
    atom: "H",
    meaning: "HTTP version",
    corn: "`-` where the engine does not tell",
  },
  {
    atom: "s",
    meaning: "status",
    corn: "499 where the client left before anything was sent",
  },
  {
    atom: "B",
    meaning: "bytes of the body",
    corn: "those that were sent; `-` where nobody knows",
  },
  { atom: "b", meaning: "the same, or `-`", corn: "as `B`" },
  { atom: "f", meaning: "referrer", corn: "the same" },
  { atom: "a", meaning: "user agent", corn: "the same" },
  {
    atom: "T",
    meaning: "duration in seconds",
    corn: "to the end of the response, streams included",
  },
  { atom: "M", meaning: "duration in milliseconds", corn: "as `T`" },
  { atom: "D", meaning: "duration in microseconds", corn: "as `T`" },
  {
    atom: "L",
    meaning: "duration in seconds, with decimals",
    corn: "as `T`",
  },
  { atom: "p", meaning: "the worker's process id", corn: "the same" },
  { atom: "{name}i", meaning: "a header of the request", corn: "the same" },
  {
    atom: "{name}o",
    meaning: "a header of the response",
    corn: "one that the app gave",
  },
  {
    atom: "{name}e",
    meaning: "a variable of the WSGI environment",
    corn: "those that have a meaning here, `-` for others",
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

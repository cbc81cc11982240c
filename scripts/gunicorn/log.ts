/** What stands for Gunicorn's access log atoms and figures, for `docs/from-gunicorn.md`. */

/** What stands above the atoms. */
export const atomsIntro =
  "`--access-log-format` takes a format of Gunicorn's as it is. [logs.md](logs.md) says what each atom is; here is what differs. What a client sends cannot end a field, a quote or a line: `\"` and `\\` have a backslash before them, all else that could is written as JSON has it, so a format that looks like JSON is JSON. An atom that Gunicorn writes as `-` because it does not know it is refused at the start.";

/** What stands above the figures. */
export const figuresIntro =
  "`--statsd-host` sends Gunicorn's figures under their names; [metrics.md](metrics.md) says what is measured.";

/** An atom of Gunicorn's access log, as it stands between `%(` and `)s`, what it is, and what it is in corn. */
export const atoms: readonly (readonly [string, string, string])[] = [
  ["h", "the peer's address", "the client's, by a trusted proxy's word"],
  ["l", "always `-`", "the same"],
  ["u", "user of Basic authentication", "the same"],
  ["t", "time of the line", "time at which the request came, in UTC"],
  ["r", "request line", "the same; `-` where none could be read"],
  ["m", "method", "the same"],
  ["U", "path", "the same"],
  ["q", "query", "the same; `-` where it is empty"],
  ["H", "HTTP version", "`-` where the engine does not tell"],
  ["s", "status", "499 where the client left before anything was sent"],
  ["B", "bytes of the body", "those that were sent; `-` where nobody knows"],
  ["b", "the same, or `-`", "as `B`"],
  ["f", "referrer", "the same"],
  ["a", "user agent", "the same"],
  ["T", "duration in seconds", "to the end of the response, streams included"],
  ["M", "duration in milliseconds", "as `T`"],
  ["D", "duration in microseconds", "as `T`"],
  ["L", "duration in seconds, with decimals", "as `T`"],
  ["p", "the worker's process id", "the same"],
  ["{name}i", "a header of the request", "the same"],
  ["{name}o", "a header of the response", "one that the app gave"],
  [
    "{name}e",
    "a variable of the WSGI environment",
    "those that have a meaning here, `-` for others",
  ],
];

/** Gunicorn's statsd figures, and corn's. */
export const figures: readonly (readonly [string, string])[] = [
  ["gunicorn.requests", "the same"],
  [
    "gunicorn.request.duration",
    "the same, to the end of the response, streams included",
  ],
  [
    "gunicorn.request.status.NNN",
    "the same; 499 where the client left before anything was sent",
  ],
  ["gunicorn.workers", "the same"],
  [
    "gunicorn.backlog",
    "the same, of all TCP queues together, with `--enable-backlog-metric`",
  ],
  ["gunicorn.log.*", "the same"],
];

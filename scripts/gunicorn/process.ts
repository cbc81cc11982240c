/** Gunicorn's environment variables and exit codes, for `docs/from-gunicorn.md`. */

/** A variable that Gunicorn reads or sets, and corn's. */
export const variables: readonly (readonly [string, string])[] = [
  [
    "GUNICORN_CMD_ARGS",
    "`CORN_CMD_ARGS`, flags as one types them; besides, all settings but two have a `CORN_*` variable. That Gunicorn's is not read is said at the start, and by `--check-config` and `--print-config`; so is a `GUNICORN_*` variable of one's own that has a `CORN_*` counterpart, such as `GUNICORN_WORKERS`",
  ],
  ["PORT", "the same: `0.0.0.0:$PORT` where nothing else gives an address"],
  [
    "WEB_CONCURRENCY",
    "the same; empty counts as unset, and it may be `auto`",
  ],
  ["FORWARDED_ALLOW_IPS", "the same"],
  ["SENDFILE", "not in corn, and ignored"],
  [
    "SCRIPT_NAME",
    "the same: the app sees what follows it, see `--base-path`",
  ],
  [
    "PWD",
    "the same: the name of the working folder where it is right, so that a link in it is followed at each HUP",
  ],
  ["XDG_RUNTIME_DIR", "the same: the control socket is in its folder corn"],
  ["NOTIFY_SOCKET", "the same, and more is told: see above"],
  ["LISTEN_FDS", "the same"],
  ["LISTEN_PID", "the same"],
  ["GUNICORN_PID", "`CORN_PID`, set by corn for an upgrade"],
  ["GUNICORN_FD", "`CORN_FD`, set by corn for an upgrade"],
  [
    "GUNICORN_DIRTY_SOCKET",
    "`CORN_TASKS`, from which `corn/tasks` knows where the pools are",
  ],
  [
    "SERVER_SOFTWARE",
    "not set; `CORN_WORKER_ID` tells an app that it runs under corn, and as which worker",
  ],
];

/** An exit code: when Gunicorn ends with it, when corn does. */
export const exitCodes: readonly (readonly [string, string, string])[] = [
  ["0", "stopped by a signal", "the same"],
  [
    "1",
    "bad config, an address that is taken, often a worker that failed to boot",
    "bad config, an address or a pid file that cannot be had, anything unforeseen",
  ],
  ["2", "bad command line", "the same"],
  [
    "3",
    "a worker failed to boot, at any time, a reload too",
    "the first workers failed to boot; later failures never end corn",
  ],
  [
    "4",
    "the app could not be loaded, at any time, a reload too",
    "the app could not be loaded by the first workers, or by `--check-config`",
  ],
  ["255", "an error in the arbiter that nobody foresaw", "1"],
];

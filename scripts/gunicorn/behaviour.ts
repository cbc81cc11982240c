/** Where corn behaves otherwise than Gunicorn, for `docs/from-gunicorn.md`. */

/** A subject, what Gunicorn does there, what corn does; Gunicorn's are facts of version 26.2. */
export interface Difference {
  readonly subject: string;
  readonly gunicorn: string;
  readonly corn: string;
}

/** What matters to who moves over. */
export const differences: readonly Difference[] = [
  {
    subject: "Reload",
    gunicorn: "old workers get TERM as soon as the new ones are forked",
    corn:
      "each old worker drains when the new one in its slot is ready; `--max-surge` says how many boot beside the old, `--max-draining` how many may go on draining",
  },
  {
    subject: "Reload to code or config that is broken",
    gunicorn: "the server ends",
    corn:
      "one error in the log, and what served before serves on, beside new workers that had got ready; `--min-uptime` also catches code that dies soon after it was loaded",
  },
  {
    subject: "Ready",
    gunicorn: "`when_ready` and `READY=1` come before the first worker",
    corn: "`READY=1` comes, and `serve()` resolves, when a worker is ready",
  },
  {
    subject: "A boot that hangs",
    gunicorn: "is not noticed",
    corn: "is killed after `--boot-timeout`",
  },
  {
    subject: "A worker that dies",
    gunicorn: "is replaced at once, however often",
    corn:
      "is replaced at once the first time, then after 0.25 s, 0.5 s and so on, up to 30 s",
  },
  {
    subject: "A failed boot while others serve",
    gunicorn: "may end the server",
    corn: "never does; only if no worker of the start gets ready, corn ends",
  },
  {
    subject: "`timeout`",
    gunicorn:
      "limits a request on the sync worker, and elsewhere a main loop that is stuck",
    corn:
      "limits a blocked event loop; the log names the open requests. A slow request that awaits something kills nobody: `--request-timeout` answers it with 504",
  },
  {
    subject: "Stop, and everything else that drains",
    gunicorn:
      "listeners are closed; the async workers may wait for idle connections to the end of the graceful timeout, and what is in the accept queue is reset",
    corn:
      "idle connections are closed when their keep-alive time has passed; open requests, streams and `waitUntil` promises get `--graceful-timeout`; in a reload or a replacement what is in the queue goes to the others, but when all of corn stops, a connection that comes during the drain waits and is reset at the end, as in Gunicorn: give `--drain-delay`",
  },
  {
    subject: "`TERM` and `QUIT`",
    gunicorn: "graceful and quick",
    corn:
      "the same; a second one of any kind ends everything at once, and `--drain-delay` lets load balancers notice first",
  },
  {
    subject: "`max_requests`",
    gunicorn: "the replacement starts when the old worker has gone",
    corn:
      "the replacement is ready before the old worker drains; lifetime and memory have limits of the same kind",
  },
  {
    subject: "Pid file",
    gunicorn:
      "a start is refused while the file names a living process; a server that died of its worker may leave it",
    corn:
      "the same refusal; it is removed at the end, unless it names another process by then",
  },
  {
    subject: "Upgrade (USR2)",
    gunicorn: "whether the new server works is for you to find out",
    corn:
      "the new arbiter reports when all its workers are ready, and is given up if it ends or hangs; pid file `FILE.2` and rollback as in Gunicorn",
  },
  {
    subject: "systemd",
    gunicorn: "is told `READY=1`, once",
    corn:
      "is told of ready, reloads, the main process after an upgrade, and the stop; its watchdog is fed. On Node the unit needs `NotifyAccess=all`",
  },
  {
    subject: "Errors that nothing caught",
    gunicorn:
      "end a request; what they end beyond that is up to the worker class",
    corn:
      "in a request: 500 without details, and the stack in the log. Elsewhere, such as a rejected promise: the worker serves on until its replacement is ready, then drains. Rejections are left to an app that listens to `unhandledRejection` itself",
  },
  {
    subject: "Death of the arbiter",
    gunicorn:
      "workers leave within a second, sync ones in up to half the timeout",
    corn: "workers notice at once, drain for a second and a half, and leave",
  },
  {
    subject: "WebSockets",
    gunicorn: "by a worker class for them, such as geventwebsocket's",
    corn:
      "by what the app exports beside its handler, as frameworks have it on each runtime, see [websockets.md](websockets.md); a drain ends them with 1012, spread over `--websocket-drain`",
  },
  {
    subject: "Metrics of the app",
    gunicorn:
      "Prometheus' multiprocess mode: workers share files, and `child_exit` clears them away",
    corn:
      "each worker has its own registry, and a scrape would meet one of them by chance: push them, with `CORN_WORKER_ID` as a label, which stays the same for a worker's replacement. corn's own figures are summed over the workers, see `--statsd-host`",
  },
  {
    subject: "Jobs that run once",
    gunicorn: "in `on_starting` or `when_ready`, or with `preload_app`",
    corn:
      "what is done before anything serves: the hook `onStarting`. A timer that one worker shall have: ask for `CORN_WORKER_ID=1` in the app; while worker 1 is replaced the old one and the new one both run it, so let a second copy do no harm",
  },
  {
    subject: "Accept queues",
    gunicorn: "one for all workers, or one each with `--reuse-port`",
    corn:
      "one each over TCP on Linux, held by the arbiter; when a worker is late, gone or drains, a sibling takes over its queue",
  },
  {
    subject: "Unix sockets",
    gunicorn: "anyone may connect, unless `umask` says otherwise",
    corn:
      "0660 by `--unix-mode`; a name that another living process has is left to it",
  },
  {
    subject: "Config file",
    gunicorn: "names that are no settings are passed over",
    corn: "they are refused, with the nearest right one",
  },
  {
    subject: "Number of workers",
    gunicorn: "1 unless given, 0 is accepted",
    corn: "one a processor unless given, 0 is refused",
  },
  {
    subject: "State before the fork",
    gunicorn: "`preload_app` shares memory, and connections by accident",
    corn:
      "workers share nothing; each one loads the app, and each opens its own connections to databases",
  },
];

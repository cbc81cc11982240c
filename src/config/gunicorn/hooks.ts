import { type Answers, instead, later } from "./answer.ts";

const BOOT =
  "the top level of the app's module runs in each worker before it is ready";

/** Gunicorn's section "Server Hooks". Each one is a function in the config file, so there are no flags. */
export const hooks: Answers = {
  on_starting: instead(
    "",
    "a program that starts corn by serve() does it before the call",
  ),
  on_reload: instead(
    "",
    "a program that starts corn by serve() calls reload() and does it before or after; the config file is read anew at each HUP, and may export a function",
  ),
  when_ready: instead(
    "",
    "a program does it when serve() resolves, which is when the first worker is ready; a service manager gets READY=1 then",
  ),
  pre_fork: later("", "nothing is forked; --env gives workers variables"),
  post_fork: instead("", BOOT),
  post_worker_init: instead("", BOOT),
  worker_int: later("", "a worker that gets QUIT exits at once"),
  worker_abort: later(
    "",
    "the log names the requests that were open when the event loop was blocked",
  ),
  pre_exec: later("", "--upgrade-command says what USR2 starts"),
  pre_request: instead("", "a middleware of the app's framework"),
  post_request: instead(
    "",
    "a middleware of the app's framework, or ctx.waitUntil(promise) for what may end after the answer",
  ),
  child_exit: later("", "the log says which worker ended, and how"),
  worker_exit: later(
    "",
    "ctx.waitUntil(promise) holds a drain open until its promise settles",
  ),
  nworkers_changed: later(
    "",
    "the log has each change of the number of workers",
  ),
  on_exit: instead(
    "",
    "a program that starts corn by serve() awaits done and does it then; under systemd, ExecStopPost",
  ),
  ssl_context: later("", "let a proxy in front end TLS"),
};

const DIRTY =
  "corn keeps no second pool for long work; give it to a service of its own with a queue between";

/** Gunicorn's sections about dirty arbiters and their hooks. */
export const dirty: Answers = {
  dirty_apps: later("--dirty-app", DIRTY),
  dirty_workers: later("--dirty-workers", DIRTY),
  dirty_timeout: later("--dirty-timeout", DIRTY),
  dirty_threads: later("--dirty-threads", DIRTY),
  dirty_graceful_timeout: later("--dirty-graceful-timeout", DIRTY),
  on_dirty_starting: later("", DIRTY),
  dirty_post_fork: later("", DIRTY),
  dirty_worker_init: later("", DIRTY),
  dirty_worker_exit: later("", DIRTY),
};

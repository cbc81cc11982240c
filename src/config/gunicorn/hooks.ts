import { type Answers, instead, never, sameHook } from "./answer.ts";

const LOGGED = "what it throws is logged, and corn serves on";

/** Gunicorn's section "Server Hooks". Each one is a function in the config file, so there are no flags. */
export const hooks: Answers = {
  on_starting: sameHook(
    "onStarting",
    "what it throws ends the start, as in Gunicorn; a promise is waited for",
  ),
  on_reload: sameHook(
    "onReload",
    `called before the new workers are started, when the new config is read; ${LOGGED}`,
  ),
  when_ready: sameHook(
    "whenReady",
    `called when a worker is ready, not before the first one is started; ${LOGGED}`,
  ),
  pre_fork: sameHook(
    "preFork",
    "nothing is forked, so it cannot change the worker's memory: it may return env and args for its runtime; a worker whose preFork throws is started without them",
  ),
  post_fork: sameHook(
    "postFork",
    `gets the worker alone, for the arbiter is another process; runs before privileges are dropped; ${LOGGED}`,
  ),
  post_worker_init: sameHook(
    "postWorkerInit",
    `${LOGGED}; an app that exports onStart can refuse to serve`,
  ),
  worker_int: sameHook(
    "workerInt",
    "at QUIT, and where the arbiter got INT: workers ignore their own, which a terminal sends to all",
  ),
  worker_abort: sameHook(
    "workerAbort",
    "what is written in JavaScript runs on the event loop: while that is blocked nothing can be called, and KILL follows a second after ABRT; the log names the requests that were open",
  ),
  pre_exec: sameHook(
    "preExec",
    "runs in the arbiter that starts the new one; what it throws refuses the upgrade",
  ),
  pre_request: sameHook(
    "preRequest",
    "gets the Request; what it throws is answered with 500, as in Gunicorn",
  ),
  post_request: sameHook(
    "postRequest",
    "gets the Request, and an object with response, status, ms and error; no answer waits for it",
  ),
  child_exit: sameHook(
    "childExit",
    `called for every worker that was started, with its exit code or signal; ${LOGGED}`,
  ),
  worker_exit: sameHook(
    "workerExit",
    `called in the worker alone; one that crashes or is killed calls nothing; ${LOGGED}`,
  ),
  nworkers_changed: sameHook(
    "nworkersChanged",
    "called when the number is another one, not at each assignment",
  ),
  on_exit: sameHook(
    "onExit",
    "called before the pid file is removed; a second TERM does not wait for it",
  ),
  ssl_context: instead(
    "",
    "certificates by name are --sni, and one that is renewed is read again by itself; what a context may be told besides are --ciphers and --tls-min-version",
    "sni",
  ),
};

const DIRTY_HOOK =
  "the module of a pool of tasks exports onStart and onStop, which are called in each of its processes";

/** Gunicorn's sections about dirty arbiters and their hooks. */
export const dirty: Answers = {
  dirty_apps: instead(
    "--dirty-app",
    "tasks in the config file has pools, each with a module whose exported functions are called by name, see docs/tasks.md",
  ),
  dirty_workers: instead("--dirty-workers", "workers of each pool of tasks"),
  dirty_timeout: instead(
    "--dirty-timeout",
    "timeout of each pool of tasks; a task that does not heed it is ended with its process",
  ),
  dirty_threads: never(
    "--dirty-threads",
    "a process of a pool runs one task at a time, so that a stuck one holds up no other; give the pool more workers",
  ),
  dirty_graceful_timeout: instead(
    "--dirty-graceful-timeout",
    "pools of tasks drain as workers do, within --graceful-timeout",
    "gracefulTimeout",
  ),
  on_dirty_starting: instead("", DIRTY_HOOK),
  dirty_post_fork: instead("", DIRTY_HOOK),
  dirty_worker_init: instead("", DIRTY_HOOK),
  dirty_worker_exit: instead("", DIRTY_HOOK),
};

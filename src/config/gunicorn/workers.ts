import { type Answers, instead, never, same } from "./answer.ts";

/** Gunicorn's section "Config File". */
export const configFile: Answers = {
  config: same(
    "-c --config",
    "config",
    "a module or JSON file of its own, by default corn.config.ts, .js, .mjs or .json in the working folder; a name that is no setting's is refused",
  ),
  wsgi_app: instead(
    "",
    "app in the config file, CORN_APP, or the argument: app.ts, app.ts:name, 'app.ts:create({\"debug\":true})'",
  ),
};

/** Gunicorn's section "Server Socket". */
export const serverSocket: Answers = {
  bind: same(
    "-b --bind",
    "bind",
    "the same forms, abstract unix sockets too; a unix socket gets --unix-mode, 0660 unless told otherwise, and --unix-owner",
  ),
  backlog: same("--backlog", "backlog", "for each accept queue, at least 1"),
};

/** Gunicorn's section "Worker Processes". */
export const workers: Answers = {
  workers: same(
    "-w --workers",
    "workers",
    "auto unless given: one for each processor that the affinity and the container's quota leave; a range such as 2..8 leaves it to the load; 0 is refused",
  ),
  worker_class: same(
    "-k --worker-class",
    "workerClass",
    "async unless given: a worker awaits many requests on one event loop, as with gevent, eventlet, tornado, asgi and uvicorn; sync has one request in hand, as there, and keeps connections open where --keep-alive is given; gthread is thread",
  ),
  threads: same(
    "--threads",
    "threads",
    "more than 1 gives workers of the class thread, as there; each thread is an event loop with the app loaded once more, which serves many requests at once: what waits for a database needs none, and --workers does the same for processors",
  ),
  worker_connections: same(
    "--worker-connections",
    "workerConnections",
    "connections by the wire engine, requests in hand by the others; further ones wait, see --max-queue",
  ),
  max_requests: same(
    "--max-requests",
    "maxRequests",
    "the replacement is ready before the old worker drains",
  ),
  max_requests_jitter: same("--max-requests-jitter", "maxRequestsJitter"),
  timeout: same(
    "-t --timeout",
    "timeout",
    "silence of the event loop, never the length of a request; a boot has its own limit, --boot-timeout",
  ),
  graceful_timeout: same("--graceful-timeout", "gracefulTimeout"),
  keepalive: same(
    "--keep-alive",
    "keepAlive",
    "5 unless given; on Bun and Deno a worker that serves keeps idle connections open, one that drains closes them after this time",
  ),
  asgi_loop: never("--asgi-loop", "the event loop is the runtime's"),
  asgi_lifespan: instead(
    "--asgi-lifespan",
    "what the app's module does at its top level, with await where needed, is done before the worker is ready; at the end ctx.waitUntil(promise) holds a drain open",
  ),
  asgi_disconnect_grace_period: never(
    "--asgi-disconnect-grace-period",
    "a handler is not cancelled when its client leaves; where the runtime's HTTP server aborts request.signal, the app may listen to it",
  ),
  http_parser: instead(
    "--http-parser",
    "--http chooses what speaks HTTP: the runtime's own server or corn's wire engine",
    "http",
  ),
};

/** Gunicorn's section "Security". */
export const security: Answers = {
  limit_request_line: same(
    "--limit-request-line",
    "limitRequestLine",
    "by the wire engine, which giving it chooses; 0 is 65536, where Gunicorn takes 8190 for it. Unless given it is 8190, not 4094, which is less than the 8000 bytes that RFC 9112 asks for, and than redirects of today have",
  ),
  limit_request_fields: same(
    "--limit-request-fields",
    "limitRequestFields",
    "by the wire engine, which giving it chooses; 0 is 32768, as in Gunicorn",
  ),
  limit_request_field_size: same(
    "--limit-request-field_size",
    "limitRequestFieldSize",
    "by the wire engine, which giving it chooses; 0 is 65536",
  ),
};

/** Gunicorn's section "Debugging". */
export const debugging: Answers = {
  reload: same(
    "--reload",
    "reload",
    "the arbiter watches; code that is broken is reported in the log, and what ran before serves on",
  ),
  reload_engine: never(
    "--reload-engine",
    "there is one way to watch, by the system's notifications",
  ),
  reload_extra_files: same("--reload-extra-file", "reloadExtraFile"),
  spew: never(
    "--spew",
    "a debugger does that better: --inspect",
  ),
  check_config: same(
    "--check-config",
    "checkConfig",
    "tries what a start opens, and loads the app in a worker of the right runtime that serves nothing; exits 4 where the app is at fault; addresses and a pid file of a corn that runs are no fault",
  ),
  print_config: same(
    "--print-config",
    "printConfig",
    "with the origin of each value; the app is not loaded unless --check-config is given too",
  ),
};

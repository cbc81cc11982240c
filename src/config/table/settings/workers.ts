import { LEAST_MEMORY } from "../../values/scalars.ts";

/** How many workers there are, and how long each may live, hang and drain. */
export const workers = {
  workers: {
    section: "Workers",
    type: "range",
    default: "auto",
    meaning:
      "Number of workers, or a range in which the load decides. auto is one for each processor that corn may use",
    short: "w",
    words: ["auto"],
    min: 1,
    // Beyond what machines carry: a figure too many must not start processes until none is left for others.
    max: 1024,
    variables: { WEB_CONCURRENCY: "$" },
  },
  shrinkAfter: {
    section: "Workers",
    type: "duration",
    default: 60,
    meaning:
      "How long fewer workers of a range must have been enough before one leaves",
    positive: true,
  },
  runtime: {
    section: "Workers",
    type: "choice",
    default: "auto",
    meaning:
      "Runtime of the workers. auto is the one that corn was started with",
    choices: ["auto", "node", "bun", "deno"],
    elsewhere: { nodejs: "node", bunjs: "bun", denojs: "deno" },
    metavar: "NAME",
  },
  workerArgs: {
    section: "Workers",
    type: "words",
    default: [],
    meaning:
      "Arguments for the workers' runtime, such as --smol, split as a shell does. Permissions of Deno take the place of -A",
  },
  workerClass: {
    section: "Workers",
    type: "choice",
    default: "async",
    meaning:
      "What a worker is: an event loop (async), one with one request in hand (sync), or several event loops in a process (thread)",
    short: "k",
    choices: ["async", "sync", "thread"],
    elsewhere: {
      gthread: "thread",
      gevent: "async",
      eventlet: "async",
      tornado: "async",
      asgi: "async",
      uvicorn: "async",
      gevent_wsgi: "async",
      gevent_pywsgi: "async",
      "gunicorn.workers.sync.syncworker": "sync",
      "gunicorn.workers.gthread.threadworker": "thread",
      "gunicorn.workers.ggevent.geventworker": "async",
      "gunicorn.workers.geventlet.eventletworker": "async",
      "gunicorn.workers.gtornado.tornadoworker": "async",
      "gunicorn.workers.gasgi.asgiworker": "async",
      "aiohttp.gunicornwebworker": "async",
      "uvicorn.workers.uvicornworker": "async",
      "uvicorn.workers.uvicornh11worker": "async",
      "uvicorn_worker.uvicornworker": "async",
    },
    metavar: "CLASS",
  },
  threads: {
    section: "Workers",
    type: "count",
    default: 1,
    meaning:
      "Event loops in each worker's process, each with the app loaded. More than 1 asks for -k thread",
    min: 1,
    // As many as an address may have queues: each accepts for itself.
    max: 256,
  },
  timeout: {
    section: "Workers",
    type: "duration",
    default: 30,
    meaning:
      "How long a worker's event loop may be silent before it is killed and replaced. 0 is off",
    short: "t",
  },
  slowLoop: {
    section: "Workers",
    type: "duration",
    default: 1,
    meaning:
      "How long a worker's event loop may be blocked before the log says by what. 0 is off",
  },
  blockStack: {
    section: "Workers",
    type: "choice",
    default: "auto",
    meaning:
      "Name the JavaScript stack of a blocked event loop. auto does so where that costs no time while none is blocked",
    choices: ["auto", "on", "off"],
  },
  bootTimeout: {
    section: "Workers",
    type: "duration",
    default: 60,
    meaning: "How long a worker may take from spawn to ready",
    positive: true,
  },
  minUptime: {
    section: "Workers",
    type: "duration",
    default: 0.5,
    meaning:
      "How long the first worker of a reload or upgrade lives with its app loaded before it serves. 0 is off",
  },
  gracefulTimeout: {
    section: "Workers",
    type: "duration",
    default: 30,
    meaning: "How long a drain may take before open requests are cut",
  },
  hookTimeout: {
    section: "Workers",
    type: "duration",
    default: 10,
    meaning: "How long corn waits for a hook before it goes on without it",
    positive: true,
  },
  drainDelay: {
    section: "Workers",
    type: "duration",
    default: 0,
    meaning:
      "How long to go on accepting between TERM and the drain, for load balancers to notice",
  },
  keepAlive: {
    section: "Workers",
    type: "duration",
    default: 5,
    meaning:
      "How long an idle connection is kept open for its next request. 0 is off",
    partly: "native on Bun and Deno: at a drain only",
  },
  maxRequests: {
    section: "Workers",
    type: "count",
    default: 0,
    meaning: "Requests after which a worker is replaced. 0 is off",
  },
  maxRequestsJitter: {
    section: "Workers",
    type: "count",
    default: 0,
    meaning: "Up to this many requests, by chance, are added to maxRequests",
  },
  maxWorkerLifetime: {
    section: "Workers",
    type: "duration",
    default: 0,
    meaning: "Seconds of service after which a worker is replaced. 0 is off",
  },
  maxWorkerLifetimeJitter: {
    section: "Workers",
    type: "duration",
    default: 0,
    meaning:
      "Up to this many seconds, by chance, are added to maxWorkerLifetime",
  },
  maxWorkerMemory: {
    section: "Workers",
    type: "size",
    default: 0,
    meaning:
      "Resident memory, such as 512m, beyond which a worker is replaced while it serves on. 0 is off",
    min: LEAST_MEMORY,
  },
  maxWorkerMemoryHard: {
    section: "Workers",
    type: "size",
    default: 0,
    meaning:
      "Resident memory beyond which a worker stops accepting at once, drains and is replaced. 0 is off",
    min: LEAST_MEMORY,
  },
  maxDraining: {
    section: "Workers",
    type: "count",
    default: "auto",
    meaning:
      "Workers that may drain at a time before the longest drain is cut. auto is twice the workers",
    words: ["auto"],
    min: 1,
  },
  maxSurge: {
    section: "Workers",
    type: "count",
    default: 1,
    meaning:
      "Workers that may boot beyond the pool's size in a reload or replacement",
    min: 1,
  },
  canary: {
    section: "Workers",
    type: "duration",
    default: 0,
    meaning:
      "How long the first worker of a reload is judged by its answers before others follow. 0 is off",
  },
  canaryThin: {
    section: "Workers",
    type: "choice",
    default: "go",
    meaning:
      "What a reload does where its canary got too few requests to tell: goes on or stops",
    choices: ["go", "stop"],
    metavar: "WORD",
  },
} as const;

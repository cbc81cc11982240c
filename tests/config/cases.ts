import type { SettingName } from "../../src/config/table/settings.ts";
import type { CornConfig } from "../../src/config/table/types.ts";

/** How one setting must behave. */
export interface Case {
  /** The resolved default. */
  readonly default: unknown;
  /** What is written on the line and in the environment, and what it becomes; the first two differ. */
  readonly texts: readonly (readonly [string, unknown])[];
  /** What a config file may write, and what it becomes. */
  readonly values: readonly (readonly [unknown, unknown])[];
  /** What is refused anywhere, and why. */
  readonly bad: readonly (readonly [unknown, RegExp])[];
  /** What must be given beside it. */
  readonly beside?: CornConfig;
}

const tcp = (host: string, port: number) => ({ kind: "tcp", host, port });

const named = (name: string, certfile: string, keyfile?: string) => ({
  name,
  certfile,
  keyfile,
});

const HUNDRED = Array.from({ length: 100 }, (_, n) => n + 1);

const udp = (host: string, port: number) => ({ kind: "udp", host, port });

const duration = (seconds: number, ...more: Case["bad"]): Case => ({
  default: seconds,
  texts: [["1.5", 1.5], ["7", 7], ["1.5s", 1.5], ["200ms", 0.2], ["2m", 120], [
    "1h",
    3600,
  ]],
  values: [[0.25, 0.25], [12, 12], ["3s", 3]],
  bad: [
    ["-1", /give seconds, or a duration/],
    ["fast", /give seconds/],
    ["1d", /give seconds/],
    ["", /give seconds/],
    [-1, /give seconds/],
    [NaN, /give seconds/],
    [Infinity, /give at most 2147483 seconds/],
    [true, /give seconds/],
    [0.0004, /at least one millisecond/],
    ["600h", /give at most 2147483 seconds/],
    ...more,
  ],
});

const count = (value: number, min: number): Case => ({
  default: value,
  texts: [["3", 3], ["5", 5]],
  values: [[7, 7], ["8", 8], [min, min]],
  bad: [
    [min - 1, new RegExp(`give a number of at least ${min}`)],
    ["-4", new RegExp(`give a number of at least ${min}`)],
    [2.5, new RegExp(`give a whole number of at least ${min}`)],
    ["x", /give a number/],
    [2 ** 31, /give a number of at most 2147483647/],
    [null, /give a number/],
    [[3], /give a number/],
  ],
});

const bounded = (
  value: number,
  min: number,
  max: number,
  texts: readonly string[] = ["64", "1000"],
): Case => ({
  default: value,
  texts: texts.map((text) => [text, Number(text)]),
  values: [[min, min], [max, max]],
  bad: [
    [min - 1 || -1, new RegExp(`give a number of at least ${min}`)],
    [max + 1, new RegExp(`give a number of at most ${max}`)],
    ["x", /give a number/],
  ],
});

/** 0 stands for the greatest. */
const zeroIsMax = (value: number, min: number, max: number): Case => ({
  ...bounded(value, min, max),
  values: [[min, min], [max, max], [0, max], ["0", max]],
});

const size = (value: number): Case => ({
  default: value,
  texts: [["512m", 2 ** 29], ["64k", 2 ** 16], ["1.5g", 1.5 * 2 ** 30], [
    "7",
    7,
  ], ["2MiB", 2 ** 21]],
  values: [[1024, 1024], ["1k", 1024]],
  bad: [["much", /give bytes/], ["-1", /give bytes/], ["1t", /give bytes/], [
    "",
    /give bytes/,
  ], [-5, /give bytes/]],
});

/** A limit of memory, below which no worker runs. */
const memory = (
  texts: readonly (readonly [string, number])[],
  values: readonly (readonly [unknown, number])[],
): Case => ({
  ...size(0),
  texts,
  values,
  bad: [
    ...size(0).bad,
    ["512", /give 0 or at least 1m; without a unit it is bytes/],
    [1023 * 1024, /give 0 or at least 1m/],
  ],
});

const choice = (...words: readonly [string, ...string[]]): Case => ({
  default: words[0],
  texts: words.slice(1).map((word) => [word, word] as const),
  values: words.map((word) => [word, word] as const),
  bad: [["no", /give .* or /], [1, /give .* or /], ["", /give .* or /]],
});

const path = (text: string, resolved: string): Case => ({
  default: undefined,
  texts: [[text, resolved], [`./x/../${text}`, resolved]],
  values: [[text, resolved]],
  bad: [["", /give a path/], ["a\0b", /give a path/], [3, /give a path/]],
});

const networks = (...members: readonly string[]): Case => ({
  default: members,
  texts: [["10.0.0.0/8, unix", ["10.0.0.0/8", "unix"]], ["*", ["*"]]],
  values: [["", []], [["::1", "10.0.0.1,unix"], ["::1", "10.0.0.1", "unix"]], [
    "*",
    [
      "*",
    ],
  ], [[], []]],
  bad: [
    ["localhost", /give IP addresses, networks/],
    ["::1,10.0.0.1/8", /"10\.0\.0\.1\/8" .*: the address has bits beyond/],
    ["10.0.0.0/40", /give a prefix from 0 to 32/],
    [7, /give strings/],
    [[7], /give strings/],
  ],
});

const boolean = (value: boolean | undefined): Case => ({
  default: value,
  texts: [["true", true], ["no", false], ["1", true], ["0", false], [
    "YES",
    true,
  ]],
  values: [[true, true], [false, false], ["on", true], ["off", false]],
  bad: [["maybe", /give true or false/], [1, /give true or false/], [
    "",
    /give true/,
  ]],
});

const local = (port: number) => ({ host: "127.0.0.1", port });

const endpoint: Case = {
  default: undefined,
  texts: [
    ["9230", local(9230)],
    ["true", local(9229)],
    ["no", undefined],
    ["0.0.0.0:0", { host: "0.0.0.0", port: 0 }],
    ["[::1]:9231", { host: "::1", port: 9231 }],
  ],
  values: [
    [true, local(9229)],
    [false, undefined],
    [9230, local(9230)],
    [65_535, local(65_535)],
  ],
  bad: [
    ["here", /give a port, an address/],
    ["a:b", /give a port, an address/],
    [65_536, /give a port, an address/],
    [[9229], /give a port, an address/],
    [null, /give a port, an address/],
  ],
};

const paths: Case = {
  default: [],
  texts: [["a.css", ["a.css"]], ["views/**/*.html", ["views/**/*.html"]]],
  values: [[["a", "b"], ["a", "b"]], ["a,b", ["a,b"]]],
  bad: [["", /give a path/], [[1], /give a path/], ["a\0", /give a path/]],
};

/** Every setting; the compiler asks for a case when the table gets an entry. */
export const cases: { readonly [Name in SettingName]: Case } = {
  bind: {
    default: [tcp("127.0.0.1", 8000)],
    texts: [
      ["localhost", [tcp("localhost", 8000)]],
      [":1, [::1]:2,", [tcp("0.0.0.0", 1), tcp("::1", 2)]],
      ["unix:/a", [{ kind: "unix", path: "/a" }]],
      [":0,:0", [tcp("0.0.0.0", 0), tcp("0.0.0.0", 0)]],
      ["http://:80", [{ ...tcp("0.0.0.0", 80), scheme: "http" }]],
    ],
    values: [
      [["a:1", "b:2,c:3"], [tcp("a", 1), tcp("b", 2), tcp("c", 3)]],
      ["a:1", [tcp("a", 1)]],
    ],
    bad: [
      ["a:x", /port "x"/],
      [",", /give at least one address/],
      [[], /give at least one address/],
      [8000, /give addresses as strings/],
      [["a:1", 5], /give addresses as strings/],
    ],
  },
  certfile: {
    default: undefined,
    texts: [["/etc/tls/a.pem", "/etc/tls/a.pem"], ["/b.pem", "/b.pem"]],
    values: [["/etc/tls/a.pem", "/etc/tls/a.pem"]],
    bad: [["", /give a path/], [true, /give a path/]],
  },
  keyfile: {
    beside: { certfile: "/a.pem" },
    default: undefined,
    texts: [["/etc/tls/a.key", "/etc/tls/a.key"], ["/b.key", "/b.key"]],
    values: [["/etc/tls/a.key", "/etc/tls/a.key"]],
    bad: [["", /give a path/]],
  },
  sni: {
    beside: { certfile: "/a.pem" },
    default: [],
    texts: [
      ["A.example=/a.pem:/a.key", [named("a.example", "/a.pem", "/a.key")]],
      ["*.b.example=/b.pem", [named("*.b.example", "/b.pem")]],
    ],
    values: [
      [["a.example=/a.pem", "bücher.example=/b.pem"], [
        named("a.example", "/a.pem"),
        named("xn--bcher-kva.example", "/b.pem"),
      ]],
      [{ "a.example": "/a.pem:/a.key" }, [
        named("a.example", "/a.pem", "/a.key"),
      ]],
    ],
    bad: [
      ["/a.pem", /give NAME=CERT or NAME=CERT:KEY/],
      ["=/a.pem", /give NAME=CERT/],
      ["a.example=", /give a path/],
      ["a.example=/a:/b:/c", /a path may hold no ":"/],
      ["10.0.0.1=/a.pem", /clients send no address by SNI/],
      ["a.*.example=/a.pem", /give a host name/],
      ["*=/a.pem", /give a host name/],
      [5, /give NAME=CERT/],
      [{ "a.example": 5 }, /give NAME=CERT/],
    ],
  },
  caCerts: {
    beside: { certfile: "/a.pem" },
    default: undefined,
    texts: [["/etc/tls/ca.pem", "/etc/tls/ca.pem"], ["/b.pem", "/b.pem"]],
    values: [["/etc/tls/ca.pem", "/etc/tls/ca.pem"]],
    bad: [["", /give a path/]],
  },
  certReqs: {
    beside: { certfile: "/a.pem", caCerts: "/ca.pem" },
    default: "none",
    texts: [
      ["required", "required"],
      ["optional", "optional"],
      ["0", "none"],
      ["1", "optional"],
      ["2", "required"],
    ],
    values: [["required", "required"], [2, "required"], [0, "none"]],
    bad: [["3", /give none, optional or required/], [true, /give none/], [
      "requires",
      /did you mean required\?/,
    ]],
  },
  ciphers: {
    beside: { certfile: "/a.pem" },
    default: undefined,
    texts: [["ECDHE+AESGCM:!aNULL", "ECDHE+AESGCM:!aNULL"], [
      "HIGH:@SECLEVEL=2",
      "HIGH:@SECLEVEL=2",
    ]],
    values: [["HIGH", "HIGH"]],
    bad: [["", /give names of ciphers/], ["a;b", /give names of ciphers/], [
      5,
      /give a string/,
    ]],
  },
  tlsMinVersion: {
    beside: { certfile: "/a.pem" },
    default: "1.2",
    texts: [["1.3", "1.3"], ["1.2", "1.2"]],
    values: [["1.3", "1.3"], [1.2, "1.2"]],
    bad: [["1.1", /did you mean 1\.2\?/], [
      "TLSv1.3",
      /give 1\.2 or 1\.3, did you mean 1\.3\?/,
    ]],
  },
  redirectHttps: {
    ...boolean(false),
    beside: { certfile: "/a.pem", bind: ["http://:80", "https://:443"] },
  },
  backlog: count(2048, 1),
  reusePort: boolean(undefined),
  user: {
    default: undefined,
    texts: [["www-data", "www-data"], ["33", "33"]],
    values: [["www-data", "www-data"]],
    bad: [[33, /give a string/]],
  },
  group: {
    default: undefined,
    texts: [["adm", "adm"], ["4", "4"]],
    values: [["adm", "adm"]],
    bad: [[33, /give a string/]],
  },
  initgroups: boolean(false),
  umask: {
    default: undefined,
    texts: [["022", 0o022], ["0o77", 0o77]],
    values: [[0o27, 0o27], ["27", 0o27]],
    bad: [["8", /octal/], [-1, /octal/], ["", /octal/]],
  },
  name: {
    default: undefined,
    texts: [["shop", "shop"], ["my shop", "my shop"]],
    values: [["shop", "shop"]],
    bad: [[33, /give a string/]],
  },
  compileCache: {
    default: "auto",
    texts: [["off", "off"], ["/var/cache/shop", "/var/cache/shop"]],
    values: [["auto", "auto"], ["/var/cache/shop", "/var/cache/shop"]],
    bad: [
      ["cache", /give auto, off or a path that begins with/],
      ["", /give a path/],
      [true, /give a path/],
    ],
  },
  control: {
    default: "on",
    texts: [["off", "off"], ["/run/shop.sock", "/run/shop.sock"]],
    values: [["on", "on"], ["/run/shop.sock", "/run/shop.sock"]],
    bad: [
      ["shop.sock", /give on, off or a path that begins with/],
      ["", /give a path/],
      [true, /give a path/],
    ],
  },
  controlMode: {
    default: 0o600,
    texts: [["660", 0o660]],
    values: [[0o660, 0o660]],
    bad: [["1777", /octal/], [-1, /octal/]],
  },
  controlOwner: {
    default: undefined,
    texts: [["www-data", "www-data"], [":adm", ":adm"]],
    values: [["33:4", "33:4"]],
    bad: [[33, /give a string/]],
  },
  upgradeCommand: {
    default: undefined,
    texts: [["bun mod.ts", "bun mod.ts"], [
      'deno run -A "a b.ts"',
      'deno run -A "a b.ts"',
    ]],
    values: [["node mod.ts", "node mod.ts"]],
    bad: [[1, /give a string/], [true, /give a string/]],
  },
  unixOwner: {
    default: undefined,
    texts: [["www-data:adm", "www-data:adm"], [":33", ":33"]],
    values: [["33", "33"]],
    bad: [[33, /give a string/]],
  },
  unixMode: {
    default: 0o660,
    texts: [["600", 0o600], ["0777", 0o777], ["0o640", 0o640]],
    values: [[0o600, 0o600], ["600", 0o600]],
    bad: [[660, /octal/], ["680", /octal/], ["1777", /octal/], [-1, /octal/], [
      "",
      /octal/,
    ]],
  },
  queues: {
    default: "auto",
    texts: [["3", 3], ["5", 5], ["auto", "auto"]],
    values: [[4, 4], ["auto", "auto"]],
    bad: [
      ["0", /give a number of at least 1 or "auto"$/],
      [257, /give a number of at most 256 or "auto"$/],
      ["many", /Cannot use queues "many" /],
      [1.5, /give a whole number/],
    ],
  },
  workers: {
    default: "auto",
    texts: [
      ["3", 3],
      ["5", 5],
      ["auto", "auto"],
      ["2..8", { min: 2, max: 8 }],
    ],
    values: [
      [4, 4],
      ["auto", "auto"],
      ["3..3", { min: 3, max: 3 }],
      [" 2 .. auto ", { min: 2, max: "auto" }],
      ["2..", { min: 2, max: "auto" }],
      ["auto..8", { min: "auto", max: 8 }],
    ],
    bad: [
      [
        "0",
        /Cannot use workers 0 .*: give a number of at least 1 or "auto", or a range such as "2..8"$/,
      ],
      [0, /Cannot use workers 0 .*: give a number of at least 1 or "auto", /],
      ["many", /Cannot use workers "many" /],
      ["0..8", /give a number of at least 1 or "auto", or a range/],
      ["8..2", /give at most 2 as its first number$/],
      ["2...8", /or a range such as "2..8"$/],
      ["..8", /or a range such as "2..8"$/],
      ["2-8", /or a range such as "2..8"$/],
      [1.5, /give a whole number/],
      [1e6, /Cannot use workers 1000000 .*: give a number of at most 1024 or/],
      ["2..1000000", /give a number of at most 1024 or/],
    ],
  },
  shrinkAfter: duration(60, [0, /give more than 0 seconds/]),
  runtime: choice("auto", "node", "bun", "deno"),
  workerClass: {
    default: "async",
    texts: [["sync", "sync"], ["async", "async"], ["thread", "thread"]],
    values: [["sync", "sync"]],
    bad: [
      ["gevent", /give async, sync or thread, did you mean async/],
      ["uvicorn.workers.UvicornWorker", /did you mean async/],
      ["gunicorn.workers.sync.SyncWorker", /did you mean sync/],
      ["gunicorn.workers.gthread.ThreadWorker", /did you mean thread/],
      ["gthread", /give async, sync or thread, did you mean thread/],
      [1, /give async, sync or thread/],
    ],
  },
  threads: bounded(1, 1, 256, ["2", "200"]),
  workerArgs: {
    default: [],
    texts: [
      ["--smol", ["--smol"]],
      ['--allow-read="/a b" --no-prompt', ["--allow-read=/a b", "--no-prompt"]],
    ],
    values: [
      [["--a b", "-c"], ["--a b", "-c"]],
      ["--a  'b c'", ["--a", "b c"]],
      [[], []],
    ],
    bad: [
      ["'a", /a quote has no end/],
      [5, /give a string or a list/],
      [["a", 5], /Cannot use workerArgs 5 .* give words as strings/],
      [["a\0"], /NUL/],
    ],
  },
  import: paths,
  require: paths,
  conditions: paths,
  envFile: paths,
  static: {
    default: [],
    texts: [
      ["public", [{ folder: "public", prefix: "" }]],
      ["a=b=/assets/", [{ folder: "a=b", prefix: "/assets" }]],
      ["dist=/", [{ folder: "dist", prefix: "" }]],
    ],
    values: [[["a", "b=/b"], [
      { folder: "a", prefix: "" },
      { folder: "b", prefix: "/b" },
    ]]],
    bad: [["", /give a path/], [[1], /give DIR or DIR=/]],
  },
  timeout: { ...duration(30), values: [[0, 0], ["0", 0]] },
  blockStack: choice("auto", "on", "off"),
  slowLoop: { ...duration(1), values: [[0, 0], ["0", 0]] },
  bootTimeout: duration(60, [0, /give more than 0 seconds/], [
    "0ms",
    /give more than 0/,
  ]),
  minUptime: duration(0.5),
  gracefulTimeout: duration(30),
  hookTimeout: duration(10, [0, /give more than 0 seconds/]),
  drainDelay: duration(0),
  keepAlive: duration(5),
  maxRequests: count(0, 0),
  maxRequestsJitter: count(0, 0),
  maxWorkerLifetime: duration(0),
  maxWorkerLifetimeJitter: duration(0),
  maxWorkerMemory: memory(
    [["512m", 2 ** 29], ["1.5g", 1.5 * 2 ** 30], ["2MiB", 2 ** 21]],
    [[2 ** 20, 2 ** 20], ["0", 0]],
  ),
  // Not below any that maxWorkerMemory may be here.
  maxWorkerMemoryHard: memory(
    [["2g", 2 ** 31], ["3000m", 3000 * 2 ** 20]],
    [["4g", 2 ** 32]],
  ),
  maxDraining: {
    default: "auto",
    texts: [["3", 3], ["auto", "auto"]],
    values: [[4, 4], ["auto", "auto"]],
    bad: [
      ["0", /give a number of at least 1 or "auto"$/],
      ["many", /Cannot use maxDraining "many" /],
    ],
  },
  maxSurge: count(1, 1),
  canary: duration(0),
  canaryThin: choice("go", "stop"),
  requestTimeout: duration(0),
  workerConnections: count(0, 0),
  maxWebsockets: count(0, 0),
  websocketDrain: duration(5),
  websocketMaxMessage: size(2 ** 24),
  websocketPing: duration(30),
  maxQueue: {
    default: 0,
    texts: [["none", "none"], ["100", 100]],
    values: [[7, 7], ["none", "none"]],
    bad: [
      [-1, /give a number of at least 0 or "none"/],
      [1.5, /give a whole number/],
      ["all", /give a number/],
    ],
  },
  maxQueueTime: duration(0),
  limitRequestBody: size(0),
  chdir: path("sub", "/srv/sub"),
  env: {
    default: {},
    texts: [["A=1,2", { A: "1,2" }], ["A=", { A: "" }], ["A=b=c", {
      A: "b=c",
    }]],
    values: [
      [{ A: "1", B: 2, C: true }, { A: "1", B: "2", C: "true" }],
      [["A=1", "B=2", "A=3"], { A: "3", B: "2" }],
    ],
    bad: [
      ["A", /Cannot use env "A" .*: give NAME=VALUE/],
      ["=x", /give NAME=VALUE/],
      [{ A: null }, /Cannot use env "A" .*: give it a string/],
      [["SECRET=x", 5], /Cannot use env 5 /],
      [{ "A=B": "x" }, /a name may not/],
      [{ CORN_WORKERS: "3" }, /names that begin with CORN_/],
      [7, /give NAME=VALUE/],
    ],
  },
  daemon: boolean(false),
  pid: {
    ...path("run/a.pid", "/srv/run/a.pid"),
    bad: [
      ...path("", "").bad,
      ["3000", /give a file, such as \.\/3000; a port is --bind :3000/],
    ],
  },
  errorLogfile: {
    ...path("log/corn.log", "/srv/log/corn.log"),
    default: "-",
    texts: [["log/corn.log", "/srv/log/corn.log"], [
      "/var/log/corn.log",
      "/var/log/corn.log",
    ]],
    values: [["-", "-"], ["./corn.log", "/srv/corn.log"]],
  },
  logLevel: {
    default: "info",
    texts: [["debug", "debug"], ["critical", "critical"], [
      "warning",
      "warning",
    ]],
    values: [["error", "error"], ["info", "info"]],
    bad: [["warn", /give debug, info, warning, error or critical/], [
      3,
      /give debug/,
    ]],
  },
  logFormat: choice("text", "json", "logfmt"),
  captureOutput: boolean(false),
  logSyslog: boolean(false),
  disableRedirectAccessToSyslog: boolean(false),
  logSyslogTo: {
    default: udp("localhost", 514),
    texts: [
      ["udp://logs", udp("logs", 514)],
      ["udp://[::1]:5514", udp("::1", 5514)],
      ["tcp://logs:601", { kind: "tcp", host: "logs", port: 601 }],
      ["unix:///dev/log", { kind: "unix", path: "/dev/log" }],
      ["unix://@log#stream", { kind: "unix-stream", path: "@log" }],
      ["unix:///dev/log#dgram", { kind: "unix-datagram", path: "/dev/log" }],
    ],
    values: [["udp://10.0.0.1:1", udp("10.0.0.1", 1)]],
    bad: [
      ["logs:514", /: give udp:.*PORT, tcp:.*PORT or unix:.*PATH$/],
      ["http://logs", /give udp/],
      ["udp://", /give udp/],
      ["udp://:514", /give udp/],
      ["udp://logs:x", /port "x" is not a number/],
      ["udp://logs:0", /give a port from 1 to 65535/],
      ["tcp://a b:1", /neither a host name nor an IP address/],
      ["udp://::1:514", /./],
      ["unix://", /give udp/],
      ["unix://dev/log", /give the whole path/],
      ["unix:///dev/log#raw", /may end in #dgram or #stream/],
      [514, /give udp/],
    ],
  },
  logSyslogPrefix: {
    default: undefined,
    texts: [["shop", "shop"], ["my_shop.v-2", "my_shop.v-2"]],
    values: [["a".repeat(35), "a".repeat(35)]],
    bad: [
      ["", /give letters, digits/],
      ["a b", /give letters/],
      ["a".repeat(36), /give letters/],
      [1, /give a string/],
    ],
  },
  logSyslogFacility: {
    ...choice("user", "daemon", "security", "local0", "local7"),
    bad: [["USER", /give user, daemon, .* or local7/], [1, /give user/]],
  },
  accessLogfile: {
    ...path("log/access.log", "/srv/log/access.log"),
    values: [["-", "-"], ["./a.log", "/srv/a.log"]],
  },
  accessLogFormat: {
    default: "combined",
    texts: [["json", "json"], ["%(h)s %(s)s", "%(h)s %(s)s"]],
    values: [["common", "common"], ["%({x-id}i)s %%", "%({x-id}i)s %%"]],
    bad: [
      ["combind", /give combined, common, json, logfmt, or a format/],
      ["%(z)s", /there is no %\(z\)s/],
      ["%(h)s 100%", /is no %\(name\)s; write %% for a percent sign/],
      ['"%(h)s', /a quote has no end/],
      ["%(h)s\n", /no line end/],
      [7, /give a string/],
    ],
  },
  accessLogSkip: {
    default: [],
    texts: [["/health", ["/health"]], ["2xx agent:x", ["2xx agent:x"]]],
    values: [[["/a", "304"], ["/a", "304"]], ["/a*", ["/a*"]]],
    bad: [
      ["health", /"health" is no path/],
      ["", /give a path, a status or agent:TEXT/],
      ["9xx", /no status such as/],
      [[7], /give a string/],
    ],
  },
  metrics: boolean(false),
  otlp: {
    default: undefined,
    texts: [
      ["http://127.0.0.1:4318", "http://127.0.0.1:4318"],
      ["https://otlp.example/v1/metrics", "https://otlp.example/v1/metrics"],
    ],
    values: [["http://a", "http://a"]],
    bad: [
      [1, /give a string/],
      ["127.0.0.1:4318", /give a URL/],
      ["ftp://a", /give a URL/],
      ["http://", /give a URL/],
      ["http://a/b c", /give a URL/],
    ],
  },
  otlpInterval: {
    default: 60,
    texts: [["5", 5], ["2m", 120]],
    values: [[1, 1]],
    bad: [["0", /more than 0/], ["x", /give seconds/]],
  },
  metricsExemplars: boolean(false),
  adminStatus: boolean(false),
  metricsBuckets: {
    default: [
      ...[0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75],
      ...[1, 2.5, 5, 7.5, 10],
    ],
    texts: [["0.1,1", [0.1, 1]], ["5ms, 250ms,1m", [0.005, 0.25, 60]]],
    values: [
      ...[[[0.1, "1s"], [0.1, 1]], [2, [2]]] as [unknown, unknown][],
      [HUNDRED, HUNDRED],
    ],
    bad: [
      ["1,0.5", /each longer/],
      ["1,1000ms", /each longer/],
      ["0", /more than 0 seconds/],
      ["fast", /give seconds/],
      ["1,,2", /give seconds/],
      [[...HUNDRED, 101], /at most 100/],
    ],
  },
  admin: {
    default: undefined,
    texts: [
      ["127.0.0.1:9100", tcp("127.0.0.1", 9100)],
      [":9100", tcp("0.0.0.0", 9100)],
      ["[::1]:0", tcp("::1", 0)],
      ["unix:/run/admin.sock", { kind: "unix", path: "/run/admin.sock" }],
    ],
    values: [["localhost:1", tcp("localhost", 1)]],
    bad: [
      ["localhost", /give HOST:PORT/],
      ["9100", /give only a port|HOST:PORT/],
      ["fd://3", /give HOST:PORT/],
      ["127.0.0.1:65536", /port/],
      [9100, /give HOST:PORT/],
    ],
  },
  readyWorkers: count(1, 1),
  statsdHost: {
    default: undefined,
    texts: [
      ["localhost:8125", udp("localhost", 8125)],
      ["stats", udp("stats", 8125)],
      ["udp://[::1]", udp("::1", 8125)],
      ["unix:///run/dsd.sock", {
        kind: "unix-datagram",
        path: "/run/dsd.sock",
      }],
    ],
    values: [["10.0.0.1:1", udp("10.0.0.1", 1)]],
    bad: [
      ["tcp://stats:8125", /: give HOST:PORT, udp:.*PORT or unix:.*PATH$/],
      [":8125", /give HOST:PORT/],
      ["stats:99999", /port "99999"/],
      ["unix:///a#stream", /may end in #dgram only/],
      [8125, /give HOST:PORT/],
    ],
  },
  statsdPrefix: {
    default: "",
    texts: [["shop", "shop"], ["eu.shop.", "eu.shop."]],
    values: [["", ""]],
    bad: [[1, /give a string/], ["a:b", /give a name without/], [
      "a b",
      /give a name/,
    ], [
      "a\n",
      /give a name/,
    ]],
  },
  dogstatsdTags: {
    default: "",
    texts: [["env:prod,team:web", "env:prod,team:web"], ["a", "a"]],
    values: [["", ""]],
    bad: [[1, /give a string/], ["a|b", /give tags/], ["a b", /give tags/], [
      "#a",
      /give tags/,
    ]],
  },
  enableBacklogMetric: boolean(false),
  http: choice("auto", "native", "wire"),
  gateway: choice("auto", "fetch", "node"),
  lightResponse: boolean(true),
  allowListen: {
    default: [],
    texts: [["9464", [9464]], ["1,65535", [1, 65535]]],
    values: [[9464, [9464]], [[1, "2"], [1, 2]]],
    bad: [["0", /give ports/], ["65536", /give ports/], ["x", /give ports/]],
  },
  reload: boolean(false),
  reloadExtraFile: paths,
  inspect: endpoint,
  inspectBrk: endpoint,
  limitRequestLine: zeroIsMax(8190, 64, 65_536),
  limitRequestFields: zeroIsMax(100, 1, 32_768),
  limitRequestFieldSize: zeroIsMax(8190, 64, 65_536),
  headerTimeout: duration(30),
  bodyTimeout: duration(30),
  bodyRate: count(240, 0),
  writeTimeout: duration(30),
  proxyProtocol: {
    ...choice("off", "v1", "v2", "auto"),
    bad: [
      ["no", /give off, v1, v2 or auto$/],
      [1, /did you mean v1\?$/],
      ["2", /did you mean v2\?$/],
      ["on", /did you mean auto\?$/],
      [true, /did you mean auto\?$/],
    ],
  },
  proxyAllowFrom: networks("127.0.0.1", "::1", "unix"),
  forwardedAllowIps: networks("127.0.0.1", "::1", "unix"),
  trustedHops: {
    ...bounded(1, 1, 32),
    texts: [["2", 2], ["3", 3]],
  },
  forwardedHeaders: {
    default: ["x-forwarded-for"],
    texts: [
      ["forwarded", ["forwarded"]],
      ["X-Forwarded-For, X-Forwarded-Host", [
        "x-forwarded-for",
        "x-forwarded-host",
      ]],
    ],
    values: [[["forwarded", "forwarded"], ["forwarded"]], [[], []]],
    bad: [
      ["x-real-ip", /Cannot use forwardedHeaders "x-real-ip" .*: give some of/],
      [["forwarded", 5], /Cannot use forwardedHeaders 5 /],
    ],
  },
  secureSchemeHeaders: {
    default: {
      "X-FORWARDED-PROTOCOL": "ssl",
      "X-FORWARDED-PROTO": "https",
      "X-FORWARDED-SSL": "on",
    },
    texts: [["X-Scheme=https", { "X-Scheme": "https" }], ["Front-End=on", {
      "Front-End": "on",
    }]],
    values: [[{ "X-Scheme": "https" }, { "X-Scheme": "https" }], [{}, {}]],
    bad: [["X-Scheme", /give NAME=VALUE/]],
  },
  unbelievedHeaders: {
    ...choice("keep", "remove"),
    texts: [["remove", "remove"], ["keep", "keep"]],
  },
  basePath: {
    default: "",
    texts: [["/shop", "/shop"], ["/a/b.c/~d", "/a/b.c/~d"]],
    values: [["/shop/", "/shop"], ["/", ""], ["", ""]],
    bad: [
      ["shop", /give a path that begins with "\/"/],
      ["//shop", /give a path/],
      ["/a/../b", /give a path/],
      ["/a b", /give a path/],
      ["/a?b", /give a path/],
      [5, /give a path/],
    ],
  },
  config: path("conf/corn.config.ts", "/srv/conf/corn.config.ts"),
  checkConfig: boolean(false),
  printConfig: boolean(false),
};

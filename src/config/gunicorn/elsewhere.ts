/**
 * Words of other servers and process managers, and the word for each of them
 * here. Only for what corn does not know: nothing that serves
 * imports it.
 */
import { flagOf, type SettingName, variableOf } from "../table/settings.ts";

/** A thing that has another name elsewhere. */
interface Word {
  /** Its flags, without their dashes, and its names in a config file, in any spelling. */
  readonly words: readonly string[];
  /** One-letter flags. */
  readonly letters?: readonly string[];
  /** What the thing is, for the beginning of a sentence. */
  readonly subject: string;
  /** The setting of corn that it is. */
  readonly setting: SettingName;
  /** A value to show; none for a flag that stands alone. */
  readonly value?: string;
}

const WORDS: readonly Word[] = [
  {
    words: ["port", "http-port", "listen-port"],
    letters: ["P"],
    subject: "a port",
    setting: "bind",
    value: ":3000",
  },
  {
    words: ["host", "hostname", "address", "interface", "ip", "listen"],
    letters: ["H", "a", "l"],
    subject: "an address",
    setting: "bind",
    value: "0.0.0.0:3000",
  },
  {
    words: ["socket", "uds", "unix-socket", "unix"],
    subject: "a unix socket",
    setting: "bind",
    value: "unix:app.sock",
  },
  {
    words: [
      ...["ssl-cert", "ssl-certfile", "tls-cert", "cert", "cert-file"],
      ...["certificate", "ssl-certificate", "https-cert", "tls-certfile"],
    ],
    subject: "a certificate",
    setting: "certfile",
    value: "cert.pem",
  },
  {
    words: [
      ...["ssl-key", "ssl-keyfile", "tls-key", "key", "key-file"],
      ...["private-key", "ssl-certificate-key", "https-key", "tls-keyfile"],
    ],
    subject: "the key of a certificate",
    setting: "keyfile",
    value: "key.pem",
  },
  {
    words: ["ssl-ca-certs", "ca", "ca-file", "ca-cert", "tls-ca", "client-ca"],
    subject: "what signs the clients' certificates",
    setting: "caCerts",
    value: "ca.pem",
  },
  {
    words: ["ssl-cert-reqs", "request-cert", "mtls", "client-auth"],
    subject: "whether clients show a certificate",
    setting: "certReqs",
    value: "required",
  },
  {
    words: ["ssl-ciphers", "tls-cipher-list"],
    subject: "the list of ciphers",
    setting: "ciphers",
    value: "ECDHE+AESGCM",
  },
  {
    words: ["https", "tls", "ssl", "secure", "http2-secure", "tls-port"],
    subject: "what serves over TLS",
    setting: "certfile",
    value: "cert.pem --keyfile key.pem",
  },
  {
    words: ["tls-min", "min-tls-version", "tls-min-v1.2", "tls-min-v1.3"],
    subject: "the oldest version of TLS",
    setting: "tlsMinVersion",
    value: "1.3",
  },
  {
    words: ["force-https", "https-redirect", "ssl-redirect"],
    subject: "what sends plain requests to https",
    setting: "redirectHttps",
  },
  {
    words: ["watch", "hot", "dev", "autoreload"],
    subject: "what reloads when a file of the app changes",
    setting: "reload",
  },
  {
    words: [
      ...["instances", "cluster", "processes", "process-count", "forks"],
      ...["concurrency", "num-workers", "worker-count", "worker-processes"],
    ],
    letters: ["i"],
    subject: "the number of processes",
    setting: "workers",
    value: "4",
  },
  {
    words: ["max-memory-restart", "max-memory", "memory-limit"],
    subject: "a limit of a worker's memory",
    setting: "maxWorkerMemory",
    value: "512m",
  },
  {
    words: ["kill-timeout", "shutdown-timeout", "timeout-graceful-shutdown"],
    subject: "the time that a drain may take",
    setting: "gracefulTimeout",
    value: "30",
  },
  {
    words: ["keep-alive-timeout", "timeout-keep-alive"],
    subject: "the time that an idle connection is kept",
    setting: "keepAlive",
    value: "75",
  },
  {
    words: ["static-dir", "public", "public-dir", "assets", "document-root"],
    subject: "a folder of files that are served before the app",
    setting: "static",
    value: "public",
  },
  {
    words: ["env-file-if-exists", "dotenv", "env-path", "load-env"],
    subject: "a file of variables",
    setting: "envFile",
    value: ".env",
  },
  {
    words: ["loader", "experimental-loader", "node-args", "register"],
    subject: "a module that each worker loads first",
    setting: "import",
    value: "tsx",
  },
  {
    words: ["interpreter", "exec-interpreter"],
    subject: "what workers run on",
    setting: "runtime",
    value: "node",
  },
  {
    words: ["cwd", "app-dir", "working-directory"],
    subject: "the working folder",
    setting: "chdir",
    value: "/srv/app",
  },
  {
    words: ["background", "daemonize", "detach"],
    subject: "what runs corn in the background",
    setting: "daemon",
  },
  {
    words: ["debug", "verbose"],
    subject: "a log of everything",
    setting: "logLevel",
    value: "debug",
  },
  {
    words: ["quiet", "silent"],
    letters: ["q"],
    subject: "a log of trouble alone",
    setting: "logLevel",
    value: "warning",
  },
  {
    words: ["proxy-headers", "trust-proxy", "trusted-proxies"],
    subject: "which proxies are believed",
    setting: "forwardedAllowIps",
    value: "10.0.0.0/8",
  },
  {
    words: ["limit-concurrency", "max-connections"],
    subject: "the number of requests that a worker has in hand",
    setting: "workerConnections",
    value: "100",
  },
  {
    words: ["limit-max-requests"],
    subject: "the number of requests after which a worker is replaced",
    setting: "maxRequests",
    value: "1000",
  },
];

/** The flag of corn's for one that it does not know; undefined where nothing is known of it. */
export function wordForFlag(given: string): string | undefined {
  const [flag = ""] = given.split("=", 1);
  const found = flag.startsWith("--")
    ? find(flag)
    : WORDS.find(({ letters = [] }) => letters.includes(flag.slice(1)));
  return found && say(found, (name, value) => `${flagOf(name)}${value}`);
}

/** The setting for a name in the config file that is none's. */
export function wordForName(given: string): string | undefined {
  const found = find(given);
  if (found === undefined) return undefined;
  const { subject, setting, value } = found;
  if (value === undefined) return `${subject} is ${setting}: true`;
  const text = isNaN(Number(value)) ? JSON.stringify(value) : value;
  return `${subject} is ${setting}: ${text}`;
}

/** The variable for one that begins with `CORN_` and is no setting's. */
export function wordForVariable(given: string): string | undefined {
  const found = find(given.slice("CORN_".length));
  return found && say(
    found,
    (name, value) => `${variableOf(name)}=${value.trim() || "1"}`,
  );
}

/** What a word stands for that is a command elsewhere, given as the app. */
const COMMANDS: Readonly<Record<string, string>> = {
  help: "corn --help",
  version: "corn --version",
  list: "corn ls",
  ps: "corn ls",
  show: "corn status",
  info: "corn status",
  describe: "corn status",
  log: "corn logs",
  shutdown: "corn stop",
  quit: "corn stop --quick",
  worker: "corn scale +1, corn scale -1 or corn kill W",
  monit: "corn status",
  delete: "corn stop",
};

/** Words that start the app which follows. */
const STARTS: readonly string[] = ["start", "run", "serve", "dev", "exec"];

/** Words that have it started with the machine. */
const SERVICE: readonly string[] = ["save", "startup", "enable"];

/** What to write in place of a command; undefined where the word is none. */
export function wordForCommand(
  given: string,
  app: string = "app.ts",
): string | undefined {
  if (STARTS.includes(given)) {
    return `to start is no command of corn's, leave it out: corn ${app}`;
  }
  if (SERVICE.includes(given)) {
    return "let systemd start it, docs/deploy.md has the unit";
  }
  return Object.hasOwn(COMMANDS, given)
    ? `the command is ${COMMANDS[given]}`
    : undefined;
}

/** Dashes make no difference. */
function find(given: string): Word | undefined {
  const wanted = plain(given);
  return WORDS.find(({ words }) => words.some((one) => plain(one) === wanted));
}

function plain(name: string): string {
  return name.replaceAll(/[-_]/g, "").toLowerCase();
}

function say(
  { subject, setting, value }: Word,
  write: (name: SettingName, value: string) => string,
): string {
  return `${subject} is ${
    write(setting, value === undefined ? "" : ` ${value}`)
  }`;
}

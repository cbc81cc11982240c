/** A service and its sockets, see systemd.service(5) and systemd.socket(5). */
import { isWithin } from "../base/path.ts";
import type { Bind } from "../config/values/address.ts";
import { lines } from "./file.ts";
import type { MadeFile } from "./file.ts";
import {
  checkStart,
  refuse,
  startSeconds,
  stopReasons,
  stopSeconds,
} from "./subject.ts";
import type { Subject } from "./subject.ts";
import { writtenFolders } from "./written.ts";

/** The user of a service where no setting says it: nginx's and Apache's user on Debian, which may enter what they may. */
const USER = "www-data";

/** The first systemd that takes a reload for done when the service says so. */
const NOTIFY_RELOAD = 253;

export function makeSystemd(
  subject: Subject,
  { systemd = 0 }: { readonly systemd?: number | undefined } = {},
): MadeFile[] {
  checkStart(subject, "systemd");
  return [
    { name: `${subject.name}.service`, text: service(subject, systemd) },
    { name: `${subject.name}.socket`, text: socket(subject) },
  ];
}

function service(subject: Subject, systemd: number): string {
  const { config, name, folder, start, given, variables } = subject;
  const { settings } = config;
  // Keys are root's alone, as certbot leaves them: who reads them stays root.
  const keyed = settings.user === undefined && settings.certfile !== undefined;
  const user = settings.user === undefined && !keyed;
  const more = keyed ? ["--user", USER, "--group", USER] : [];
  const reloads = systemd >= NOTIFY_RELOAD;
  const caches = subject.workers === "node" &&
    settings.compileCache === "auto";
  const extra = writable(subject);
  return lines(
    "[Unit]",
    `Description=${escape(settings.name ?? name)}`,
    `Requires=${name}.socket`,
    `After=network.target ${name}.socket`,
    "",
    "[Service]",
    `Type=${reloads ? "notify-reload" : "notify"}`,
    "# systemd-notify(1) tells it on Node, and a new arbiter after USR2.",
    "NotifyAccess=all",
    user
      ? [`User=${USER}`, `Group=${USER}`]
      : keyed
      ? "# The arbiter stays root, and reads the keys; its workers are not, and need no file."
      : "# The arbiter stays root; its workers are not.",
    `WorkingDirectory=${escape(folder)}`,
    `# /run/${name} is for sockets and the pid file, /var/log/${name} for logs.`,
    `RuntimeDirectory=${name}`,
    keepsSocket(subject) ? "RuntimeDirectoryPreserve=yes" : undefined,
    `LogsDirectory=${name}`,
    caches
      ? [
        `CacheDirectory=${name}`,
        `Environment=CORN_COMPILE_CACHE=/var/cache/${name}`,
      ]
      : undefined,
    Object.entries(variables).map((pair) =>
      `Environment=${word(pair.join("="))}`
    ),
    `ExecStart=${[...start, ...given, ...more].map(word).join(" ")}`,
    reloads ? undefined : `ExecReload=${reloadOf(subject)}`,
    "# After a crash; systemctl stop is none.",
    "Restart=on-failure",
    "RestartSec=1",
    "# The arbiter stops its workers itself; what is left after that is killed.",
    "KillMode=mixed",
    `# bootTimeout ${settings.bootTimeout}, and some more.`,
    `TimeoutStartSec=${startSeconds(config)}`,
    `# ${stopReasons(config)}.`,
    `TimeoutStopSec=${stopSeconds(config)}`,
    "WatchdogSec=30",
    "LimitNOFILE=65536",
    "# What the app cannot do if somebody takes it over. No MemoryDenyWriteExecute=:",
    "# the runtimes compile code while they run.",
    "NoNewPrivileges=yes",
    "ProtectSystem=strict",
    `ProtectHome=${inHome(subject) ? "read-only" : "yes"}`,
    "PrivateTmp=yes",
    "PrivateDevices=yes",
    "ProtectKernelTunables=yes",
    "ProtectControlGroups=yes",
    "RestrictSUIDSGID=yes",
    extra.length > 0
      ? `ReadWritePaths=${extra.map(word).join(" ")}`
      : undefined,
    "",
    "[Install]",
    "WantedBy=multi-user.target",
    `Also=${name}.socket`,
  );
}

/** Waits for the new workers and fails where the old ones serve on; HUP does neither. */
function reloadOf({ config, start }: Subject): string {
  const { control } = config.settings;
  if (control === "off") return "/bin/kill -HUP $MAINPID";
  const found = control === "on" ? "--pid $MAINPID" : `-s ${word(control)}`;
  return `${start.map(word).join(" ")} ${found} reload`;
}

function socket(subject: Subject): string {
  const { config, name } = subject;
  const { settings } = config;
  const [owner, group] = ownerOf(subject);
  const unix = settings.bind.some(({ kind }) => kind === "unix");
  return lines(
    "[Unit]",
    `Description=Where ${escape(settings.name ?? name)} listens`,
    "",
    "[Socket]",
    settings.bind.map((bind) => `ListenStream=${streamOf(bind, subject)}`),
    `Backlog=${settings.backlog}`,
    unix
      ? [
        `SocketUser=${owner}`,
        ...(group ? [`SocketGroup=${group}`] : []),
        `SocketMode=${settings.unixMode.toString(8).padStart(4, "0")}`,
      ]
      : undefined,
    "",
    "[Install]",
    "WantedBy=sockets.target",
  );
}

function streamOf(bind: Bind, subject: Subject): string {
  if (bind.kind === "unix") return escape(bind.path);
  const kind = "systemd";
  if (bind.kind === "fd") {
    const why =
      "which systemd opens under a number of its own: give the addresses themselves";
    return refuse(subject, { kind, setting: "bind", why });
  }
  if (bind.port === 0) {
    const why = "and port 0 is another one at each start: give a port";
    return refuse(subject, { kind, setting: "bind", why });
  }
  if (!/^[\d.]+$|:/.test(bind.host)) {
    if (bind.host === "localhost") return `127.0.0.1:${bind.port}`;
    const why = "and a .socket unit looks no name up: give an IP address";
    return refuse(subject, { kind, setting: "bind", why });
  }
  return bind.host.includes(":")
    ? `[${bind.host}]:${bind.port}`
    : `${bind.host}:${bind.port}`;
}

function ownerOf({ config }: Subject): readonly [string, string?] {
  const { unixOwner, user } = config.settings;
  if (unixOwner === undefined) return [user ?? USER];
  const [owner = "", group] = unixOwner.split(":");
  return [owner || (user ?? USER), group];
}

/** True where corn's own runtime directory has a socket, which must outlive a stop of the service. */
function keepsSocket({ config, name }: Subject): boolean {
  return config.settings.bind.some((bind) =>
    bind.kind === "unix" && isWithin(`/run/${name}`, bind.path)
  );
}

/** Folders that corn writes to and that systemd makes none of. */
function writable(subject: Subject): string[] {
  const made = ["/run", "/var/log", "/var/cache"].map((one) =>
    `${one}/${subject.name}`
  );
  // The sockets of `bind` are systemd's.
  return writtenFolders(subject).filter(({ setting }) => setting !== "bind")
    .map(({ folder }) => folder).filter((folder) =>
      !made.some((one) => folder === one || isWithin(one, folder)) &&
      folder !== "/tmp"
    );
}

function inHome({ folder, start }: Subject): boolean {
  return [folder, ...start].some((path) =>
    /^\/(home|root|run\/user)\//.test(`${path}/`)
  );
}

/** `%` begins a specifier in every line of a unit. */
function escape(text: string): string {
  return text.replaceAll("%", "%%");
}

/** One word of a command line or of Environment=, see systemd.service(5); `$` begins a variable there. */
function word(text: string): string {
  const escaped = escape(text).replaceAll("$", "$$$$");
  return text !== "" && !/[\s"'\\;]/.test(text)
    ? escaped
    : `"${escaped.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

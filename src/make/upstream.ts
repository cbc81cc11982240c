/** Where a proxy on the same machine, or a container's port, reaches corn. */
import { schemeOf } from "../config/values/address.ts";
import type { Bind, Scheme } from "../config/values/address.ts";
import { isAbstract } from "../base/addresses/unix-names.ts";
import { refuse } from "./subject.ts";
import type { Subject } from "./subject.ts";
import { keepAliveMs } from "../plan/worker-class.ts";

export type Upstream =
  | { readonly kind: "unix"; readonly path: string }
  | {
    readonly kind: "tcp";
    readonly host: string;
    readonly port: number;
    /** Where it speaks TLS. */
    readonly scheme: Scheme;
  };

/** The first unix socket, else the first port that is plain, else one that speaks TLS. @throws ConfigError where there is none */
export function upstreamOf(subject: Subject, kind: string): Upstream {
  const { settings } = subject.config;
  if (settings.proxyProtocol !== "off") {
    const why =
      `and ${kind} as an HTTP proxy sends no such header: leave it out, X-Forwarded-For tells of clients`;
    refuse(subject, { kind, setting: "proxyProtocol", why });
  }
  const unix = settings.bind.find((bind) =>
    bind.kind === "unix" && !isAbstract(bind.path)
  );
  const ports = settings.bind.filter((bind) =>
    bind.kind === "tcp" && bind.port !== 0
  );
  const tcp = ports.find((bind) => schemeOf(bind, settings) === "http") ??
    ports[0];
  if (unix?.kind === "unix") return { kind: "unix", path: unix.path };
  if (tcp?.kind === "tcp") {
    const scheme = schemeOf(tcp, settings);
    if (scheme === "https" && settings.certReqs === "required") {
      const why =
        `and ${kind} has no certificate to show: give unix:PATH or http://HOST:PORT for it`;
      refuse(subject, { kind, setting: "certReqs", why });
    }
    return { kind: "tcp", host: reachable(tcp.host), port: tcp.port, scheme };
  }
  const why = `which tells ${kind} of no address: give unix:PATH or HOST:PORT`;
  return refuse(subject, { kind, setting: "bind", why });
}

/** True where a proxy has to speak TLS. */
export function isSecure(upstream: Upstream): boolean {
  return upstream.kind === "tcp" && upstream.scheme === "https";
}

/** The loopback where an address stands for all. */
function reachable(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  if (host === "::") return "[::1]";
  return host.includes(":") ? `[${host}]` : host;
}

/** How long a proxy may keep a connection idle, in whole seconds, so that it closes it before corn does; undefined where corn keeps none. */
export function proxyKeepAlive({ config }: Subject): number | undefined {
  const seconds = Math.min(60, Math.ceil(keepAliveMs(config) / 1000) - 1);
  return seconds < 1 ? undefined : seconds;
}

/** Says what to do where corn does not take the proxy's word for a client's address; undefined where it does. */
export function distrustOf(
  { config }: Subject,
  { kind }: Upstream,
): string | undefined {
  const allowed = config.settings.forwardedAllowIps;
  const believed = allowed.includes("*") ||
    (kind === "unix"
      ? allowed.includes("unix")
      // Any network may hold the proxy's address.
      : allowed.some((one) => one !== "unix"));
  if (believed) return undefined;
  const own = kind === "unix" ? "unix" : "127.0.0.1";
  return `corn believes ${
    allowed.join(", ") || "nobody"
  }: add ${own} to forwardedAllowIps.`;
}

/** A port that is reached from outside of a container. */
export interface OpenPort {
  readonly port: number;
  readonly scheme: Scheme;
}

/** Those that clients are to reach, and what corn must be told beside what it was given. */
export interface OpenPorts {
  /** The first that is plain, and the first that speaks TLS; one at least. */
  readonly ports: readonly OpenPort[];
  readonly flags: readonly string[];
}

/** @throws ConfigError where corn would be reached from within the container alone */
export function openPorts(subject: Subject, kind: string): OpenPorts {
  const { settings, origins } = subject.config;
  const unsaid = origins.bind === "default";
  const binds: readonly Bind[] = unsaid
    ? [{ kind: "tcp", host: "0.0.0.0", port: 8000 }]
    : settings.bind;
  const open = binds.filter(isOpen);
  const ports = (["http", "https"] as const).flatMap((scheme) => {
    const found = open.find((bind) => schemeOf(bind, settings) === scheme);
    return found === undefined ? [] : [{ port: found.port, scheme }];
  });
  if (ports.length > 0) {
    return { ports, flags: unsaid ? ["--bind", "0.0.0.0:8000"] : [] };
  }
  const why =
    "which is reached from within its container alone: give 0.0.0.0:PORT";
  return refuse(subject, { kind, setting: "bind", why });
}

function isOpen(bind: Bind): bind is Bind & { readonly kind: "tcp" } {
  return bind.kind === "tcp" && bind.port !== 0 &&
    !/^(127\.|::1$|localhost$)/.test(bind.host);
}

/** Where Prometheus and probes reach corn from another machine; never by TLS. */
export function openAdmin(
  { config }: Subject,
): { readonly port: number; readonly flags: readonly string[] } {
  const { admin, metrics } = config.settings;
  const counting = metrics ? [] : ["--metrics"];
  if (admin !== undefined && isOpen(admin)) {
    return { port: admin.port, flags: counting };
  }
  const port = admin?.kind === "tcp" && admin.port !== 0
    ? admin.port
    : ADMIN_PORT;
  return { port, flags: [...counting, "--admin", `0.0.0.0:${port}`] };
}

/** What the docs use; other exporters do too. */
const ADMIN_PORT = 9100;

import { addressText } from "../../base/addresses/address-text.ts";
import { isAbstract } from "../../base/addresses/unix-names.ts";
import { ConfigError } from "../../base/errors.ts";
import type { Address } from "../../runtime/runtime.ts";
import { quote, Refusal } from "../../base/refusal.ts";

const DEFAULT_PORT = 8000;

/** Whether clients speak TLS at an address; undefined for whatever the others do. */
export type Scheme = "http" | "https";

/** What to listen on: an address to open, or a listening socket that corn was started with. */
export type Bind = Address & { readonly scheme?: Scheme } | {
  readonly kind: "fd";
  readonly descriptor: number;
};

/** `sun_path` holds 108 bytes: a path with its final NUL, an abstract name with its first, see unix(7). */
const MAX_UNIX_PATH = 107;

/** True for a path that a unix socket can have. */
export function fitsUnix(path: string): boolean {
  return excessOfUnix(path) === undefined;
}

/** By how much a path is too long for a unix socket, in words; undefined where it is not. */
export function excessOfUnix(path: string): string | undefined {
  const bytes = new TextEncoder().encode(path).length;
  return bytes <= MAX_UNIX_PATH
    ? undefined
    : `the path has ${bytes} bytes, a unix socket's may have ${MAX_UNIX_PATH}`;
}

/**
 * Reads an address: `HOST`, `HOST:PORT`, `:PORT`, `[V6]:PORT`,
 * `tcp://HOST:PORT`, `http://HOST:PORT`, `https://HOST:PORT`, `unix:PATH`, `unix://PATH`, `unix:@NAME` or `fd://N`.
 *
 * @throws ConfigError
 */
export function parseAddress(text: string): Bind {
  try {
    return readAddress(text);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new ConfigError(
      `Cannot use address ${quote(text)}: ${error.message}`,
    );
  }
}

/** As `parseAddress`, but gives only the reason. @throws Refusal */
export function readAddress(text: string): Bind {
  const unix = /^unix:(?:\/\/)?(.*)$/s.exec(text);
  if (unix) return { kind: "unix", path: readUnixPath(unix[1]!, text) };
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme === "fd") {
    return { kind: "fd", descriptor: readDescriptor(text) };
  }
  if (scheme === "http" || scheme === "https") {
    return { ...readTcp(readAuthority(text, scheme), text), scheme };
  }
  if (scheme !== undefined && scheme !== "tcp") {
    throw new Refusal(
      `"${scheme}://" is not known, give HOST:PORT or unix:PATH`,
      text,
    );
  }
  return readTcp(
    scheme === undefined ? text : text.slice("tcp://".length),
    text,
  );
}

/** What stands behind the scheme, which must have a port: those of the schemes are not corn's default. */
function readAuthority(text: string, scheme: Scheme): string {
  const rest = text.slice(`${scheme}://`.length).replace(/\/$/, "");
  if (/[/?#@]/.test(rest)) {
    throw new Refusal(`give no more than ${scheme}://HOST:PORT`, text);
  }
  if (/:\d+$/.test(rest)) return rest;
  const port = scheme === "http" ? 80 : 443;
  throw new Refusal(
    `give the port too, such as ${scheme}://${rest || "0.0.0.0"}:${port}`,
    text,
  );
}

function readTcp(rest: string, text: string): Address & { kind: "tcp" } {
  if (rest === "") throw new Refusal("give HOST:PORT or unix:PATH", text);
  if (/^\d+$/.test(rest)) {
    throw new Refusal(`to give only a port, write ":${rest}"`, text);
  }
  if (/^[0-9a-f.]*:[0-9a-f.]*:[0-9a-f:.]*$/i.test(rest)) {
    throw new Refusal(
      "write an IPv6 address in brackets, such as [::1]:8000",
      text,
    );
  }
  const [, v6, name = "", port] =
    /^(?:\[([^\]]*)\]|([^:]*))(?::(.*))?$/s.exec(rest) ?? [];
  if (v6 === undefined && name === "" && port === undefined) {
    throw new Refusal("give HOST:PORT or unix:PATH", text);
  }
  const host = v6 === undefined ? readHost(name, text) : readV6(v6, text);
  return { kind: "tcp", host, port: readPort(port, text) };
}

/** The canonical text: `127.0.0.1:8000`, `[::1]:8000`, `unix:/path`, `unix:@name`, `fd://3`. */
export function formatAddress(address: Bind): string {
  return address.kind === "fd"
    ? `fd://${address.descriptor}`
    : addressText(address);
}

/** The address alone, whatever is spoken there. */
export function addressOf(bind: Exclude<Bind, { kind: "fd" }>): Address {
  if (bind.kind === "unix") return bind;
  const { kind, host, port } = bind;
  return { kind, host, port };
}

/** As it was given: `formatAddress` with the scheme, where one was said. */
export function formatBind(bind: Bind): string {
  const text = formatAddress(bind);
  return bind.kind === "tcp" && bind.scheme !== undefined
    ? `${bind.scheme}://${text}`
    : text;
}

/** What an address is known by while it is open: whatever is spoken there, but that any free port is another one each time. */
export function addressKey(bind: Bind): string {
  return bind.kind === "tcp" && bind.port === 0
    ? formatBind(bind)
    : formatAddress(bind);
}

/** Whether TLS is spoken at an address: unix sockets are plain, and others where there is no certificate. */
export function schemeOf(
  bind: Bind,
  { certfile }: { readonly certfile: string | undefined },
): Scheme {
  if (bind.kind === "unix") return "http";
  const asked = bind.kind === "tcp" ? bind.scheme : undefined;
  return asked ?? (certfile === undefined ? "http" : "https");
}

/** Tells whether both are written for the same address; names are not looked up. */
export function sameAddress(one: Bind, other: Bind): boolean {
  // One of another kind is written in another way: only paths keep their case.
  return one.kind === "unix"
    ? formatAddress(one) === formatAddress(other)
    : formatAddress(one).toLowerCase() === formatAddress(other).toLowerCase();
}

function readDescriptor(text: string): number {
  const digits = /^fd:\/\/(\d{1,6})$/i.exec(text)?.[1];
  // 0 to 2 are the standard streams.
  if (digits !== undefined && Number(digits) > 2) return Number(digits);
  throw new Refusal("give the number of a descriptor from 3 on", text);
}

function readUnixPath(path: string, text: string): string {
  if (path === "" || path.includes("\0")) {
    throw new Refusal("give a path after unix:", text);
  }
  if (path === "@") throw new Refusal("give a name after unix:@", text);
  if (isAbstract(path)) {
    const bytes = new TextEncoder().encode(path).length;
    if (bytes <= MAX_UNIX_PATH + 1) return path;
    throw new Refusal(
      `the name has ${
        bytes - 1
      } bytes, an abstract one may have ${MAX_UNIX_PATH}`,
      text,
    );
  }
  const excess = excessOfUnix(path);
  if (excess === undefined) return path;
  throw new Refusal(excess, text);
}

function readHost(host: string, text: string): string {
  if (host === "") return "0.0.0.0";
  const numbers = /^\d+(\.\d+)*$/.test(host) ? host.split(".") : undefined;
  const valid = numbers
    ? numbers.length === 4 && numbers.every((number) => Number(number) <= 255)
    : /^[a-z0-9_]([a-z0-9._-]*)$/i.test(host);
  if (valid) return host;
  throw new Refusal(`"${host}" is neither a host name nor an IP address`, text);
}

function readV6(host: string, text: string): string {
  const [address = "", zone] = host.split("%", 2);
  const url = `http://[${address}]/`;
  if (!URL.canParse(url) || zone === "") {
    throw new Refusal(`"${host}" is not an IPv6 address`, text);
  }
  // One spelling for each address, so that two binds of the same one are seen.
  const canonical = new URL(url).hostname.slice(1, -1);
  return zone === undefined ? canonical : `${canonical}%${zone}`;
}

function readPort(port: string | undefined, text: string): number {
  if (port === undefined) return DEFAULT_PORT;
  if (/^\d{1,5}$/.test(port) && Number(port) <= 65535) return Number(port);
  throw new Refusal(`port "${port}" is not a number from 0 to 65535`, text);
}

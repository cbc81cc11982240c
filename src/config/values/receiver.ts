/** Where syslog and statsd are sent to, as it is written. */
import type { Target } from "../../outbox/receiver.ts";
import { readAddress } from "./address.ts";
import { Refusal } from "../../base/refusal.ts";
import { orList } from "./scalars.ts";
import type { Setting } from "./setting.ts";

const EXAMPLES: Readonly<Record<string, string>> = {
  "": "HOST:PORT",
  udp: "udp://HOST:PORT",
  tcp: "tcp://HOST:PORT",
  unix: "unix:///PATH",
};

/** Reads where to send to, in one of the ways that the setting has. */
export function parseTarget(value: unknown, setting: Setting): Target {
  const { schemes = [], port = 0 } = setting;
  const give = `give ${orList(schemes.map((one) => EXAMPLES[one] as string))}`;
  const [, scheme = "", rest = ""] = typeof value === "string"
    ? /^(?:([a-z]+):\/\/)?(.*)$/s.exec(value) ?? []
    : [];
  if (!schemes.includes(scheme) || rest === "") throw new Refusal(give);
  if (scheme === "unix") return readUnix(rest, schemes.includes("tcp"), give);
  const [, host = "", digits = String(port)] =
    /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/s.exec(rest) ?? [];
  if (host === "") throw new Refusal(give);
  // Port 0 asks for any port of one's own: there is none at another's.
  if (/^0*$/.test(digits)) throw new Refusal("give a port from 1 to 65535");
  const address = readAddress(`${host}:${digits}`);
  if (address.kind !== "tcp") throw new Refusal(give);
  const kind = scheme === "tcp" ? "tcp" : "udp";
  return { kind, host: address.host, port: address.port };
}

function readUnix(rest: string, either: boolean, give: string): Target {
  const [, name = "", fragment] = /^(.*?)(?:#(.*))?$/s.exec(rest) ?? [];
  if (!/^[/@]/.test(name)) {
    throw new Refusal(
      "give the whole path after unix://, such as unix:///PATH",
    );
  }
  const address = readAddress(`unix:${name}`);
  if (address.kind !== "unix") throw new Refusal(give);
  const { path } = address;
  if (!either && fragment === undefined) return { kind: "unix-datagram", path };
  switch (fragment) {
    case undefined:
      return { kind: "unix", path };
    case "dgram":
      return { kind: "unix-datagram", path };
    case "stream":
      if (either) return { kind: "unix-stream", path };
  }
  throw new Refusal(
    either
      ? "a path may end in #dgram or #stream"
      : "a path may end in #dgram only",
  );
}

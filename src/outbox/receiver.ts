/** Where messages go: how it is written, and what it means on a runtime. */
import { ConfigError } from "../base/errors.ts";
import type { Receiver, Runtime, RuntimeName } from "../runtime/runtime.ts";

/** A receiver, or a unix socket of which it is not known whether it takes datagrams or a stream. */
export type Target = Receiver | {
  readonly kind: "unix";
  readonly path: string;
};

/** `udp://localhost:514`, `unix:///dev/log#dgram`. */
export function nameTarget(target: Target): string {
  switch (target.kind) {
    case "unix":
      return `unix://${target.path}`;
    case "unix-datagram":
      return `unix://${target.path}#dgram`;
    case "unix-stream":
      return `unix://${target.path}#stream`;
    default: {
      const { kind, host, port } = target;
      return `${kind}://${host.includes(":") ? `[${host}]` : host}:${port}`;
    }
  }
}

/** True for a host that must be looked up. */
export function isName(host: string): boolean {
  return !host.includes(":") && !/^[\d.]+$/.test(host);
}

/** What to try for a target, in turn, and what to say where nothing fits. */
export interface Route {
  readonly receivers: readonly [Receiver, ...Receiver[]];
  readonly hint?: string;
}

/** As Gunicorn does, a unix socket is taken for one of datagrams until it turns out to be a stream. */
export function routeTo(
  target: Target,
  { name, sendsUnixDatagrams }: Pick<Runtime, "name" | "sendsUnixDatagrams">,
): Route {
  if (target.kind !== "unix") return { receivers: [target] };
  const { path } = target;
  const stream: Receiver = { kind: "unix-stream", path };
  if (sendsUnixDatagrams) {
    return { receivers: [{ kind: "unix-datagram", path }, stream] };
  }
  return {
    receivers: [stream],
    hint: `it takes datagrams, and ${lack(name)}`,
  };
}

/** Refuses a unix datagram socket on a runtime that cannot send to it. @throws ConfigError */
export function demandDatagrams(
  setting: string,
  target: Target | undefined,
  runtime: Pick<Runtime, "name" | "sendsUnixDatagrams">,
): void {
  if (target?.kind !== "unix-datagram" || runtime.sendsUnixDatagrams) return;
  throw new ConfigError(
    `Cannot use ${setting} "${nameTarget(target)}": ${lack(runtime.name)}`,
  );
}

function lack(runtime: RuntimeName): string {
  return runtime === "node"
    ? "Node has no unix datagrams; give udp://HOST:PORT, or run corn and its workers on Bun or Deno"
    : "there are no unix datagrams without libc (--allow-ffi on Deno); give udp://HOST:PORT";
}

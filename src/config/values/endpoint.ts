/** Where a debugger attaches: `true`, `9230`, `0.0.0.0:9230`, `[::1]:9230`. */
import { Refusal } from "../../base/refusal.ts";

/** A host and a port; port 0 is any that is free. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** Where V8's inspectors listen unless told otherwise. */
const USUAL: Endpoint = { host: "127.0.0.1", port: 9229 };

const ON = ["true", "yes", "on", "1", ""];
const OFF = ["false", "no", "off", "0"];

/** Reads an endpoint; undefined where it is switched off. */
export function parseEndpoint(value: unknown): Endpoint | undefined {
  const text = ["string", "boolean", "number"].includes(typeof value)
    ? String(value).trim()
    : "?";
  if (ON.includes(text.toLowerCase())) return USUAL;
  if (OFF.includes(text.toLowerCase())) return undefined;
  const [, host, digits] = /^(?:(\[[\da-fA-F:.]+\]|[^\s:[\]]*):)?(\d{1,5})$/
    .exec(text) ?? [];
  const port = Number(digits);
  if (port <= 65_535) {
    return { host: host?.replace(/^\[|\]$/g, "") || USUAL.host, port };
  }
  throw new Refusal(
    'give a port, an address such as "127.0.0.1:9229", or true',
  );
}

/** Writes an endpoint so that `parseEndpoint` reads it again. */
export function formatEndpoint({ host, port }: Endpoint): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** True where only this machine reaches it. */
export function isLocal({ host }: Endpoint): boolean {
  return /^(localhost|127\..*|::1)$/.test(host);
}

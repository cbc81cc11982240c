/** Where metrics are pushed to, and what OpenTelemetry's variables and this process say of whose they are. */
import type { Runtime } from "../runtime/runtime.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** `OTEL_EXPORTER_OTLP_HEADERS`, and over it that of metrics alone. */
export function readHeaders(env: Env): Record<string, string> {
  return {
    ...readPairs(env.OTEL_EXPORTER_OTLP_HEADERS),
    ...readPairs(env.OTEL_EXPORTER_OTLP_METRICS_HEADERS),
  };
}

/** Where to push, and the fields of the request. */
export interface Receiver {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Reads a URL, whose path is the protocol's where it has none. Its user and
 * password are a field of the request: `fetch()` takes a URL with them on some
 * runtimes alone, and says it whole where it does not (Fetch, section 5.4).
 */
export function receiverOf(text: string, env: Env): Receiver {
  const url = new URL(text);
  if (url.pathname === "/") url.pathname = "/v1/metrics";
  const { username, password } = url;
  url.username = url.password = "";
  const headers = readHeaders(env);
  const named = Object.keys(headers).some((name) =>
    name.toLowerCase() === "authorization"
  );
  return {
    url: url.href,
    headers: username + password === "" || named ? headers : {
      ...headers,
      authorization: `Basic ${
        base64(`${decoded(username)}:${decoded(password)}`)
      }`,
    },
  };
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

/** As it is where it is no encoding. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The attributes of the resource; `name` is that of the service unless a variable has one. */
export function resourceOf(
  { name: runtime, version, self, random }: Pick<
    Runtime,
    "name" | "version" | "self" | "random"
  >,
  env: Env,
  name: string,
): Record<string, string | number> {
  const host = self.hostname();
  const given = readPairs(env.OTEL_RESOURCE_ATTRIBUTES);
  return {
    "service.name": name,
    "service.instance.id": uuid(random),
    ...host !== "" && { "host.name": host },
    "process.pid": self.pid,
    "process.runtime.name": runtime,
    "process.runtime.version": version,
    ...given,
    ...env.OTEL_SERVICE_NAME && { "service.name": env.OTEL_SERVICE_NAME },
  };
}

/** Pairs as `key=value,key2=value2`, percent-encoded; what is none is left out, as the specification says. */
function readPairs(text: string = ""): Record<string, string> {
  const pairs: Record<string, string> = {};
  for (const part of text.split(",")) {
    const sign = part.indexOf("=");
    const key = part.slice(0, Math.max(0, sign)).trim();
    if (key === "") continue;
    try {
      pairs[decodeURIComponent(key)] = decodeURIComponent(
        part.slice(sign + 1).trim(),
      );
    } catch {
      continue; // It is no encoding.
    }
  }
  return pairs;
}

/** RFC 9562, version 4. */
function uuid(random: () => number): string {
  const digits = Array.from(
    { length: 32 },
    () => Math.floor(random() * 16).toString(16),
  );
  digits[12] = "4";
  digits[16] = "89ab"[Math.floor(random() * 4)] as string;
  return digits.join("").replace(
    /^(.{8})(.{4})(.{4})(.{4})(.{12})$/,
    "$1-$2-$3-$4-$5",
  );
}

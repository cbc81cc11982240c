/** What OpenTelemetry's variables and this process say of whose metrics they are. */
import type { Runtime } from "../runtime/runtime.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** `OTEL_EXPORTER_OTLP_HEADERS`, and over it that of metrics alone. */
export function readHeaders(env: Env): Record<string, string> {
  return {
    ...readPairs(env.OTEL_EXPORTER_OTLP_HEADERS),
    ...readPairs(env.OTEL_EXPORTER_OTLP_METRICS_HEADERS),
  };
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

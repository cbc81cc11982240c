/** What `--otlp` pushes, read by OpenTelemetry's own definitions: a collector would take all of it. */
import { randomUUID } from "node:crypto";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { RuntimeName } from "../../src/runtime/runtime.ts";
import { metricIn, openReceiver } from "../support/client/otlp-receiver.ts";
import { killMarked } from "../support/process/audit.ts";
import { startServer } from "../support/process/server.ts";
import type { Command } from "../support/process/server.ts";
import { until } from "../support/wait.ts";

const LONG_MS = 90_000;
const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

/** Whose definitions they are: the classes that protobufjs made of opentelemetry-proto. */
export const definitions = {
  name: "OpenTelemetry's definitions",
  package: "@opentelemetry/otlp-proto-exporter-base",
};
const MODULE = `${definitions.package}/build/src/generated/root.js`;

// deno-lint-ignore no-explicit-any
type Json = any;

/** A class of protobufjs. */
interface MessageClass {
  fromObject(value: object): object;
  encode(message: object): { finish(): Uint8Array };
  decode(bytes: Uint8Array): object;
  toObject(message: object, options: object): object;
}

/** Has a corn push, and reads it. @throws where not all of it is what the definitions have */
export async function tryOtlp(
  { runtime, folder }: {
    readonly runtime: RuntimeName;
    readonly folder: string;
  },
): Promise<void> {
  const { opentelemetry } = createRequire(join(folder, "app.mjs"))(MODULE);
  const type: MessageClass =
    opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
  const receiver = await openReceiver();
  const mark = randomUUID();
  const started: Command[] = [];
  try {
    const server = await startServer(
      {
        app: "hono.mjs",
        args: [
          ...["-w", "1", "--otlp", receiver.url, "--otlp-interval", "1"],
          "--metrics-exemplars",
        ],
        cwd: folder,
        runtime,
        deadlineMs: LONG_MS,
      },
      mark,
      started,
    );
    const headers = { traceparent: `00-${TRACE}-00f067aa0ba902b7-01` };
    await (await fetch(server.url, { headers })).text();
    const message = await until(
      "a trace in what is pushed",
      () =>
        receiver.messages.find((one) =>
          JSON.stringify(
            metricIn(one, "http.server.request.duration") ?? {},
          ).includes(TRACE)
        ),
      LONG_MS,
    );
    await server.stop();
    assertSame(message, read(type, message));
  } finally {
    killMarked(mark);
    receiver.close();
  }
}

/** What is left of a message once it was written as protobuf. */
function read(type: MessageClass, message: Json): Json {
  const object = type.fromObject(withBytes(message));
  return type.toObject(type.decode(type.encode(object).finish()), {
    longs: String,
    enums: Number,
  });
}

/** OTLP has ids in hexadecimal, where JSON of protobuf has base64. */
function withBytes(value: Json): Json {
  return map(
    value,
    (key, one) =>
      key === "traceId" ? Uint8Array.from(one.match(/../g), byteOf) : one,
  );
}

function byteOf(digits: string): number {
  return parseInt(digits, 16);
}

/** @throws where a field was not known, or holds something else */
function assertSame(pushed: Json, known: Json): void {
  const [one, other] = [pushed, known].map((message) =>
    JSON.stringify(
      map(message, (_, value) =>
        value instanceof Uint8Array
          ? [...value].map((byte) =>
            byte.toString(16).padStart(2, "0")
          ).join("")
          : value),
    )
  ) as [string, string];
  if (one === other) return;
  const at = [...one].findIndex((letter, index) => letter !== other[index]);
  throw new Error(
    `pushed ${one.slice(at - 60, at + 60)}, known ${
      other.slice(at - 60, at + 60)
    }`,
  );
}

/** A copy with other values, its fields in order; lists that are empty are as good as none. */
function map(value: Json, change: (key: string, value: Json) => Json): Json {
  if (Array.isArray(value)) return value.map((one) => map(one, change));
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, one]) => !(Array.isArray(one) && one.length === 0))
      .sort(([one], [other]) => one < other ? -1 : 1)
      .map(([key, one]) => [key, map(change(key, one), change)]),
  );
}

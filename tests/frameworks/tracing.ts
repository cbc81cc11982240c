/** Tracers under corn: each request is one span, the last of each worker too. */
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { gunzipSync } from "node:zlib";
import type { RuntimeName } from "../../src/runtime/runtime.ts";
import { RawClient } from "../support/client/client.ts";
import { killMarked } from "../support/process/audit.ts";
import { startServer } from "../support/process/server.ts";
import type { Command, Server } from "../support/process/server.ts";
import { until, within } from "../support/wait.ts";

const LONG_MS = 30_000;
/** Requests after which a worker is replaced. */
const RECYCLE = 4;

/** A tracer as its documentation has it. */
export interface TracerCase {
  readonly name: string;
  readonly package: Readonly<Record<RuntimeName, string>>;
  readonly how: string;
  /** The module that is loaded first; undefined where the runtime traces by itself. */
  readonly start: Readonly<Record<RuntimeName, string | undefined>>;
  /** Why it sees no request on a runtime. */
  readonly lacks?: Readonly<Partial<Record<RuntimeName, string>>>;
}

export const tracers: readonly TracerCase[] = [
  {
    name: "OpenTelemetry",
    package: {
      node: "@opentelemetry/sdk-node",
      bun: "@opentelemetry/sdk-node",
      deno: "@opentelemetry/api",
    },
    how:
      "`--import ./otel.mjs` with sdk-node and instrumentation-http; `-e OTEL_DENO=true` on Deno",
    start: { node: "otel.mjs", bun: "otel.mjs", deno: undefined },
    lacks: {
      bun:
        "its instrumentation wraps what `node:http` does on Node alone, and sees none without corn as well",
    },
  },
  {
    name: "Sentry",
    package: {
      node: "@sentry/node",
      bun: "@sentry/bun",
      deno: "@sentry/deno",
    },
    how: "`--import ./sentry.mjs` with `tracesSampleRate`",
    start: {
      node: "sentry-node.mjs",
      bun: "sentry-bun.mjs",
      deno: "sentry-deno.mjs",
    },
  },
];

/** Spans of servers in what OpenTelemetry sends as JSON, and in Sentry's envelopes. */
const SPAN = /"kind":\s*2\b|"is_segment":true|^\{"type":"transaction"/gm;

/** Counts the spans that it is sent. */
async function openReceiver() {
  let spans = 0;
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const plain = incoming.headers["content-encoding"] === "gzip"
      ? gunzipSync(body)
      : body;
    spans += plain.toString().match(SPAN)?.length ?? 0;
    outgoing.setHeader("content-type", "application/json");
    outgoing.end("{}");
  });
  await new Promise<void>((resolve) =>
    server.listen(0, "127.0.0.1", () => resolve())
  );
  const { port } = server.address() as AddressInfo;
  return {
    port,
    spans: () => spans,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Asks before a reload, up to a recycling, and beside TERM. @throws where a span is missing, or there is one too many */
export async function tryTracer(
  { start }: TracerCase,
  { runtime, folder }: {
    readonly runtime: RuntimeName;
    readonly folder: string;
  },
): Promise<void> {
  const mark = randomUUID();
  const started: Command[] = [];
  const receiver = await openReceiver();
  const { port } = receiver;
  const module = start[runtime];
  try {
    const server = await startServer(
      {
        app: "hono.mjs",
        args: [
          ...["-w", "1", "--max-requests", String(RECYCLE)],
          ...(module === undefined ? [] : ["--import", `./${module}`]),
        ],
        env: {
          SENTRY_DSN: `http://key@127.0.0.1:${port}/1`,
          // Deno's own beside another would tell of each request twice.
          OTEL_DENO: String(module === undefined),
          OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
          OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
          OTEL_METRICS_EXPORTER: "none",
          OTEL_LOGS_EXPORTER: "none",
        },
        cwd: folder,
        runtime,
        deadlineMs: LONG_MS,
      },
      mark,
      started,
    );
    await ask(server, RECYCLE - 1);
    await replaced(server, () => server.signal("SIGHUP"));
    await replaced(server, () => ask(server, RECYCLE));
    await stopInRequest(server);
    const wanted = 2 * RECYCLE;
    await until("the spans", () => receiver.spans() >= wanted, 5000)
      .catch(() => {});
    if (receiver.spans() !== wanted) {
      throw new Error(`${receiver.spans()} spans of ${wanted} requests`);
    }
  } finally {
    killMarked(mark);
    receiver.close();
  }
}

async function ask(server: Server, count: number): Promise<void> {
  for (let number = 0; number < count; number++) {
    await (await fetch(server.url)).text();
  }
}

/** Waits until another worker serves alone. */
async function replaced(
  server: Server,
  run: () => void | Promise<void>,
): Promise<void> {
  const [old] = server.workers();
  const from = server.log().length;
  await run();
  await server.waitForLog(/Worker 1 \(pid \d+\) left/, { from, ms: LONG_MS });
  await until("another worker", () => {
    const workers = server.workers();
    return workers.length === 1 && workers[0] !== old &&
      new RegExp(`pid ${workers[0]}\\) ready`).test(server.log());
  }, LONG_MS);
}

async function stopInRequest(server: Server): Promise<void> {
  const client = await RawClient.connect(server.url);
  client.send("/slow");
  await until(
    "the request to begin",
    () => /slow begins/.test(server.output()),
  );
  process.kill(server.pid, "SIGTERM");
  const { status } = await client.answer({ ms: LONG_MS });
  client.close();
  const { code } = await within("the end after TERM", server.ended, LONG_MS);
  if (status !== 200 || code !== 0) throw new Error(`${status}, exit ${code}`);
}

/** A receiver of OTLP over HTTP that holds what comes to the schema. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Ajv2020 } from "ajv/dist/2020.js";
import * as assert from "../assert.ts";
import { otlpSchema } from "../otlp-schema.ts";

const isMessage = new Ajv2020({ strict: true, strictTypes: false })
  .compile(otlpSchema);

/** @throws where it is no ExportMetricsServiceRequest */
export function assertOtlp(value: unknown): void {
  assert.ok(isMessage(value), JSON.stringify(isMessage.errors?.slice(0, 3)));
}

// deno-lint-ignore no-explicit-any
type Json = any;

/** A metric of a message, by its name. */
export function metricIn(message: Json, name: string): Json {
  return message.resourceMetrics[0].scopeMetrics[0].metrics
    .find((metric: Json) => metric.name === name);
}

export interface OtlpReceiver {
  readonly url: string;
  readonly messages: Json[];
  readonly headers: Record<string, unknown>[];
  /** What the next ones are answered with; 200 after them. */
  readonly statuses: number[];
  close(): void;
}

export async function openReceiver(): Promise<OtlpReceiver> {
  const messages: Json[] = [];
  const headers: Record<string, unknown>[] = [];
  const statuses: number[] = [];
  const server = createServer((request, response) => {
    let text = "";
    request.setEncoding("utf8").on("data", (piece) => text += piece);
    request.on("end", () => {
      headers.push({ ...request.headers, path: request.url });
      const status = statuses.shift() ?? 200;
      if (status === 200) messages.push(JSON.parse(text));
      response.writeHead(status, { "content-type": "application/json" });
      response.end("{}");
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    ...{ messages, headers, statuses },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

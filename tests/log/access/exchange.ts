/** Exchanges that a test makes up. */
import type { Exchange } from "../../../src/exchange/exchange.ts";

type Given = Partial<Omit<Exchange, "requestHeader" | "responseHeader">> & {
  readonly headers?: Readonly<Record<string, string>>;
  readonly answered?: Readonly<Record<string, string>>;
};

/** A GET of /page that was answered, with what differs. */
export function exchangeOf(
  { headers = {}, answered = {}, ...given }: Given = {},
): Exchange {
  return {
    method: "GET",
    target: "/page?q=1",
    protocol: "HTTP/1.1",
    peer: { kind: "tcp", address: "10.0.0.7", port: 50_000 },
    startMs: 0,
    status: 200,
    bytes: 1234,
    ms: 12.3456,
    aborted: false,
    ...given,
    requestHeader: (name) => headers[name],
    responseHeader: (name) => answered[name],
  };
}

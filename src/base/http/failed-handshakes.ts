/** Handshakes of TLS that came to nothing, for the log. */
import type { Clock } from "../../runtime/runtime.ts";
import type { HandshakeFailure } from "../../runtime/transport.ts";
import { peerName } from "../addresses/address-text.ts";
import { summarisedReport } from "../summarised-report.ts";

/** Tells of handshakes that failed: of the first at once, of more by their number. */
export function summarisedFailures(
  { clock, report }: {
    readonly clock: Pick<Clock, "after">;
    report(text: string): void;
  },
): (failure: HandshakeFailure) => void {
  const tell = summarisedReport({
    clock,
    report,
    more: (count, seconds) =>
      `Closed ${count} more connections in the last ${seconds} s whose TLS handshake failed`,
  });
  return ({ peer, reason }) =>
    tell(() =>
      `Closed a connection from ${
        peerName(peer)
      }: its TLS handshake failed, ${reason}`
    );
}

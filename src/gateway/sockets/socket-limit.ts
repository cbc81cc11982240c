/** How many WebSockets a worker may have open. */
import { asksForSocket } from "../../base/field-list.ts";
import {
  refusalResponse,
  refuseOutgoing,
  UNAVAILABLE,
} from "../call/outgoing.ts";
import type { LimitedOutgoing } from "../call/outgoing.ts";
import type { App } from "../app/app.ts";

/** The app, which is not asked for another WebSocket while `isFull`. */
export function withSocketLimit(app: App, isFull: () => boolean): App {
  if (app.style === "fetch") {
    return {
      style: "fetch",
      call(request, env, context) {
        return isFull() && asksForSocket(request.headers.get("upgrade"))
          ? refusalResponse(UNAVAILABLE)
          : app.call(request, env, context);
      },
    };
  }
  return {
    style: "node",
    call(incoming, outgoing) {
      const { headers } = incoming as {
        readonly headers: Record<string, string | undefined>;
      };
      return isFull() && asksForSocket(headers.upgrade)
        ? refuseOutgoing(outgoing as LimitedOutgoing, UNAVAILABLE)
        : app.call(incoming, outgoing);
    },
  };
}

/** How many WebSockets a worker may have open. */
import { countRefused } from "../../exchange/refused.ts";
import { asksForSocket } from "../../base/http/field-list.ts";
import { isThenable } from "../../base/promise.ts";
import {
  refusalResponse,
  refuseOutgoing,
  UNAVAILABLE,
} from "../call/outgoing.ts";
import type { LimitedOutgoing } from "../call/outgoing.ts";
import type { App } from "../app/app.ts";
import type { OpenSockets } from "./open-sockets.ts";

/** The WebSockets that are open, and those that are about to be. */
type Sockets = Pick<OpenSockets, "size" | "expected" | "expect">;

/** The app, which is not asked for another WebSocket where there are so many, handshakes under way included. */
export function withSocketLimit(
  app: App,
  { most, sockets }: { readonly most: number; readonly sockets: Sockets },
): App {
  const isFull = () => sockets.size + sockets.expected >= most;
  const refused = () => {
    countRefused("sockets", UNAVAILABLE.status);
    return UNAVAILABLE;
  };
  if (app.style === "fetch") {
    return {
      style: "fetch",
      call(request, env, context) {
        if (!asksForSocket(request.headers.get("upgrade"))) {
          return app.call(request, env, context);
        }
        if (isFull()) return refusalResponse(refused());
        const over = sockets.expect();
        try {
          const answer = app.call(request, env, context);
          if (isThenable(answer)) answer.then(over, over);
          else over();
          return answer;
        } catch (error) {
          over();
          throw error;
        }
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
        ? refuseOutgoing(outgoing as LimitedOutgoing, refused())
        : app.call(incoming, outgoing);
    },
  };
}

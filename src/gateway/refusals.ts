/**
 * Requests that are refused for what proxies say of them. It is known before the
 * gateway counts, times and logs a request, and answered where the app would be.
 */
import type { App } from "./app.ts";
import type { Contradiction } from "./forwarded.ts";
import { refusalResponse, refuseOutgoing } from "./outgoing.ts";
import type { LimitedOutgoing, Refusal } from "./outgoing.ts";

const BAD_REQUEST: Refusal = { status: 400, text: "Bad Request" };

/** The requests that one worker refuses. */
export class Refusals {
  readonly #refused = new WeakSet<object>();
  readonly #report: (text: string) => void;
  /** How many wait for their answer: most of the time none, and nobody need be looked up. */
  #open = 0;

  /** `report` is called for each refusal, of which a client may cause any number. */
  constructor(report: (text: string) => void) {
    this.#report = report;
  }

  /** Notes that a request must be refused. */
  refuse(request: object, { reason }: Contradiction): void {
    this.#refused.add(request);
    this.#open++;
    this.#report(`Refused a request of a trusted proxy with 400: ${reason}`);
  }

  /** The app without requests that are refused. */
  wrap(app: App): App {
    if (app.style === "fetch") {
      return {
        style: "fetch",
        call: (request, env, context) =>
          this.#takes(request)
            ? refusalResponse(BAD_REQUEST)
            : app.call(request, env, context),
      };
    }
    return {
      style: "node",
      call: (incoming, outgoing) =>
        this.#takes(incoming as object)
          ? refuseOutgoing(outgoing as LimitedOutgoing, BAD_REQUEST)
          : app.call(incoming, outgoing),
    };
  }

  #takes(request: object): boolean {
    if (this.#open === 0 || !this.#refused.delete(request)) return false;
    this.#open--;
    return true;
  }
}

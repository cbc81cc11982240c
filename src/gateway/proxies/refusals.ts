/**
 * Requests that are refused for what they, or proxies of them, say. It is known before
 * the gateway counts, times and logs a request, and answered where the app would be.
 */
import { countRefused } from "../../exchange/refused.ts";
import type { App } from "../app/app.ts";
import type { Contradiction } from "./forwarded.ts";
import type { Verdict } from "../../http/h1/verdict.ts";
import { refusalResponse, refuseOutgoing } from "../call/outgoing.ts";
import type { LimitedOutgoing, OwnAnswer } from "../call/outgoing.ts";

const BAD_REQUEST: OwnAnswer = { status: 400, text: "Bad Request" };

/** What others than 400 are called. */
const texts: Readonly<Record<number, string>> = {
  421: "Misdirected Request",
  501: "Not Implemented",
};

/** The requests that one worker refuses. */
export class Refusals {
  readonly #refused = new WeakMap<object, OwnAnswer>();
  readonly #report: (text: string) => void;
  /** How many wait for their answer: mostly none, and then no look-up is needed. */
  #open = 0;

  /** `report` is called for each contradiction, of which a client may cause any number. */
  constructor(report: (text: string) => void) {
    this.#report = report;
  }

  /** Notes that a request must be refused for what proxies say. */
  contradict(request: object, { reason }: Contradiction): void {
    this.#note(request, BAD_REQUEST);
    this.#report(`Refused a request of a trusted proxy with 400: ${reason}`);
  }

  /** Notes that a request must be refused for what it says itself. */
  refuse(request: object, { status }: Pick<Verdict, "status">): void {
    this.#note(request, { status, text: texts[status] ?? BAD_REQUEST.text });
  }

  #note(request: object, refusal: OwnAnswer): void {
    countRefused("request", refusal.status);
    if (!this.#refused.has(request)) this.#open++;
    this.#refused.set(request, refusal);
  }

  /** The app without requests that are refused. */
  wrap(app: App): App {
    if (app.style === "fetch") {
      return {
        style: "fetch",
        call: (request, env, context) => {
          const refusal = this.#take(request);
          return refusal === undefined
            ? app.call(request, env, context)
            : refusalResponse(refusal);
        },
      };
    }
    return {
      style: "node",
      call: (incoming, outgoing) => {
        const refusal = this.#take(incoming as object);
        return refusal === undefined
          ? app.call(incoming, outgoing)
          : refuseOutgoing(outgoing as LimitedOutgoing, refusal);
      },
    };
  }

  #take(request: object): OwnAnswer | undefined {
    if (this.#open === 0) return undefined;
    const refusal = this.#refused.get(request);
    if (this.#refused.delete(request)) this.#open--;
    return refusal;
  }
}

/** One request in hand at a time: the connections and requests of an engine, and the place that they take. */
import { answerLater } from "../../base/http/answer.ts";
import { isThenable } from "../../base/promise.ts";
import type {
  Answer,
  Clock,
  Finish,
  Place,
  PlacedRequest,
  RequestHandler,
} from "../../runtime/runtime.ts";
import type { Channel, ChannelEvents } from "../../runtime/transport.ts";
import type { WireExchange } from "../connection/exchange.ts";
import { WireRequest } from "../web/request.ts";

/** Between two looks at an answer that a slow client has not taken yet. */
const LOOK_MS = 10;

export interface PlacedOptions {
  readonly handler: Pick<RequestHandler, "fetch">;
  readonly place: Place;
  readonly clock: Pick<Clock, "after">;
  /** Calls `run` after what is at hand now was done. */
  soon(run: () => void): void;
}

/** What stands between an engine, its transport and its handler. */
export interface Placed {
  readonly handler: Pick<RequestHandler, "fetch">;
  /** Takes a connection, for which the place is kept until its request is there. */
  accept(channel: Channel, events: ChannelEvents): ChannelEvents;
}

/** Lets each request have the place until the kernel has its answer. */
export function createPlaced(
  { handler, place, clock, soon }: PlacedOptions,
): Placed {
  const gone = new WeakSet<Channel>();

  /** Once the kernel has its answer. */
  function leave(request: Wanting): void {
    const { channel } = request.exchange;
    if (gone.has(channel) || channel.pending() === 0) {
      return place.leave(request);
    }
    clock.after(LOOK_MS, () => leave(request));
  }

  return {
    handler: {
      fetch(request, env, finish): Answer {
        const exchange = WireRequest.exchangeOf(request) as WireExchange;
        const wanting = new Wanting(exchange);
        let began = false;
        let ends = 0;
        // The answer was written or never will be, and the app has given one: it
        // may be at work for a client that has left. The rest in a turn of its
        // own, or those that wait would come before all else.
        const end = () => {
          if (!began) return place.leave(wanting);
          if (++ends === 2) soon(() => leave(wanting));
        };
        const begin = (finish?: Finish) => {
          began = true;
          const answer = handler.fetch(request, env, finish);
          if (isThenable(answer)) answer.then(end, end);
          else end();
          return answer;
        };
        exchange.completed().then(end, end);
        if (place.take(wanting, exchange.channel)) return begin(finish);
        const answer = new Promise<Response>((resolve) => {
          place.wait(wanting, () => resolve(begin()));
        });
        return answerLater(answer, finish);
      },
    },
    accept(channel, events) {
      place.expect(channel);
      return {
        onData: (bytes) => events.onData(bytes),
        onDrain: () => events.onDrain(),
        onEnd: () => events.onEnd(),
        onClose() {
          gone.add(channel);
          place.leave(channel);
          events.onClose();
        },
      };
    },
  };
}

/** A request that wants the place. */
class Wanting implements PlacedRequest {
  readonly exchange: WireExchange;

  constructor(exchange: WireExchange) {
    this.exchange = exchange;
  }

  get method(): string {
    return this.exchange.head.method;
  }

  get url(): string {
    return this.exchange.head.target.path;
  }

  get answering(): boolean {
    return this.exchange.status !== undefined;
  }
}

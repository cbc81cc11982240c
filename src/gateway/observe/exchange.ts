/** Shows an observer the exchanges of native engines. */
import { FetchExchange } from "./exchange-fetch.ts";
import { NodeExchange } from "./exchange-node.ts";
import type { ExchangeOptions } from "./exchange-options.ts";
import { isThenable } from "../../base/promise.ts";
import { answerThrough } from "../../base/http/answer.ts";
import type { Answer, Finish, RequestHandler } from "../../runtime/runtime.ts";

/**
 * A handler for native engines whose exchanges are observed, at the outside of
 * everything that answers in the app's place. The wire engine tells its
 * observer itself, of what never comes to a handler too.
 */
export function withExchange(
  handler: RequestHandler,
  options: ExchangeOptions,
): RequestHandler {
  const { nativeRequests } = options.runtime;

  function fetch(
    request: Request,
    env: unknown,
    finish?: Finish,
  ): Answer {
    const exchange = new FetchExchange(request, env, options);
    // One function of two steps: this is between the engine and the app.
    const step: Finish = finish === undefined
      ? (response) => exchange.answer(response)
      : (response) => finish(exchange.answer(response));
    const answer = handler.fetch(request, env, step);
    return isThenable(answer) ? answer : exchange.answer(answer);
  }

  /** Where a Node response is behind the Response, it knows the end. */
  function fetchOnNode(
    request: Request,
    env: unknown,
    finish?: Finish,
  ): Answer {
    const [incoming, outgoing] = nativeRequests.messages?.(env) ?? [];
    const exchange = new NodeExchange(incoming, outgoing, options);
    if (!options.observer.needs.responseHeaders) {
      return handler.fetch(request, env, finish);
    }
    const step: Finish = (response) => {
      exchange.note(response);
      return response;
    };
    return answerThrough(handler, request, env, step, finish);
  }

  return {
    style: handler.style,
    fetch: nativeRequests.messages === undefined ? fetch : fetchOnNode,
    node(incoming, outgoing) {
      new NodeExchange(incoming, outgoing, options);
      handler.node(incoming, outgoing);
    },
  };
}

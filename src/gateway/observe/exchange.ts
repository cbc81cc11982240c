/** Shows an observer the exchanges of native engines. */
import type { RequestHandler } from "../../runtime/runtime.ts";
import { FetchExchange } from "./exchange-fetch.ts";
import { NodeExchange } from "./exchange-node.ts";
import type { ExchangeOptions } from "./exchange-options.ts";
import { isThenable } from "../../base/promise.ts";

/**
 * A handler for native engines whose exchanges are observed, at the outside of
 * everything that answers in the app's place. The wire engine tells its
 * observer itself, of what never comes to a handler too.
 */
export function withExchange(
  handler: RequestHandler,
  options: ExchangeOptions,
): RequestHandler {
  const { view } = options.runtime;

  function fetch(
    request: Request,
    env: unknown,
    finish?: (response: Response) => Response,
  ): Response | Promise<Response> {
    const exchange = new FetchExchange(request, env, options);
    const answer = handler.fetch(request, env, (response) => {
      const answered = exchange.answer(response);
      return finish === undefined ? answered : finish(answered);
    });
    return isThenable(answer) ? answer : exchange.answer(answer);
  }

  /** Where a Node response is behind the Response, it knows the end. */
  function fetchOnNode(
    request: Request,
    env: unknown,
    finish?: (response: Response) => Response,
  ): Response | Promise<Response> {
    const [incoming, outgoing] = view.messages?.(env) ?? [];
    const exchange = new NodeExchange(incoming, outgoing, options);
    if (!options.observer.looks.responseHeaders) {
      return handler.fetch(request, env, finish);
    }
    const answer = handler.fetch(request, env, (response) => {
      exchange.note(response);
      return finish === undefined ? response : finish(response);
    });
    if (!isThenable(answer)) exchange.note(answer);
    return answer;
  }

  return {
    style: handler.style,
    fetch: view.messages === undefined ? fetch : fetchOnNode,
    node(incoming, outgoing) {
      new NodeExchange(incoming, outgoing, options);
      handler.node(incoming, outgoing);
    },
  };
}

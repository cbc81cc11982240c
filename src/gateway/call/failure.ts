/** The answer to a request that met a failure of the app. */
import { stackOf } from "../../base/stack.ts";
import { withoutTrailers } from "../../http/web/own-answer.ts";

/** A 500 without details, or with the stack where `dev` allows it. */
export function failureResponse(thrown: unknown, dev: boolean): Response {
  const response = new Response(failureText(thrown, dev), {
    status: 500,
    headers: { "content-type": TEXT_TYPE },
  });
  return withoutTrailers(response);
}

/** The answer to a request that a client must not send so. */
export function refusalResponse(status: number): Response {
  const isUpgrade = status === 426;
  const response = new Response(
    isUpgrade ? "Upgrade Required\n" : "Bad Request\n",
    {
      status,
      headers: {
        "content-type": TEXT_TYPE,
        // RFC 9110 section 15.5.22.
        ...(isUpgrade && { connection: "Upgrade", upgrade: "websocket" }),
      },
    },
  );
  return withoutTrailers(response);
}

/** The media type of what corn says itself. */
export const TEXT_TYPE = "text/plain; charset=utf-8";

/** What a client is told of a failure. */
export function failureText(thrown: unknown, dev: boolean): string {
  return dev
    ? `Internal Server Error\n\n${stackOf(thrown)}\n`
    : "Internal Server Error\n";
}

/** Long polling of Socket.IO: each request of a session must meet the worker that has it. */

/** A request that the app refused. */
interface Refused {
  readonly url?: string;
}

/** True for one that goes on with a session, as `engine.io` reads it. */
function isPolling(url: string): boolean {
  return url.includes("transport=polling") && /[?&]sid=/.test(url);
}

/** What says once that a session is not known where a request for it came. */
export function createPollingAdvice(
  say: (level: "warning", text: string) => void,
): (request: Refused) => void {
  let told = false;
  return ({ url = "" }) => {
    if (told || !isPolling(url)) return;
    told = true;
    say(
      "warning",
      'Long polling of Socket.IO came to a worker that does not have its session: give the clients transports: ["websocket"], or run one worker: see docs/websockets.md',
    );
  };
}

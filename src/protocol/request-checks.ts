/** Reads what a worker says of its open requests. */
import { SEATS } from "../exchange/flight-record.ts";
import type { OpenRequest } from "../exchange/open-request.ts";
import { isCount, isListOf, isObject, isText, isTime } from "./field-checks.ts";
import type { Fields } from "./field-checks.ts";
import { readFrames } from "./look.ts";
import { MOST_PATH } from "./messages.ts";
import type {
  BlockedThread,
  ListedRequest,
  RequestsMessage,
} from "./messages.ts";

/** More threads than any setting asks for. */
export const MOST_THREADS = 1024;

export function isThread(value: unknown): value is number {
  return isCount(value) && value >= 1 && value <= MOST_THREADS;
}

export function isOpenRequest(value: unknown): value is OpenRequest {
  return isObject(value) && isText(value.method) && isText(value.path) &&
    isTime(value.ms) &&
    (value.thread === undefined || isThread(value.thread));
}

/** No more of a request is kept than a person can read. */
export function openRequest(
  { method, path, ms, thread }: OpenRequest,
): OpenRequest {
  return {
    method: method.slice(0, 24),
    path: path.slice(0, MOST_PATH),
    ms,
    ...(thread !== undefined && { thread }),
  };
}

function isListed(value: unknown): value is ListedRequest {
  const { client, running } = isObject(value) ? value : {};
  return isOpenRequest(value) && (client === undefined || isText(client)) &&
    (running === undefined || running === true);
}

function isBlockedThread(value: unknown): value is BlockedThread {
  return isObject(value) && isThread(value.thread) && isTime(value.ms) &&
    (value.by === undefined || isOpenRequest(value.by)) &&
    (value.frames === undefined || isListOf(value.frames, isText));
}

/** Requests that are open in a worker, or undefined where it is not that. */
export function readRequests(
  { id, requests, blocked = [] }: Fields,
): RequestsMessage | undefined {
  return isCount(id) && isListOf(requests, isListed) &&
      requests.length <= SEATS &&
      isListOf(blocked, isBlockedThread) && blocked.length <= MOST_THREADS
    ? {
      type: "requests",
      id,
      requests: requests.map((one) => ({
        ...openRequest(one),
        ...(one.client !== undefined && { client: one.client }),
        ...(one.running && { running: true }),
      })),
      ...(blocked.length > 0 && {
        blocked: blocked.map(({ thread, ms, by, frames }) => ({
          ...{ thread, ms },
          ...(by !== undefined && { by: openRequest(by) }),
          ...(frames !== undefined && { frames: readFrames(frames) }),
        })),
      }),
    }
    : undefined;
}

/** What a client of a door may send and hold. Sizes are bytes, times milliseconds. */
import { defaultLimits } from "../../http/h1/limits.ts";
import type { WireLimits } from "../../http/h1/limits.ts";

/** A request's line and fields together. */
export const HEAD_BYTES = 8192;

/** A request's body. */
export const BODY_BYTES = 64 * 1024;

/** What a client that listens to events may leave unread. */
export const UNREAD_BYTES = 64 * 1024;

/** Without a whole request, or without taking anything of an answer. */
export const IDLE_MS = 10_000;

/** After an answer that ends the connection, until the client has it. */
export const LINGER_MS = 2000;

/** Between two signs of life to a client that listens to events. */
export const ALIVE_MS = 15_000;

/** What the parser holds a request to. */
export const limits: WireLimits = {
  ...defaultLimits,
  requestLine: 4096,
  requestFields: 64,
  requestFieldSize: 4096,
  requestBody: BODY_BYTES,
};

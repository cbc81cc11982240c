/** What an observer of exchanges may ask for. */
import type { Needs } from "../../src/exchange/exchange.ts";

export const ALL_NEEDS: Needs = {
  target: true,
  requestHeaders: true,
  responseHeaders: true,
  bytes: true,
  peer: true,
};

/** What a channel tells before somebody listens: nobody. */
import type { ChannelEvents } from "../../src/runtime/transport.ts";

export const noEvents: ChannelEvents = {
  onData() {},
  onDrain() {},
  onEnd() {},
  onClose() {},
};

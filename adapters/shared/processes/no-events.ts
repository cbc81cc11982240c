/** The listener of a channel that has none yet: it does nothing. */
import type { ChannelEvents } from "../../../src/runtime/transport.ts";

export const noEvents: ChannelEvents = {
  onData() {},
  onDrain() {},
  onEnd() {},
  onClose() {},
};

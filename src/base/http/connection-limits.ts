/** What a client's connection is held to by every engine. */

/** How often connections are held to their times. */
export const SWEEP_MS = 250;

/** The least time that a connection which was never used has in a drain, however short others are kept. */
export const UNUSED_MS = 500;

/** What may wait for the client of a WebSocket before it is cut: an app, or its library, may write without end. */
export const MOST_WAITING: number = 64 * 1024 * 1024;

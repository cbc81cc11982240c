/** How many WebSockets a worker has, and how it ends them. */
export interface SocketsPlan {
  /** Over which time a drain ends them. */
  readonly drainMs: number;
  /** Open at once; 0 for any number. */
  readonly most: number;
  /** Bytes of a message to the wire engine. */
  readonly mostBytes: number;
  /** Silence after which the wire engine asks for a sign of life; 0 for never. */
  readonly pingMs: number;
}

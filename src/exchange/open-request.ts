/** A request that has not been answered yet. */
export interface OpenRequest {
  readonly method: string;
  /** Path without the query, which may hold secrets. */
  readonly path: string;
  /** Milliseconds since the app was called. */
  readonly ms: number;
  /** The thread that has it, from 1; left out where its worker is one thread alone. */
  readonly thread?: number;
}

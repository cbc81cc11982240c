/** A request that has not been answered yet. */
export interface OpenRequest {
  readonly method: string;
  /** Path without the query, which may hold secrets. */
  readonly path: string;
  /** Milliseconds since the app was called. */
  readonly ms: number;
}

/** A response, taken apart. */

/** A body as an app left it. */
export type ResponseBody =
  | string
  | Uint8Array
  | ReadableStream<Uint8Array>
  | null;

/** A response, ready to be written. */
export interface Parts {
  readonly status: number;
  readonly statusText: string;
  /** Names in lower case and values, one after the other. */
  readonly list: readonly string[];
  readonly body: ResponseBody | Promise<ArrayBuffer>;
  /** The bytes of a stream, where that is known beforehand. */
  readonly size?: number | undefined;
}

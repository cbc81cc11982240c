/** One request of the wire engine and its answer, as a runtime's `env` and the app's context see them. */

/** What `new Headers()` takes. */
export type HeadersSource =
  | Headers
  | Iterable<readonly string[]>
  | Readonly<Record<string, string>>;

/** A value, or what gives it once the body has ended; undefined leaves the field out. */
export type TrailerValue =
  | string
  | (() => string | undefined | Promise<string | undefined>);

/** What an app gives to be sent. */
export type TrailersSource =
  | Headers
  | Iterable<readonly [string, TrailerValue]>
  | Readonly<Record<string, TrailerValue>>;

/** Is told what becomes of an exchange. */
export interface ExchangeWatcher {
  /** The client left, or sends no more, before it was answered. */
  onLeft(reason: Error): void;
  /** The answer was written to its end, or never will be. */
  onOver(): void;
}

/** The head of a request, as it was sent. */
export interface SentHead {
  readonly method: string;
  /** The minor version of HTTP/1. */
  readonly minor: number;
  readonly rawTarget: string;
  /** Names and values, one after the other, as they were sent. */
  rawFields(): string[];
}

/** One request and its answer. */
export interface ExchangeHandle {
  /** Called at once, wherever the connection is: what belongs to the app must wait. */
  watcher: ExchangeWatcher | undefined;
  readonly head: SentHead;
  readonly request: Pick<Request, "body">;
  /** The status of the answer, once its head was written. */
  readonly status: number | undefined;
  /** True when the answer was written to its end, or never will be. */
  readonly over: boolean;
  /** True when the whole answer was written. */
  readonly whole: boolean;
  /** True when the last byte of the request is here. */
  readonly received: boolean;
  /** The end of the answer; rejects where it is not whole. It need not be awaited. */
  completed(): Promise<void>;
  /** What came after the body of the request, once that is here; rejects where it will not be. */
  trailers(): Promise<Headers>;
  /**
   * Sends 103 with these fields (RFC 8297); false where the answer has begun, or
   * to a client of HTTP/1.0, which knows no interim responses.
   * @throws TypeError for fields that are not valid
   */
  earlyHints(source: HeadersSource): boolean;
  /**
   * Sends these fields after the body of the answer, which is sent in chunks
   * then; false where they would not be read.
   * @throws TypeError for fields that no trailer may be
   */
  sendTrailers(source: TrailersSource): boolean;
}

/** Why a request is refused. */
export interface Verdict {
  /** The status of the answer. */
  readonly status: 400 | 408 | 413 | 414 | 417 | 421 | 431 | 501 | 505;
  /** One sentence for the client, without anything it sent. */
  readonly reason: string;
  /** The request's line, where that much could be read. */
  readonly line?: RequestLine;
}

/** The first line of a request. */
export interface RequestLine {
  readonly method: string;
  /** The target as it was sent. */
  readonly rawTarget: string;
  /** The minor version, 0 or 1. */
  readonly minor: number;
}

/** Why a request is refused. */
export interface Verdict {
  /** The status of the answer. */
  readonly status: 400 | 408 | 413 | 414 | 417 | 421 | 431 | 501 | 505;
  /** One sentence for the client, without anything it sent. */
  readonly reason: string;
}

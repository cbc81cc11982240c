/**
 * The state of a connection: what it reads, and what it writes. Of all pairs
 * these can be:
 *
 *     head   × idle       the first request or the next one is waited for
 *     body   × awaited    a request comes, and the app has it
 *     body   × answer     it is answered before its body is here
 *     rest   × idle       it was answered, and its body is read to its end
 *     done   × awaited    it is here, and the app works
 *     done   × answer     its answer is written
 *     closed × end        lingering close
 *     closed × closed     the connection is gone
 */

/** What is read. */
export type Reading =
  /** The head of a request. */
  | "head"
  /** The body of the open request. */
  | "body"
  /** The rest of a body whose request was answered, to keep the connection. */
  | "rest"
  /** Nothing: what follows the open request is held until that is answered. */
  | "done"
  /** What comes is thrown away. */
  | "closed";

/** What is written. */
export type Writing =
  /** Nothing: no request is open. */
  | "idle"
  /** Interim responses at most: the app has not answered. */
  | "awaited"
  /** The answer. */
  | "answer"
  /** What was left of the last answer, then the end. */
  | "end"
  /** Nothing any more. */
  | "closed";

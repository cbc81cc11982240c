/** How one of a worker's threads is doing. */
export interface ThreadState {
  /** From 1. */
  readonly thread: number;
  /** `blocked` where its event loop does not turn, `ended` where the process goes on without it. */
  readonly state: "turning" | "blocked" | "ended";
  /** Requests that it has answered, and those that are open, by its last beat. */
  readonly requests: number;
  readonly open: number;
  /** The longest that its event loop was late since it told last, in milliseconds. */
  readonly lagMs: number;
}

export const THREAD_STATES: readonly ThreadState["state"][] = [
  "turning",
  "blocked",
  "ended",
];

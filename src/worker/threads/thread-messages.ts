/** What a thread and the first thread of its process say to each other, beside what an arbiter and a worker do. */

/** Asks for the memory of a name. */
export interface ShareMessage {
  readonly type: "share";
  readonly id: number;
  readonly name: string;
  readonly bytes: number;
}

/** The answer: the memory, or why there is none. */
export interface SharedMessage {
  readonly type: "shared";
  readonly id: number;
  readonly buffer?: SharedArrayBuffer;
  readonly error?: string;
}

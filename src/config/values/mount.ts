/** A folder that is served. */
export interface Mount {
  readonly folder: string;
  /** What the paths of its files begin with; empty for all paths. */
  readonly prefix: string;
}

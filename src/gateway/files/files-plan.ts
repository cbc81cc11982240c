/** Which folders are served before the app. */

/** A folder of files. */
export interface ServedFolder {
  /** Where it is, with no link in its own path. */
  readonly root: string;
  /** What the paths of its files begin with: empty, or `/assets`. */
  readonly prefix: string;
}

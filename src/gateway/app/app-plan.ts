/** Where a worker finds its app, and how it takes it. */

/** The export of a module that is the app. */
export interface AppSource {
  /** The app as it was asked for, for messages. */
  readonly text: string;
  /** URL of the module. */
  readonly url: string;
  readonly exportName?: string;
  /** Arguments to call it with; it is taken as it is without. */
  readonly args?: readonly unknown[];
}

export interface AppPlan extends AppSource {
  /** `auto` decides a function by its parameters. */
  readonly gateway: "auto" | "fetch" | "node";
}

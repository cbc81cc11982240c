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

/** How an export is called; `auto` decides a function by its parameters. */
export type Gateway = "auto" | "fetch" | "node";

export interface AppPlan extends AppSource {
  /** `listen` takes the server that the module listens with, which the others take where it exports no app. */
  readonly gateway: Gateway | "listen";
  /** Ports that the app may open itself. */
  readonly allowListen: readonly number[];
}

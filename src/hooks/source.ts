/** The config file that gives hooks to workers. */
export interface HookSource {
  /** URL of the module. */
  readonly url: string;
  /** How long a hook may take. */
  readonly limitMs: number;
}

/** What a worker believes of the proxies before it. */
import type { ForwardingRules } from "./forwarding-rules.ts";

export interface ProxiesPlan {
  /** Which proxies are believed, and what of what they say. */
  readonly forwarding: ForwardingRules;
  /** What the paths of all requests begin with, and the app does not see; "" for nothing. */
  readonly basePath: string;
}

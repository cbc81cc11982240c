/** Which proxies a worker believes, and what of what they say. */
import type { Settings } from "../config/table/types.ts";
import type {
  ForwardingHeader,
  ForwardingRules,
} from "../gateway/proxies/forwarding-rules.ts";
import type { ProxiesPlan } from "../gateway/proxies/proxies-plan.ts";

export function planProxies(settings: Settings): ProxiesPlan {
  return {
    forwarding: forwardingRules(settings),
    basePath: settings.basePath,
  };
}

/** The rules as a worker takes them. */
export function forwardingRules(settings: Settings): ForwardingRules {
  return {
    allow: settings.forwardedAllowIps,
    hops: settings.trustedHops,
    headers: settings.forwardedHeaders as readonly ForwardingHeader[],
    secureSchemes: Object.fromEntries(
      Object.entries(settings.secureSchemeHeaders).map((pair) =>
        pair.map((text) => text.toLowerCase())
      ),
    ),
    unbelieved: settings.unbelievedHeaders,
  };
}

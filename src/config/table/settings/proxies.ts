/** Proxies in front, and what they say of requests. */
export const proxies = {
  forwardedAllowIps: {
    section: "Proxies in front",
    type: "networks",
    default: "127.0.0.1,::1,unix",
    meaning:
      "Peers that are believed about a request's client and scheme: addresses, networks, unix or *. Empty is none",
    variables: { FORWARDED_ALLOW_IPS: "$" },
  },
  trustedHops: {
    section: "Proxies in front",
    type: "count",
    default: 1,
    meaning:
      "Proxies on a client's way at most, each of which appends to X-Forwarded-For or Forwarded",
    min: 1,
    max: 32,
  },
  forwardedHeaders: {
    section: "Proxies in front",
    type: "choices",
    default: "x-forwarded-for",
    meaning:
      "Headers that are believed beside those of the scheme. Name only those that your proxies set or remove",
    choices: [
      "x-forwarded-for",
      "x-forwarded-host",
      "x-forwarded-port",
      "forwarded",
      "client-cert",
    ],
    metavar: "NAMES",
  },
  secureSchemeHeaders: {
    section: "Proxies in front",
    type: "pairs",
    default: {
      "X-FORWARDED-PROTOCOL": "ssl",
      "X-FORWARDED-PROTO": "https",
      "X-FORWARDED-SSL": "on",
    },
    meaning:
      "Headers that tell the scheme, each with the value that means https. Two that disagree get 400",
    metavar: "NAME=VALUE",
  },
  unbelievedHeaders: {
    section: "Proxies in front",
    type: "choice",
    default: "keep",
    meaning:
      "What becomes of forwarding headers that corn does not believe: keep or remove them",
    choices: ["keep", "remove"],
  },
  basePath: {
    section: "Proxies in front",
    type: "urlPath",
    default: "",
    meaning:
      "Path that the app is served below and does not see, such as /shop. Other requests get 404",
    aliases: ["root-path"],
    variables: { SCRIPT_NAME: "$" },
  },
} as const;

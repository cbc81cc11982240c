/** Proxies that name the client before a connection's bytes; only the wire engine reads it. */
export const proxyProtocol = {
  proxyProtocol: {
    section: "PROXY protocol",
    engines: ["wire"],
    type: "choice",
    default: "off",
    meaning:
      "PROXY header that each connection must begin with: version 1, version 2, or auto for either",
    choices: ["off", "v1", "v2", "auto"],
    elsewhere: { "1": "v1", "2": "v2", on: "auto", true: "auto" },
    metavar: "VERSION",
  },
  proxyAllowFrom: {
    section: "PROXY protocol",
    engines: ["wire"],
    type: "networks",
    default: "127.0.0.1,::1,unix",
    meaning:
      "Peers that may connect with --proxy-protocol: addresses, networks, unix or *. Others are closed",
  },
} as const;

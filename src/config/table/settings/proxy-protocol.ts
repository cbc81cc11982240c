/** Proxies that say before a connection's bytes who the client is; only the wire engine reads it. */
export const proxyProtocol = {
  proxyProtocol: {
    section: "PROXY protocol",
    engines: ["wire"],
    type: "choice",
    default: "off",
    meaning:
      "The PROXY header that each connection must begin with: version 1, version 2, or auto for either; its client is the one that the app and the logs see",
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
      "Peers that may open connections where --proxy-protocol is on: addresses, networks such as 10.0.0.0/8, unix for unix sockets, * for any; others are closed",
  },
} as const;

/** What speaks HTTP, and how the app is called. */
export const engine = {
  http: {
    section: "Engine",
    type: "choice",
    default: "auto",
    meaning:
      "HTTP server of a worker: the runtime's own (native) or corn's (wire). auto is wire on Node and for limits of wire",
    choices: ["auto", "native", "wire"],
    metavar: "ENGINE",
  },
  gateway: {
    section: "Engine",
    type: "choice",
    default: "auto",
    meaning:
      "How the app is called: fetch(request), a Node listener (req, res), or as the server that its module listens with (listen)",
    choices: ["auto", "fetch", "node", "listen"],
    metavar: "STYLE",
  },
  allowListen: {
    section: "Engine",
    type: "ports",
    default: [],
    meaning:
      "Port that the app may open itself beside corn's, in one worker at a time. Repeat or use commas for more",
    metavar: "PORT",
  },
  lightResponse: {
    section: "Engine",
    type: "boolean",
    default: true,
    meaning: "Replace Response by one whose body is written without a stream",
    partly: "the wire engine on Node, and both engines on Deno, have one",
  },
} as const;

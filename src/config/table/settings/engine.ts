/** What speaks HTTP, and how the app is called. */
export const engine = {
  http: {
    section: "Engine",
    type: "choice",
    default: "auto",
    meaning:
      "What speaks HTTP in a worker: the runtime's own server (native) or corn's (wire); auto is wire on Node and where a limit asks for it, native elsewhere and for Node listeners",
    choices: ["auto", "native", "wire"],
    metavar: "ENGINE",
  },
  gateway: {
    section: "Engine",
    type: "choice",
    default: "auto",
    meaning:
      "How the app is called: fetch(request) or a Node listener (req, res)",
    choices: ["auto", "fetch", "node"],
    metavar: "STYLE",
  },
  lightResponse: {
    section: "Engine",
    engines: ["wire"],
    type: "boolean",
    default: true,
    meaning:
      "Put a Response in the place of the runtime's own whose body the wire engine writes without a stream",
    partly: "only the wire engine on Node has one",
  },
} as const;

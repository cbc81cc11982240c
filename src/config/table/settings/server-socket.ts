/** Where corn listens. */
export const serverSocket = {
  bind: {
    section: "Server socket",
    type: "addresses",
    default: "127.0.0.1:8000",
    meaning:
      "Address to listen on: HOST, HOST:PORT, [V6]:PORT, unix:PATH, unix:@NAME (abstract) or fd://N. Repeat or use commas for more",
    short: "b",
    metavar: "ADDRESS",
    variables: { PORT: "0.0.0.0:$" },
  },
  backlog: {
    section: "Server socket",
    type: "count",
    default: 2048,
    meaning: "Connections that the kernel queues for each listening socket",
    min: 1,
  },
  reusePort: {
    section: "Server socket",
    type: "boolean",
    default: undefined,
    meaning:
      "Open one SO_REUSEPORT socket for each worker, or one socket for all. Unset, the runtime decides",
  },
  queues: {
    section: "Server socket",
    type: "count",
    default: "auto",
    meaning:
      "Accept queues of a TCP address, which the workers divide among them. auto is one a worker, or one with --no-reuse-port",
    words: ["auto"],
    min: 1,
    max: 256,
  },
  unixMode: {
    section: "Server socket",
    type: "octal",
    default: 0o660,
    meaning: "Permission bits of unix sockets",
  },
  unixOwner: {
    section: "Server socket",
    type: "string",
    default: undefined,
    meaning:
      "Owner of unix sockets: USER, USER:GROUP or :GROUP, names or numbers. Unset, corn's own",
    metavar: "OWNER",
  },
} as const;

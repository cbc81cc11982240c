/** How a running corn is asked. */
export const control = {
  control: {
    section: "Control",
    type: "path",
    default: "on",
    meaning:
      "Unix socket that corn's commands ask: on, off or its path. Such as /tmp/corn-UID/PID.sock where it is on",
    metavar: "on|off|PATH",
    pattern: /^(?:on|off|\/.*)$/s,
    give: 'on, off or a path that begins with "/"',
    off: "off",
    aliases: ["control-socket"],
  },
  controlMode: {
    section: "Control",
    type: "octal",
    default: "0600",
    meaning: "Permission bits of that socket: who may give orders",
    aliases: ["control-socket-mode"],
  },
  controlOwner: {
    section: "Control",
    type: "string",
    default: undefined,
    meaning: "Owner of that socket. Unset, corn's own user",
    metavar: "USER[:GROUP]",
  },
} as const;

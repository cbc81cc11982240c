/** WebSockets, whether corn or the app's own library serves them. */
export const websockets = {
  maxWebsockets: {
    section: "WebSockets",
    type: "count",
    default: 0,
    meaning:
      "Open WebSockets of a worker beyond which requests for another get 503. 0 is any number",
  },
  websocketDrain: {
    section: "WebSockets",
    type: "duration",
    default: 5,
    meaning:
      "Over how long a drain ends WebSockets with 1012, each at a moment of its own. 0 is at once",
  },
  websocketMaxMessage: {
    section: "WebSockets",
    type: "size",
    default: 16 * 1024 * 1024,
    meaning:
      "Bytes of a message, such as 1m, beyond which the wire engine ends its WebSocket with 1009. 0 is any number",
    partly: "wire on Bun and Deno: libraries and native engines have their own",
  },
  websocketPing: {
    section: "WebSockets",
    type: "duration",
    default: 30,
    meaning:
      "Silence after which the wire engine sends a ping, and ends a WebSocket after three times as long. 0 is off",
    partly: "wire on Bun and Deno: libraries and native engines have their own",
  },
} as const;

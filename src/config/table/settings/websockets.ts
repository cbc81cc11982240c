/** WebSockets, whoever serves them. */
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
} as const;

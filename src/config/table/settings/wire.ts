/** What a client may send, and how slowly; only the wire engine can hold clients to it. */
export const wire = {
  limitRequestLine: {
    section: "Limits of the wire engine",
    engines: ["wire"],
    type: "count",
    default: 8190,
    meaning: "Bytes that a request line may have. 0 is the greatest, 65536",
    min: 64,
    max: 65_536,
    zeroIsMax: true,
    metavar: "BYTES",
  },
  limitRequestFields: {
    section: "Limits of the wire engine",
    engines: ["wire"],
    type: "count",
    default: 100,
    meaning: "Header fields that a request may have. 0 is the greatest, 32768",
    min: 1,
    max: 32_768,
    zeroIsMax: true,
  },
  limitRequestFieldSize: {
    section: "Limits of the wire engine",
    engines: ["wire"],
    type: "count",
    default: 8190,
    meaning:
      "Bytes that a header field may have, with its name and line end. 0 is the greatest, 65536",
    // As Gunicorn writes it.
    aliases: ["limit-request-field_size"],
    min: 64,
    max: 65_536,
    zeroIsMax: true,
    metavar: "BYTES",
  },
  headerTimeout: {
    section: "Limits of the wire engine",
    engines: ["wire"],
    type: "duration",
    default: 30,
    meaning:
      "How long a client may take to send a request's head. 0 is any time",
  },
  bodyTimeout: {
    section: "Limits of the wire engine",
    engines: ["wire"],
    type: "duration",
    default: 30,
    meaning:
      "How long a client may be silent within a request's body. 0 is any time",
  },
  bodyRate: {
    section: "Limits of the wire engine",
    engines: ["wire"],
    type: "count",
    default: 240,
    meaning:
      "Bytes a second that a request's body must come with after five seconds. 0 is any rate",
    metavar: "BYTES",
  },
  writeTimeout: {
    section: "Limits of the wire engine",
    engines: ["wire"],
    type: "duration",
    default: 30,
    meaning: "How long a client may take nothing of a response. 0 is any time",
  },
} as const;

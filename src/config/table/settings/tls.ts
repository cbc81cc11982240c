/** Certificates of the server, and whether clients have to present one. */
export const tls = {
  certfile: {
    section: "TLS",
    type: "path",
    default: undefined,
    meaning:
      "Certificate in PEM, with those between it and a root. TCP addresses are served over TLS then, by the newest that the file had",
  },
  keyfile: {
    section: "TLS",
    type: "path",
    default: undefined,
    meaning:
      "Its private key in PEM, not encrypted. Unset, it is in certfile too",
  },
  sni: {
    section: "TLS",
    type: "certificates",
    default: [],
    meaning:
      "Certificate for clients that ask for this name, *.NAME for those below it. Repeat for more",
    metavar: "NAME=CERT[:KEY]",
  },
  caCerts: {
    section: "TLS",
    type: "path",
    default: undefined,
    meaning: "Certificates in PEM of those that sign the clients' own",
  },
  certReqs: {
    section: "TLS",
    type: "choice",
    default: "none",
    meaning:
      "Whether clients are asked for a certificate. One that is shown must be signed by caCerts",
    choices: ["none", "optional", "required"],
    numbers: ["none", "optional", "required"],
    metavar: "WORD",
  },
  ciphers: {
    section: "TLS",
    type: "string",
    default: undefined,
    meaning:
      "Ciphers in OpenSSL's words, those of TLS 1.3 among them. Unset, the runtime's own",
    metavar: "LIST",
    pattern: /^[\w!+:@=\-,|[\] ]+$/,
    give: "names of ciphers with : between them",
  },
  tlsMinVersion: {
    section: "TLS",
    type: "choice",
    default: "1.2",
    meaning: "The oldest version of TLS that is spoken",
    choices: ["1.2", "1.3"],
    elsewhere: {
      "tlsv1.2": "1.2",
      "tlsv1.3": "1.3",
      "tlsv1_2": "1.2",
      "tlsv1_3": "1.3",
      "1.0": "1.2",
      "1.1": "1.2",
      "1": "1.2",
      "2": "1.2",
      "3": "1.3",
    },
    metavar: "VERSION",
  },
  redirectHttps: {
    section: "TLS",
    type: "boolean",
    default: false,
    meaning:
      "Answer what comes by http:// addresses with 308 to the same path over TLS, and not by the app",
  },
} as const;

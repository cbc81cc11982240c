/** What is written of each request. */
export const accessLog = {
  accessLogfile: {
    section: "Access log",
    type: "path",
    default: undefined,
    meaning:
      "File for a line of each request, reopened on USR1; - is standard output; without it there is none",
  },
  accessLogFormat: {
    section: "Access log",
    type: "accessFormat",
    default: "combined",
    meaning:
      "How the line is written: combined, common, json, logfmt, or text with Gunicorn's atoms, see docs/logs.md",
    // As Gunicorn writes it.
    aliases: ["access-logformat"],
  },
  accessLogSkip: {
    section: "Access log",
    type: "skipRules",
    default: [],
    meaning:
      "What has no line: /health, /static/*.css, 304, 2xx, agent:kube-probe, or several of them in one rule, all of which must hold",
  },
} as const;

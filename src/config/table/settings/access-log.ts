/** What is written of each request. */
export const accessLog = {
  accessLogfile: {
    section: "Access log",
    type: "path",
    default: undefined,
    meaning:
      "File for a line of each request, reopened on USR1. - is standard output",
  },
  accessLogFormat: {
    section: "Access log",
    type: "accessFormat",
    default: "combined",
    meaning:
      "How a request's line is written: combined, common, json, logfmt, or Gunicorn's atoms",
    // As Gunicorn writes it.
    aliases: ["access-logformat"],
  },
  accessLogSkip: {
    section: "Access log",
    type: "skipRules",
    default: [],
    meaning:
      'Requests without a line, such as "/health 2xx", /static/*.css or agent:kube-probe. All words of a rule must hold',
  },
} as const;

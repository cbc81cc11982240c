/** The methods of http.ServerResponse that write a response, or say how; `writeEarlyHints` stands apart. */
export const RESPONSE_WRITERS: readonly string[] = [
  "write",
  "end",
  "writeHead",
  "setHeader",
  "setHeaders",
  "appendHeader",
  "removeHeader",
  "addTrailers",
  "flushHeaders",
  "writeContinue",
  "writeProcessing",
];

/** How it is told why a handshake of TLS came to nothing. */

/** What a client is told that speaks HTTP without TLS. */
const PLAIN_TEXT = "This port speaks TLS: ask by https://\n";
export const PLAIN_ANSWER: string = [
  "HTTP/1.1 400 Bad Request",
  "content-type: text/plain; charset=utf-8",
  `content-length: ${PLAIN_TEXT.length}`,
  "connection: close",
  "",
  PLAIN_TEXT,
].join("\r\n");

/** Reasons whose own names say too little. */
const REASONS: Readonly<Record<string, string>> = {
  HTTP_REQUEST: "the client spoke plain HTTP",
  HTTPS_PROXY_REQUEST: "the client spoke plain HTTP, as to a proxy",
  WRONG_VERSION_NUMBER: "what the client sent is no TLS",
};

/** A reason of OpenSSL's, such as `HTTP_REQUEST`, as words. */
export function failureInWords(reason: string): string {
  return REASONS[reason] ?? inWords(reason);
}

/** Says why a client's certificate is not accepted, by the code of OpenSSL. */
export function refusedCertificate(code: string): string {
  return `the client's certificate is not accepted: ${inWords(code)}`;
}

function inWords(code: string): string {
  return code.toLowerCase().replaceAll("_", " ");
}

import { type Answers, later, never } from "./answer.ts";

const TLS = "let a proxy in front end TLS";
const PLAIN =
  "corn promises HTTP/1.1 only; let a proxy in front speak the newer ones";

/** Gunicorn's section "SSL". */
export const ssl: Answers = {
  keyfile: later("--keyfile", TLS),
  certfile: later("--certfile", TLS),
  ssl_version: never(
    "--ssl-version",
    "it has no effect in Gunicorn either; " + TLS,
  ),
  cert_reqs: later("--cert-reqs", TLS),
  ca_certs: later("--ca-certs", TLS),
  suppress_ragged_eofs: never("--suppress-ragged-eofs", TLS),
  do_handshake_on_connect: never("--do-handshake-on-connect", TLS),
  ciphers: later("--ciphers", TLS),
};

/** Gunicorn's section "HTTP/2". */
export const http2: Answers = {
  http_protocols: later("--http-protocols", PLAIN),
  http2_cleartext: later("--http2-cleartext", PLAIN),
  http2_max_concurrent_streams: later("--http2-max-concurrent-streams", PLAIN),
  http2_initial_window_size: later("--http2-initial-window-size", PLAIN),
  http2_max_frame_size: later("--http2-max-frame-size", PLAIN),
  http2_max_header_list_size: later("--http2-max-header-list-size", PLAIN),
};

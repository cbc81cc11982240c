import { type Answers, instead, later, never, same } from "./answer.ts";

const PLAIN =
  "corn promises HTTP/1.1 only; let a proxy in front speak the newer ones";

/** Gunicorn's section "SSL". */
export const ssl: Answers = {
  keyfile: same(
    "--keyfile",
    "keyfile",
    "may be left out where the key is in the certificate's file",
  ),
  certfile: same(
    "--certfile",
    "certfile",
    "read again when it changes, without a reload; unix sockets stay plain",
  ),
  ssl_version: instead(
    "--ssl-version",
    "it has no effect in Gunicorn either; --tls-min-version says the oldest version",
    "tlsMinVersion",
  ),
  cert_reqs: same(
    "--cert-reqs",
    "certReqs",
    "none, optional or required, or Python's numbers",
  ),
  ca_certs: same("--ca-certs", "caCerts"),
  suppress_ragged_eofs: never(
    "--suppress-ragged-eofs",
    "a connection that ends without close_notify is a client that left, and no error",
  ),
  do_handshake_on_connect: never(
    "--do-handshake-on-connect",
    "handshakes are made as their bytes come, and hold no worker up; --header-timeout ends those that do not come",
  ),
  ciphers: same(
    "--ciphers",
    "ciphers",
    "unset it is the runtime's own list",
  ),
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

import { type Answers, instead, never, same } from "./answer.ts";

const PARSER =
  "how strictly requests are read is up to the runtime's HTTP server, and no setting of corn loosens it";

/** Gunicorn's section "Server Mechanics". */
export const mechanics: Answers = {
  preload_app: never(
    "--preload",
    "there is no fork that copies memory: each worker loads the app itself; --check-config tries it, and a reload takes nothing away before a new worker is ready",
  ),
  sendfile: never(
    "--no-sendfile",
    "how a file gets to the client is up to the runtime",
  ),
  reuse_port: same(
    "--reuse-port",
    "reusePort",
    "unset, the runtime decides; the arbiter holds the sockets of all workers, so that a worker's end resets nothing that waits",
  ),
  chdir: same("--chdir", "chdir"),
  daemon: same(
    "-D --daemon",
    "daemon",
    "the command returns when all workers are ready, or with the exit code and the log of what failed; refused without --error-logfile and under a service manager",
  ),
  raw_env: same(
    "-e --env",
    "env",
    "a list or an object in the config file; for the app alone, not for corn's own settings",
  ),
  pidfile: same("-p --pid", "pid"),
  worker_tmp_dir: never(
    "--worker-tmp-dir",
    "a worker's sign of life is a message, not a file",
  ),
  user: same(
    "-u --user",
    "user",
    "the group is that user's own unless --group names one",
  ),
  group: same("-g --group", "group"),
  umask: same(
    "-m --umask",
    "umask",
    "unset, the one corn was started with; digits are always octal; unix sockets go by --unix-mode",
  ),
  initgroups: same("--initgroups", "initgroups"),
  tmp_upload_dir: never(
    "",
    "corn writes no uploads to disk, the app gets the body as a stream",
  ),
  secure_scheme_headers: same(
    "",
    "secureSchemeHeaders",
    "there is a flag for it too; values are compared without regard to case, and several in one header must agree",
  ),
  forwarded_allow_ips: same(
    "--forwarded-allow-ips",
    "forwardedAllowIps",
    "unix sockets are trusted by the word unix, which the default has; X-Forwarded-For of a trusted peer tells the client's address too, see [Behind a proxy](proxies.md)",
  ),
  pythonpath: never(
    "--pythonpath",
    "modules are found as the runtime finds them: node_modules, or an import map in deno.json",
  ),
  paste: never("--paste --paster", "it belongs to Python"),
  raw_paste_global_conf: never("--paste-global", "it belongs to Python"),
  proxy_protocol: same(
    "--proxy-protocol",
    "proxyProtocol",
    "the flag needs its value, where Gunicorn's bare one means auto; a connection that does not begin with a header is closed",
  ),
  proxy_allow_ips: same(
    "--proxy-allow-from",
    "proxyAllowFrom",
    "unix sockets are in the list by name, and the connections of others are closed",
  ),
  protocol: never(
    "--protocol",
    "corn speaks HTTP only; use proxy_pass in nginx",
  ),
  uwsgi_allow_ips: never(
    "--uwsgi-allow-from",
    "corn speaks HTTP only; use proxy_pass in nginx",
  ),
  permit_obsolete_folding: never("--permit-obsolete-folding", PARSER),
  strip_header_spaces: never("--strip-header-spaces", PARSER),
  permit_unconventional_http_method: never(
    "--permit-unconventional-http-method",
    PARSER,
  ),
  permit_unconventional_http_version: never(
    "--permit-unconventional-http-version",
    PARSER,
  ),
  casefold_http_method: never("--casefold-http-method", PARSER),
  forwarder_headers: never(
    "--forwarder-headers",
    "a request's headers do not become variables, so X_Y and X-Y stay two headers; --base-path says what SCRIPT_NAME did, and --forwarded-headers which headers are believed",
  ),
  header_map: never(
    "--header-map",
    "a request's headers do not become variables, so X_Y and X-Y stay two headers",
  ),
  root_path: same(
    "--root-path",
    "basePath",
    "also by SCRIPT_NAME; the app sees what follows it, and another path gets 404",
  ),
};

/** Gunicorn's section "Process Naming". */
export const processNaming: Answers = {
  proc_name: same(
    "-n --name",
    "name",
    "not on Bun, which cannot set it",
  ),
  default_proc_name: never("", "it is a value inside Gunicorn, nobody sets it"),
};

/** Gunicorn's section "Control". */
export const control: Answers = {
  control_socket: same(
    "--control-socket",
    "control",
    "HTTP and JSON in place of a protocol of its own; named after the pid, so that several corns of a user are told apart",
  ),
  control_socket_mode: same("--control-socket-mode", "controlMode"),
  control_socket_disable: instead(
    "--no-control-socket",
    "--control off",
    "control",
  ),
};

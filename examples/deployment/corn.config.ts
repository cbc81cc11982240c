import type { CornConfig } from "corn";

/** gunicorn.conf.py, rewritten; systemd opens the sockets, as it did. */
export default {
  app: "app.ts",
  // For health checks from this machine, and for nginx.
  bind: ["127.0.0.1:8000", "unix:/run/shop.sock"],
  unixOwner: "www-data",
  workers: 4,
  // Silence of the event loop; a slow request is --request-timeout's.
  timeout: 60,
  requestTimeout: 60,
  gracefulTimeout: 30,
  // Longer than nginx keeps an idle connection, so that nginx closes it.
  keepAlive: 75,
  maxRequests: 10_000,
  maxRequestsJitter: 1000,
  limitRequestLine: 8190,
  name: "shop",
  umask: 0o027,
  // nginx comes by the unix socket; nobody else is believed.
  forwardedAllowIps: "unix",
  accessLogfile: "/var/log/shop/access.log",
  errorLogfile: "/var/log/shop/error.log",
  logLevel: "info",
  captureOutput: true,
  statsdHost: "127.0.0.1:8125",
  statsdPrefix: "shop",
  whenReady(server) {
    server.log.info("shop is open");
  },
} satisfies CornConfig;

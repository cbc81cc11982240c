import * as Sentry from "@sentry/bun";

Sentry.init({ dsn: process.env.SENTRY_DSN, tracesSampleRate: 1.0 });

// What it holds back is lost otherwise with the process, as without corn.
process.on("SIGTERM", () => Sentry.close(2000));

/**
 * Files of a folder, by Hono's helper of the runtime that serves. In an app for
 * one runtime a plain import does.
 *
 *     corn examples/static.ts
 */
import { Hono } from "hono";
import process from "node:process";

const { serveStatic } = process.versions.bun
  ? await import("hono/bun")
  : process.versions.deno
  ? await import("hono/deno")
  : await import("@hono/node-server/serve-static");

const app = new Hono();
app.use("/*", serveStatic({ root: `${import.meta.dirname}/public` }));

export default app;

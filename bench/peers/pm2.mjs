/** An app for PM2's cluster mode, which starts JavaScript alone; its environment names app and port. */
import process from "node:process";
import { serve } from "@hono/node-server";

const { APP = "", PORT } = process.env;
const { fetch } = (await import(APP)).default;
serve({ fetch, hostname: "127.0.0.1", port: Number(PORT) });

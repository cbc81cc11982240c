/** The smallest app: what the README shows. */
import { Hono } from "hono";

const app = new Hono();
app.get("/", (c) => c.text("Hello from corn\n"));

export default app;

/** A Hono app with one route. */
import { Hono } from "hono";

const app: Hono = new Hono();
app.get("/", (context) => context.text("Hello World"));

export default app;

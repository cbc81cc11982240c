/**
 * Express 5: an Express app is a Node listener, `(req, res)`, and is exported as
 * it is.
 *
 *     corn examples/express.ts
 */
import express from "express";
import type { IncomingMessage, ServerResponse } from "node:http";

interface Request extends IncomingMessage {
  readonly body: unknown;
  readonly params: Readonly<Record<string, string>>;
}
interface Response extends ServerResponse {
  json(value: unknown): void;
}

const app = express();
app.use(express.json());

app.get("/", (_req: Request, res: Response) => {
  res.json({ hello: "Express" });
});

app.get("/users/:name", (req: Request, res: Response) => {
  res.json({ name: req.params.name });
});

app.post("/echo", (req: Request, res: Response) => {
  res.json(req.body);
});

app.get("/error", () => {
  throw new Error("thrown in Express");
});

export default app;

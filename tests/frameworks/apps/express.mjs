import express from "express";
import multer from "multer";
import { WebSocketServer } from "ws";
import { parts, slowly } from "./parts.mjs";

const app = express();
const upload = multer();
const port = 3000;

app.get("/", (_req, res) => {
  res.send("hello");
});
app.get("/stream", async (_req, res) => {
  for await (const part of parts()) res.write(part);
  res.end();
});
app.post("/upload", upload.single("file"), (req, res) => {
  res.send(String(req.file.size));
});
app.get("/slow", async (_req, res) => {
  res.send(await slowly());
});

const server = app.listen(port, () => {
  console.log(`Example app listening on port ${port}`);
});

const wss = new WebSocketServer({ server, path: "/ws" });
wss.on("connection", (ws) => {
  ws.on("message", (data) => ws.send(data.toString()));
});

import { Application, Router } from "@oakserver/oak";
import { partStream, slowly } from "./parts.mjs";

const router = new Router();
router.get("/", (ctx) => {
  ctx.response.body = "hello";
});
router.get("/stream", (ctx) => {
  ctx.response.body = partStream();
});
router.post("/upload", async (ctx) => {
  const bytes = await ctx.request.body.arrayBuffer();
  ctx.response.body = String(bytes.byteLength);
});
router.get("/slow", async (ctx) => {
  ctx.response.body = await slowly();
});

const app = new Application();
app.use(router.routes());
app.use(router.allowedMethods());

app.listen({ port: 8000 });

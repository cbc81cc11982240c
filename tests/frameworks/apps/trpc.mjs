import { initTRPC } from "@trpc/server";
import { createHTTPServer } from "@trpc/server/adapters/standalone";
import { parts, slowly } from "./parts.mjs";

const t = initTRPC.create();

const appRouter = t.router({
  hello: t.procedure.query(() => "hello"),
  parts: t.procedure.subscription(async function* () {
    yield* parts();
  }),
  upload: t.procedure
    .input((input) => input)
    .mutation(({ input }) => input.get("file").size),
  slow: t.procedure.query(() => slowly()),
});

createHTTPServer({ router: appRouter }).listen(3000);

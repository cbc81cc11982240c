/**
 * corn from within a program, which starts it, asks it and stops it. Where the
 * package is installed, import from "corn".
 *
 *     node examples/program.ts
 */
import { serve } from "../mod.ts";

const server = await serve({
  app: `${import.meta.dirname}/hello.ts`,
  bind: ["127.0.0.1:0"],
  workers: 2,
});
const [address] = server.addresses;
const answer = await fetch(`${address}/`);
console.log(await answer.text());

for (const { slot, pid, phase } of server.workers()) {
  console.log(`Worker ${slot} is ${phase}, pid ${pid}`);
}

await server.reload();
await server.stop("quick");

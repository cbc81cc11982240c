import * as assert from "uvu/assert";
import { curl, get } from "../support/curl.ts";
import { fixture, promises } from "../support/promise.ts";

const hono = promises("Hono");

hono("its helpers work as they are", async ({ start }) => {
  const server = await start({ app: fixture("hono.ts"), args: ["-w", "1"] });
  const { url } = server;
  const remote = JSON.parse(await get(`${url}/address`));
  assert.is(remote.address, "127.0.0.1", "getConnInfo");
  assert.type(remote.port, "number");

  const file = await curl(`${url}/static/file.txt`);
  assert.is(file.body, "a static file\n", "serveStatic");
  assert.match(file.head, /content-type: text\/plain/i);
  assert.is((await curl(`${url}/static/missing.txt`)).status, 404);

  assert.is(await get(`${url}/stream`), "one\ntwo\nthree\n");
  const events = await curl(`${url}/events`);
  assert.match(events.head, /content-type: text\/event-stream/i);
  assert.is(events.body, "event: tick\ndata: 1\n\nevent: tick\ndata: 2\n\n");
  assert.is((await curl(`${url}/error`)).status, 500);

  assert.is(await get(`${url}/held`), "held\n");
  assert.is((await server.stop()).code, 0);
  assert.match(server.log(), "held to the end", "c.executionCtx.waitUntil");
});

hono.run();

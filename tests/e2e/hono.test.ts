import * as assert from "../support/assert.ts";
import { curl, get } from "../support/client/curl.ts";
import { runtimeName } from "../support/process/command.ts";
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

  const found = await curl(`${url}/found/file.txt`);
  assert.is(found.body, "a static file\n", "onFound");
  assert.match(found.head, /cache-control: public, max-age=3600/i);
  const paths = ["/secure/moved"];
  // Deno's own have headers that nobody can change (2.9.6).
  if (runtimeName !== "deno") paths.push("/secure/redirect");
  for (const path of paths) {
    const moved = await curl(`${url}${path}`);
    assert.is(moved.status, 302, path);
    assert.match(moved.head, /location: \S*\/else/i, path);
    assert.match(moved.head, /x-frame-options: SAMEORIGIN/i, path);
    assert.match(moved.head, /server-timing: total/i, path);
  }

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
